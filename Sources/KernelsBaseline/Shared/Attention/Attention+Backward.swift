// Attention+Backward: gradients of attention, with the weights made again from the rows' sums.
// A piece owns some keys of an entry, so that their gradients are summed by one worker, in order.
import Kernels

extension SIMDKernels {
  package static func attentionGradientWorkspace(_ sizes: AttentionSizes) -> KernelWorkspace {
    let split = BackwardSplit(sizes)
    return KernelWorkspace(
      shared: split.partialCount(sizes) * MemoryLayout<Float>.stride,
      scratch: max(
        BackwardScratch(sizes, split).total.bytes,
        AttentionNarrow.fits(sizes) ? NarrowScratch(sizes, split).total.bytes : 0))
  }

  package static func attentionGradient(
    _ operands: AttentionOperands, arriving: AttentionArriving, leaving: AttentionLeaving,
    shared: UnsafeMutableRawPointer
  ) -> [KernelJob] {
    let sizes = operands.sizes(shared: leaving.shared)
    let partial = Place(shared.assumingMemoryBound(to: Float.self))
    let backward = AttentionBackward(
      operands, arriving: arriving, leaving: leaving, sizes: sizes, partial: partial)
    if AttentionNarrow.fits(sizes), operands.mask == nil, operands.bias == nil {
      return AttentionNarrow(backward).jobs
    }
    var jobs = [
      KernelJob(pieces: backward.pieces) { piece, scratch in backward.run(piece, scratch) }
    ]
    if backward.split.usesPartial {
      jobs.append(
        KernelJob(pieces: backward.entries.count * sizes.tiles) { piece, scratch in
          backward.gather(piece, scratch)
        })
    }
    if let bias = leaving.bias {
      let byBias = AttentionBiasGradient(backward, bias)
      jobs.append(
        KernelJob(pieces: byBias.pieces) { piece, scratch in byBias.run(piece, scratch) })
    }
    return jobs
  }

  package static func attentionGradientMultiplyAdds(
    _ sizes: AttentionSizes, byBias: Bool
  ) -> Int {
    let (width, valueWidth) = (sizes.width, sizes.valueWidth)
    return sizes.scoredPairs
      * (3 * width + 2 * valueWidth + (byBias ? width + valueWidth : 0))
  }
}

/// How the keys of an entry are divided.
struct BackwardSplit: Sendable {
  /// Pieces of an entry's keys, each done by one worker.
  let pieces: Int
  /// Keys of a piece.
  let pieceKeys: Int
  /// Keys whose gradients are held at once.
  let rangeKeys: Int

  init(_ sizes: AttentionSizes) {
    let block = AttentionTile.keys
    let blocks = max(1, (sizes.keys + block - 1) / block)
    let entries = max(1, sizes.keyEntries)
    let wanted = min(blocks, max(1, (32 + entries - 1) / entries))
    let each = (blocks + wanted - 1) / wanted
    pieces = (blocks + each - 1) / each
    pieceKeys = each * block
    // Keys, values and their gradients stay in the second cache.
    let width = max(1, sizes.width + sizes.valueWidth)
    let held = max(1, 65_536 / (2 * width) / block)
    rangeKeys = min(each, held) * block
  }

  /// True when the gradient by the queries is summed from several ranges of keys.
  var usesPartial: Bool { pieces > 1 || pieceKeys > rangeKeys }

  func partialCount(_ sizes: AttentionSizes) -> Int {
    guard usesPartial else { return 0 }
    return pieces * sizes.entries * sizes.tiles * AttentionTile.queries
      * max(sizes.width, AttentionNarrow.fits(sizes) ? AttentionNarrow.width : 0)
  }
}

/// Where a backward piece keeps its parts.
struct BackwardScratch: Sendable {
  let keyRow: Int
  let valueRow: Int
  let keys: Int
  let values: Int
  let keyGradients: Int
  let valueGradients: Int
  let turnedQueries: Int
  let turnedArriving: Int
  let queries: Int
  let arriving: Int
  let queryGradients: Int
  let rows: Int
  let scores: Int
  let byWeights: Int
  let total: AttentionScratch

