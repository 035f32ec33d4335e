// AttentionNarrow+Packing: how rows of narrow heads come into a worker's scratch, and gradients out.
// Keys and values are turned, a lane for each; queries stay rows, whose numbers are broadcast.
import Kernels

/// Where a narrow piece keeps its parts.
struct NarrowScratch {
  /// Vectors of keys held at once.
  let blocks: Int
  let keys: Int
  let values: Int
  let keyGradients: Int
  let valueGradients: Int
  let queries: Int
  let arriving: Int
  let queryGradients: Int
  let rows: Int
  let weights: Int
  let byScores: Int
  let total: AttentionScratch

  init(_ sizes: AttentionSizes, _ split: BackwardSplit) {
    let (tile, width) = (AttentionTile.queries, AttentionNarrow.width)
    blocks = (min(split.rangeKeys, max(sizes.keys, 1)) + lanes - 1) / lanes
    var scratch = AttentionScratch()
    keys = scratch.take(blocks * lanes * width)
    values = scratch.take(blocks * lanes * width)
    keyGradients = scratch.take(blocks * lanes * width)
    valueGradients = scratch.take(blocks * lanes * width)
    queries = scratch.take(tile * width)
    arriving = scratch.take(tile * width)
    queryGradients = scratch.take(tile * width)
    rows = scratch.take(3 * tile)
    weights = scratch.take(tile * lanes)
    byScores = scratch.take(blocks * AttentionNarrow.blockRows * lanes)
    total = scratch
  }
}

extension AttentionNarrow {
  /// Turns keys and values, so that each has a lane.
  func pack(
    _ scratch: UnsafeMutablePointer<Float>, owner: Int, key: Int, count: Int
  ) {
    let (operands, sizes) = (backward.operands, backward.sizes)
    let (keyRow, valueRow) = (operands.key.rowStride, operands.value.rowStride)
    let keys =
      operands.key.place.pointer
      + (backward.owners.offset(owner, operands.key.strides) &+ key &* keyRow)
    let values =
      operands.value.place.pointer
      + (backward.owners.offset(owner, operands.value.strides) &+ key &* valueRow)
    let block = lanes &* AttentionNarrow.width
    var start = 0
    while start < count {
      let left = count &- start
      let rows = left < lanes ? left : lanes
      let place = start &* AttentionNarrow.width
      AttentionTile.turn(
        keys + start &* keyRow, row: keyRow, rows: rows, width: sizes.width, factor: 1,
        into: scratch + (parts.keys &+ place), tile: lanes)
      AttentionTile.clear(
        scratch + (parts.keys &+ place &+ sizes.width &* lanes),
        count: block &- sizes.width &* lanes)
      AttentionTile.turn(
        values + start &* valueRow, row: valueRow, rows: rows, width: sizes.valueWidth,
        factor: 1, into: scratch + (parts.values &+ place), tile: lanes)
      AttentionTile.clear(
        scratch + (parts.values &+ place &+ sizes.valueWidth &* lanes),
        count: block &- sizes.valueWidth &* lanes)
      start &+= lanes
    }
  }