  init(_ sizes: AttentionSizes, _ split: BackwardSplit) {
    let tile = AttentionTile.queries
    keyRow = PanelProduct.padded(sizes.width)
    valueRow = PanelProduct.padded(sizes.valueWidth)
    let held = min(split.rangeKeys, max(sizes.keys, 1))
    var scratch = AttentionScratch()
    keys = scratch.take(held * sizes.width)
    values = scratch.take(held * sizes.valueWidth)
    keyGradients = scratch.take(held * keyRow)
    valueGradients = scratch.take(held * valueRow)
    turnedQueries = scratch.take(tile * sizes.width)
    turnedArriving = scratch.take(tile * sizes.valueWidth)
    queries = scratch.take(tile * keyRow)
    arriving = scratch.take(tile * valueRow)
    queryGradients = scratch.take(tile * sizes.width)
    rows = scratch.take(3 * tile)
    scores = scratch.take(AttentionTile.keys * tile)
    byWeights = scratch.take(AttentionTile.keys * tile)
    total = scratch
  }
}

struct AttentionBackward: Sendable {
  let operands: AttentionOperands
  let arriving: AttentionArriving
  let leaving: AttentionLeaving
  let sizes: AttentionSizes
  let split: BackwardSplit
  let parts: BackwardScratch
  let entries: AttentionEntries
  /// The entries with keys of their own, and those that share them.
  let owners: AttentionEntries
  let sharers: AttentionEntries
  let partial: Place<Float>

  init(
    _ operands: AttentionOperands, arriving: AttentionArriving, leaving: AttentionLeaving,
    sizes: AttentionSizes, partial: Place<Float>
  ) {
    self.operands = operands
    self.arriving = arriving
    self.leaving = leaving
    self.sizes = sizes
    self.partial = partial
    split = BackwardSplit(sizes)
    parts = BackwardScratch(sizes, split)
    entries = AttentionEntries(sizes.leading) { _ in true }
    owners = AttentionEntries(sizes.leading) { !sizes.shared.contains($0) }
    sharers = AttentionEntries(sizes.leading) { sizes.shared.contains($0) }
  }

  var pieces: Int { owners.count * split.pieces }

  var scale: Float { Float(operands.options.factor(width: sizes.width)) }

  func run(_ piece: Int, _ raw: UnsafeMutableRawPointer) {
    let scratch = raw.assumingMemoryBound(to: Float.self)
    let (owner, part) = (piece / split.pieces, piece % split.pieces)
    let first = part &* split.pieceKeys
    let end = first &+ split.pieceKeys < sizes.keys ? first &+ split.pieceKeys : sizes.keys
    var start = first
    // Without keys one empty range still clears the gradients by the queries.
    repeat {
      let left = end &- start
      let count = left < split.rangeKeys ? left : split.rangeKeys
      runRange(scratch, owner: owner, part: part, key: start, count: count, isFirst: start == first)
      start &+= count
    } while start < end
  }

  private func runRange(
    _ scratch: UnsafeMutablePointer<Float>, owner: Int, part: Int, key: Int, count: Int,
    isFirst: Bool
  ) {
    pack(
      scratch, owners.offset(owner, operands.key.strides),
      owners.offset(owner, operands.value.strides), key: key, count: count)
    AttentionTile.clear(scratch + parts.keyGradients, count: count &* parts.keyRow)
    AttentionTile.clear(scratch + parts.valueGradients, count: count &* parts.valueRow)
    let ramp = Vector.ramp
    var sharer = 0
    while sharer < sharers.count {
      let entry = sizes.entry(owner: owner, sharer: sharer) { !sizes.shared.contains($0) }
      let cover = operands.cover(entries, entry)
      var tile = 0
      while tile < sizes.tiles {
        let query = tile &* AttentionTile.queries
        let sum =
          split.usesPartial
          ? partialSum(part: part, entry: entry, tile: tile) : scratch + parts.queryGradients
        if !split.usesPartial || isFirst {
          AttentionTile.clear(sum, count: AttentionTile.queries &* sizes.width)
        }
        let seen = sizes.visible(query: query, key: key, count: count)
        if seen > 0 {
          prepare(scratch, entry: entry, query: query)
          meet(scratch, query: query, key: key, count: seen, cover, ramp, sum)
        }
        if !split.usesPartial {
          write(sum, factors: scratch + parts.rows, entry: entry, query: query)
        }
        tile &+= 1
      }
      sharer &+= 1
    }
    let byKey = leaving.key.place.pointer + owners.offset(owner, leaving.key.strides)
    AttentionTile.unpack(
      scratch + parts.keyGradients, row: parts.keyRow, factor: scale, rows: count,
      width: sizes.width, into: byKey + key &* leaving.key.rowStride,
      row: leaving.key.rowStride)
    let byValue = leaving.value.place.pointer + owners.offset(owner, leaving.value.strides)
    AttentionTile.unpack(
      scratch + parts.valueGradients, row: parts.valueRow, factor: 1, rows: count,
      width: sizes.valueWidth, into: byValue + key &* leaving.value.rowStride,
      row: leaving.value.rowStride)
  }