  /// Packs the queries of a tile and what arrives for them.
  func prepare(_ scratch: UnsafeMutablePointer<Float>, entry: Int, query: Int) {
    let (operands, arriving, sizes) = (backward.operands, backward.arriving, backward.sizes)
    let (tile, width) = (AttentionTile.queries, AttentionNarrow.width)
    let left = sizes.queries &- query
    let rows = left < tile ? left : tile
    let sourceRow = operands.query.rowStride
    AttentionNarrow.pack(
      operands.query.place.pointer
        + (backward.entries.offset(entry, operands.query.strides) &+ query &* sourceRow),
      row: sourceRow, rows: rows, width: sizes.width,
      factor: sizes.scoreFactor(operands.options), into: scratch + parts.queries)
    let gradientRow = arriving.gradient.rowStride
    let gradient =
      arriving.gradient.place.pointer
      + (backward.entries.offset(entry, arriving.gradient.strides) &+ query &* gradientRow)
    AttentionNarrow.pack(
      gradient, row: gradientRow, rows: rows, width: sizes.valueWidth, factor: 1,
      into: scratch + parts.arriving)
    let outputRow = arriving.output.rowStride
    let output =
      arriving.output.place.pointer
      + (backward.entries.offset(entry, arriving.output.strides) &+ query &* outputRow)
    let sums = arriving.rowSums.pointer + (entry &* sizes.queries &+ query)
    let numbers = scratch + parts.rows
    var row = 0
    while row < rows {
      let packed = scratch + (parts.arriving &+ row &* width)
      let from = output + row &* outputRow
      var sum: Float = 0
      if sizes.valueWidth == width {
        sum = (AttentionNarrow.eight(from) * AttentionNarrow.eight(packed)).total
      } else {
        var index = 0
        while index < sizes.valueWidth {
          sum += from[index] * packed[index]
          index &+= 1
        }
      }
      // Σ weights · gradient of the weights equals Σ output · gradient of the output.
      numbers[tile &+ row] = sum
      numbers[2 &* tile &+ row] = sums[row]
      row &+= 1
    }
    // An odd last row is done with one that gives nothing.
    if rows < tile {
      numbers[tile &+ rows] = 0
      numbers[2 &* tile &+ rows] = .infinity
      AttentionTile.clear(scratch + (parts.queries &+ rows &* width), count: width)
      AttentionTile.clear(scratch + (parts.arriving &+ rows &* width), count: width)
    }
  }

  @inline(__always)
  static func eight(_ source: UnsafeMutablePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(source).loadUnaligned(as: SIMD8<Float>.self)
  }

  /// Copies rows times a factor, padded with zeros.
  private static func pack(
    _ source: UnsafeMutablePointer<Float>, row sourceRow: Int, rows: Int, width: Int,
    factor: Float, into target: UnsafeMutablePointer<Float>
  ) {
    var row = 0
    if width == AttentionNarrow.width {
      let factors = SIMD8<Float>(repeating: factor)
      while row < rows {
        UnsafeMutableRawPointer(target + row &* width).storeBytes(
          of: eight(source + row &* sourceRow) * factors, as: SIMD8<Float>.self)
        row &+= 1
      }
      return
    }
    while row < rows {
      let from = source + row &* sourceRow
      let to = target + row &* AttentionNarrow.width
      var index = 0
      while index < width {
        to[index] = from[index] * factor
        index &+= 1
      }
      while index < AttentionNarrow.width {
        to[index] = 0
        index &+= 1
      }
      row &+= 1
    }
  }

  /// Writes the gradients by the keys and values of a range.
  func finish(
    _ scratch: UnsafeMutablePointer<Float>, owner: Int, key: Int, count: Int
  ) {
    let (leaving, sizes) = (backward.leaving, backward.sizes)
    // The packed queries carry the factor of the scores, a power of two's.
    let byKeys = scratch + parts.rows
    let tile = AttentionTile.queries
    byKeys.update(repeating: 0.693_147_180_559_945_3, count: lanes)
    (byKeys + tile).update(repeating: 1, count: lanes)
    let (keyRow, valueRow) = (leaving.key.rowStride, leaving.value.rowStride)
    let keys =
      leaving.key.place.pointer
      + (backward.owners.offset(owner, leaving.key.strides) &+ key &* keyRow)
    let values =
      leaving.value.place.pointer
      + (backward.owners.offset(owner, leaving.value.strides) &+ key &* valueRow)
    var start = 0
    while start < count {
      let left = count &- start
      let rows = left < lanes ? left : lanes
      let place = start &* AttentionNarrow.width
      AttentionTile.turnBack(
        scratch + (parts.keyGradients &+ place), factors: byKeys, rows: rows,
        width: sizes.width, into: keys + start &* keyRow, row: keyRow, tile: lanes)
      AttentionTile.turnBack(
        scratch + (parts.valueGradients &+ place), factors: byKeys + tile, rows: rows,
        width: sizes.valueWidth, into: values + start &* valueRow, row: valueRow, tile: lanes)
      start &+= lanes
    }
  }
}