  private func pack(
    _ scratch: UnsafeMutablePointer<Float>, _ keyOffset: Int, _ valueOffset: Int, key: Int,
    count: Int
  ) {
    AttentionTile.pack(
      operands.key.place.pointer + (keyOffset &+ key &* operands.key.rowStride),
      row: operands.key.rowStride, rows: count, width: sizes.width, into: scratch + parts.keys,
      row: sizes.width)
    AttentionTile.pack(
      operands.value.place.pointer + (valueOffset &+ key &* operands.value.rowStride),
      row: operands.value.rowStride, rows: count, width: sizes.valueWidth,
      into: scratch + parts.values, row: sizes.valueWidth)
  }

  /// Packs one block of an entry's keys and values.
  func packBlock(_ scratch: UnsafeMutablePointer<Float>, entry: Int, key: Int, count: Int) {
    pack(
      scratch, entries.offset(entry, operands.key.strides),
      entries.offset(entry, operands.value.strides), key: key, count: count)
  }

  /// Packs the queries of a tile and what arrives for them, once by lanes and once by rows.
  func prepare(_ scratch: UnsafeMutablePointer<Float>, entry: Int, query: Int) {
    let tile = AttentionTile.queries
    let left = sizes.queries &- query
    let rows = left < tile ? left : tile
    let sourceRow = operands.query.rowStride
    let source =
      operands.query.place.pointer
      + (entries.offset(entry, operands.query.strides) &+ query &* sourceRow)
    AttentionTile.turn(
      source, row: sourceRow, rows: rows, width: sizes.width,
      factor: sizes.scoreFactor(operands.options), into: scratch + parts.turnedQueries)
    AttentionTile.pack(
      source, row: sourceRow, rows: rows, width: sizes.width, into: scratch + parts.queries,
      row: parts.keyRow)
    AttentionTile.clear(
      scratch + (parts.queries &+ rows &* parts.keyRow), count: (tile &- rows) &* parts.keyRow)

    let gradientRow = arriving.gradient.rowStride
    let gradient =
      arriving.gradient.place.pointer
      + (entries.offset(entry, arriving.gradient.strides) &+ query &* gradientRow)
    AttentionTile.turn(
      gradient, row: gradientRow, rows: rows, width: sizes.valueWidth, factor: 1,
      into: scratch + parts.turnedArriving)
    AttentionTile.pack(
      gradient, row: gradientRow, rows: rows, width: sizes.valueWidth,
      into: scratch + parts.arriving, row: parts.valueRow)
    AttentionTile.clear(
      scratch + (parts.arriving &+ rows &* parts.valueRow), count: (tile &- rows) &* parts.valueRow)

    // Σ weights · gradient of the weights equals Σ output · gradient of the output (Dao 2022, B.2).
    let outputRow = arriving.output.rowStride
    let output =
      arriving.output.place.pointer
      + (entries.offset(entry, arriving.output.strides) &+ query &* outputRow)
    let sums = scratch + parts.rows
    (sums + tile).update(repeating: 0, count: tile)
    AttentionTile.dots(
      output, row: outputRow, gradient, row: gradientRow, rows: rows, width: sizes.valueWidth,
      into: sums + tile)
    // Lanes without a query have weights of zero.
    (sums + 2 &* tile).update(repeating: .infinity, count: tile)
    (sums + 2 &* tile).update(
      from: arriving.rowSums.pointer + (entry &* sizes.queries &+ query), count: rows)
  }

  /// Adds what a tile of queries and some keys give to one another's gradients.
  private func meet(
    _ scratch: UnsafeMutablePointer<Float>, query: Int, key: Int, count: Int,
    _ cover: AttentionCover, _ ramp: Vector, _ byQuery: UnsafeMutablePointer<Float>
  ) {
    let tile = AttentionTile.queries
    let (scores, byScores) = (scratch + parts.scores, scratch + parts.byWeights)
    var start = 0
    while start < count {
      let left = count &- start
      let keys = left < AttentionTile.keys ? left : AttentionTile.keys
      weigh(
        scratch, query: query, key: key &+ start, packed: start, count: keys, cover, ramp)
      PanelProduct(
        a: scratch + (parts.keys &+ start &* sizes.width), aRow: 1, aStep: sizes.width,
        b: byScores, bRow: tile, c: byQuery, cRow: tile, depth: keys, accumulates: true
      ).run(rows: sizes.width, columns: tile)
      PanelProduct(
        a: scores, aRow: tile, aStep: 1, b: scratch + parts.arriving, bRow: parts.valueRow,
        c: scratch + (parts.valueGradients &+ start &* parts.valueRow), cRow: parts.valueRow,
        depth: tile, accumulates: true
      ).run(rows: keys, columns: parts.valueRow)
      PanelProduct(
        a: byScores, aRow: tile, aStep: 1, b: scratch + parts.queries, bRow: parts.keyRow,
        c: scratch + (parts.keyGradients &+ start &* parts.keyRow), cRow: parts.keyRow,
        depth: tile, accumulates: true
      ).run(rows: keys, columns: parts.keyRow)
      start &+= keys
    }
  }

  /// Makes the weights of a block, `[keys][tile]`, and the gradient by its masked scores.
  func weigh(
    _ scratch: UnsafeMutablePointer<Float>, query: Int, key: Int, packed: Int, count: Int,
    _ cover: AttentionCover, _ ramp: Vector
  ) {
    let tile = AttentionTile.queries
    let (scores, byScores) = (scratch + parts.scores, scratch + parts.byWeights)
    PanelProduct(
      a: scratch + (parts.keys &+ packed &* sizes.width), aRow: sizes.width, aStep: 1,
      b: scratch + parts.turnedQueries, bRow: tile, c: scores, cRow: tile, depth: sizes.width,
      accumulates: false
    ).run(rows: count, columns: tile)
    let left = sizes.queries &- query
    cover.apply(
      scores, query: query, rows: left < tile ? left : tile, key: key, keys: count, ramp: ramp)
    PanelProduct(
      a: scratch + (parts.values &+ packed &* sizes.valueWidth), aRow: sizes.valueWidth,
      aStep: 1, b: scratch + parts.turnedArriving, bRow: tile, c: byScores, cRow: tile,
      depth: sizes.valueWidth, accumulates: false
    ).run(rows: count, columns: tile)
    let rows = scratch + parts.rows
    let (dot0, dot1) = (rows.vector(at: tile), rows.vector(at: tile &+ lanes))
    let (sum0, sum1) = (rows.vector(at: 2 &* tile), rows.vector(at: 2 &* tile &+ lanes))
    var place = 0
    let end = count &* tile
    while place < end {
      let weight0 = Vector.powerOfTwo(scores.vector(at: place) - sum0)
      let weight1 = Vector.powerOfTwo(scores.vector(at: place &+ lanes) - sum1)
      scores.store(weight0, at: place)
      scores.store(weight1, at: place &+ lanes)
      byScores.store(weight0 * (byScores.vector(at: place) - dot0), at: place)
      byScores.store(weight1 * (byScores.vector(at: place &+ lanes) - dot1), at: place &+ lanes)
      place &+= tile
    }
  }

  /// Where a piece sums the gradients by a tile of queries, `[width][tile]`.
  @inline(__always)
  private func partialSum(part: Int, entry: Int, tile: Int) -> UnsafeMutablePointer<Float> {
    let place = (part &* entries.count &+ entry) &* sizes.tiles &+ tile
    return partial.pointer + place &* AttentionTile.queries &* sizes.width
  }

  /// Writes the gradients by a tile of queries; `factors` has room for as many numbers.
  private func write(
    _ sum: UnsafeMutablePointer<Float>, factors: UnsafeMutablePointer<Float>, entry: Int,
    query: Int
  ) {
    let tile = AttentionTile.queries
    factors.update(repeating: scale, count: tile)
    let left = sizes.queries &- query
    let target = leaving.query.place.pointer + entries.offset(entry, leaving.query.strides)
    AttentionTile.turnBack(
      sum, factors: factors, rows: left < tile ? left : tile, width: sizes.width,
      into: target + query &* leaving.query.rowStride, row: leaving.query.rowStride)
  }

  /// Sums what all pieces of an entry found for a tile of queries, in their order.
  func gather(_ piece: Int, _ raw: UnsafeMutableRawPointer) {
    let scratch = raw.assumingMemoryBound(to: Float.self)
    let (entry, tile) = (piece / sizes.tiles, piece % sizes.tiles)
    let sum = scratch + parts.queryGradients
    let count = AttentionTile.queries &* sizes.width
    sum.update(from: partialSum(part: 0, entry: entry, tile: tile), count: count)
    var part = 1
    while part < split.pieces {
      let other = partialSum(part: part, entry: entry, tile: tile)
      var place = 0
      while place < count {
        sum.store(sum.vector(at: place) + other.vector(at: place), at: place)
        place &+= lanes
      }
      part &+= 1
    }
    write(sum, factors: scratch + parts.rows, entry: entry, query: tile &* AttentionTile.queries)
  }
}
