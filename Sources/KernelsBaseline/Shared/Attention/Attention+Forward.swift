// Attention+Forward: blocks of queries against blocks of keys, with a softmax that keeps up.
// Backward is in Attention+Backward.swift; both are made of PanelProduct.
import Kernels

extension SIMDKernels: AttentionKernels {
  package static func attentionWorkspace(_ sizes: AttentionSizes) -> KernelWorkspace {
    KernelWorkspace(scratch: ForwardScratch(sizes).total.bytes)
  }

  package static func attention(
    _ operands: AttentionOperands, output: PlacedTensor<Float>, rowSums: Place<Float>?
  ) -> [KernelJob] {
    let forward = AttentionForward(operands, output: output, rowSums: rowSums)
    return [
      KernelJob(pieces: forward.pieces) { piece, scratch in forward.run(piece, scratch) }
    ]
  }

  package static func attentionMultiplyAdds(_ sizes: AttentionSizes) -> Int {
    sizes.scoredPairs * (sizes.width + sizes.valueWidth)
  }
}

/// Where a forward piece keeps its parts.
private struct ForwardScratch {
  /// Tiles of queries that share the packed keys.
  let tiles: Int
  let keys: Int
  let values: Int
  let scores: Int
  let queries: Int
  let mixed: Int
  let rows: Int
  let total: AttentionScratch

  init(_ sizes: AttentionSizes) {
    // Enough pieces for many threads, but each with enough queries to pay for packing the keys.
    let perEntry = (64 + max(sizes.entries, 1) - 1) / max(sizes.entries, 1)
    tiles = min(8, max(1, (sizes.tiles + perEntry - 1) / perEntry))
    let tile = AttentionTile.queries
    var scratch = AttentionScratch()
    keys = scratch.take(AttentionTile.keys * sizes.width)
    values = scratch.take(AttentionTile.keys * sizes.valueWidth)
    scores = scratch.take(AttentionTile.keys * tile)
    queries = scratch.take(tiles * tile * sizes.width)
    mixed = scratch.take(tiles * tile * sizes.valueWidth)
    rows = scratch.take(tiles * 2 * tile)
    total = scratch
  }
}

private struct AttentionForward: Sendable {
  let operands: AttentionOperands
  let output: PlacedTensor<Float>
  let rowSums: Place<Float>?
  let sizes: AttentionSizes
  let entries: AttentionEntries
  let parts: ForwardScratch
  /// Blocks of queries in an entry.
  let blocks: Int

  init(_ operands: AttentionOperands, output: PlacedTensor<Float>, rowSums: Place<Float>?) {
    self.operands = operands
    self.output = output
    self.rowSums = rowSums
    sizes = operands.sizes()
    entries = AttentionEntries(sizes.leading) { _ in true }
    parts = ForwardScratch(sizes)
    blocks = (sizes.tiles + parts.tiles - 1) / parts.tiles
  }

  var pieces: Int { entries.count * blocks }

  func run(_ piece: Int, _ raw: UnsafeMutableRawPointer) {
    let scratch = raw.assumingMemoryBound(to: Float.self)
    let entry = piece / blocks
    // Later queries see more keys: the longest pieces go first.
    let firstTile = (blocks &- 1 &- piece % blocks) &* parts.tiles
    let rest = sizes.tiles &- firstTile
    let tiles = rest < parts.tiles ? rest : parts.tiles
    prepare(scratch, entry: entry, firstTile: firstTile, tiles: tiles)
    let cover = operands.cover(entries, entry)
    let key = operands.key.place.pointer + entries.offset(entry, operands.key.strides)
    let value = operands.value.place.pointer + entries.offset(entry, operands.value.strides)
    let ramp = Vector.ramp
    var start = 0
    while start < sizes.keys {
      let left = sizes.keys &- start
      let count = left < AttentionTile.keys ? left : AttentionTile.keys
      let last = (firstTile &+ tiles &- 1) &* AttentionTile.queries
      if sizes.visible(query: last, key: start, count: count) == 0 { break }
      let first = firstTile &* AttentionTile.queries
      let rows = min(tiles &* AttentionTile.queries, sizes.queries &- first)
      if cover.hidesAll(query: first, rows: rows, key: start, keys: count) {
        start &+= count
        continue
      }
      AttentionTile.pack(
        key + start &* operands.key.rowStride, row: operands.key.rowStride, rows: count,
        width: sizes.width, into: scratch + parts.keys, row: sizes.width)
      AttentionTile.pack(
        value + start &* operands.value.rowStride, row: operands.value.rowStride, rows: count,
        width: sizes.valueWidth, into: scratch + parts.values, row: sizes.valueWidth)
      var tile = 0
      while tile < tiles {
        let query = (firstTile &+ tile) &* AttentionTile.queries
        let seen = sizes.visible(query: query, key: start, count: count)
        if seen > 0 {
          meet(scratch, tile: tile, query: query, key: start, count: seen, cover, ramp)
        }
        tile &+= 1
      }
      start &+= count
    }
    finish(scratch, entry: entry, firstTile: firstTile, tiles: tiles)
  }

  private func prepare(
    _ scratch: UnsafeMutablePointer<Float>, entry: Int, firstTile: Int, tiles: Int
  ) {
    let tileSize = AttentionTile.queries
    let source = operands.query.place.pointer + entries.offset(entry, operands.query.strides)
    let factor = sizes.scoreFactor(operands.options)
    var tile = 0
    while tile < tiles {
      let query = (firstTile &+ tile) &* tileSize
      let left = sizes.queries &- query
      AttentionTile.turn(
        source + query &* operands.query.rowStride, row: operands.query.rowStride,
        rows: left < tileSize ? left : tileSize, width: sizes.width, factor: factor,
        into: scratch + (parts.queries &+ tile &* tileSize &* sizes.width))
      let rows = scratch + (parts.rows &+ tile &* 2 &* tileSize)
      rows.update(repeating: AttentionTile.lowest, count: tileSize)
      (rows + tileSize).update(repeating: 0, count: tileSize)
      tile &+= 1
    }
    AttentionTile.clear(
      scratch + parts.mixed, count: tiles &* tileSize &* sizes.valueWidth)
  }

  /// Mixes some values into the results of a tile of queries.
  private func meet(
    _ scratch: UnsafeMutablePointer<Float>, tile: Int, query: Int, key: Int, count: Int,
    _ cover: AttentionCover, _ ramp: Vector
  ) {
    let tileSize = AttentionTile.queries
    let scores = scratch + parts.scores
    PanelProduct(
      a: scratch + parts.keys, aRow: sizes.width, aStep: 1,
      b: scratch + (parts.queries &+ tile &* tileSize &* sizes.width), bRow: tileSize,
      c: scores, cRow: tileSize, depth: sizes.width, accumulates: false
    ).run(rows: count, columns: tileSize)
    let left = sizes.queries &- query
    cover.apply(
      scores, query: query, rows: left < tileSize ? left : tileSize, key: key, keys: count,
      ramp: ramp)
    let mixed = scratch + (parts.mixed &+ tile &* tileSize &* sizes.valueWidth)
    weigh(scores, count, scratch + (parts.rows &+ tile &* 2 &* tileSize), mixed)
    PanelProduct(
      a: scratch + parts.values, aRow: 1, aStep: sizes.valueWidth, b: scores, bRow: tileSize,
      c: mixed, cRow: tileSize, depth: count, accumulates: true
    ).run(rows: sizes.valueWidth, columns: tileSize)
  }

  /// Turns scores into weights relative to the largest score so far, and scales what was mixed to it.
  private func weigh(
    _ scores: UnsafeMutablePointer<Float>, _ count: Int, _ rows: UnsafeMutablePointer<Float>,
    _ mixed: UnsafeMutablePointer<Float>
  ) {
    let tileSize = AttentionTile.queries
    let (old0, old1) = (rows.vector(at: 0), rows.vector(at: lanes))
    var (largest0, largest1) = (old0, old1)
    var place = 0
    let end = count &* tileSize
    while place < end {
      largest0 = Vector.larger(scores.vector(at: place), largest0)
      largest1 = Vector.larger(scores.vector(at: place &+ lanes), largest1)
      place &+= tileSize
    }
    let (shrink0, shrink1) = (
      Vector.powerOfTwo(old0 - largest0), Vector.powerOfTwo(old1 - largest1)
    )
    var sum0 = rows.vector(at: tileSize) * shrink0
    var sum1 = rows.vector(at: tileSize &+ lanes) * shrink1
    place = 0
    while place < end {
      let weight0 = Vector.powerOfTwo(scores.vector(at: place) - largest0)
      let weight1 = Vector.powerOfTwo(scores.vector(at: place &+ lanes) - largest1)
      scores.store(weight0, at: place)
      scores.store(weight1, at: place &+ lanes)
      sum0 = sum0 + weight0
      sum1 = sum1 + weight1
      place &+= tileSize
    }
    rows.store(largest0, at: 0)
    rows.store(largest1, at: lanes)
    rows.store(sum0, at: tileSize)
    rows.store(sum1, at: tileSize &+ lanes)
    place = 0
    let mixedEnd = sizes.valueWidth &* tileSize
    while place < mixedEnd {
      mixed.store(mixed.vector(at: place) * shrink0, at: place)
      mixed.store(mixed.vector(at: place &+ lanes) * shrink1, at: place &+ lanes)
      place &+= tileSize
    }
  }

  private func finish(
    _ scratch: UnsafeMutablePointer<Float>, entry: Int, firstTile: Int, tiles: Int
  ) {
    let tileSize = AttentionTile.queries
    let target = output.place.pointer + entries.offset(entry, output.strides)
    var tile = 0
    while tile < tiles {
      let query = (firstTile &+ tile) &* tileSize
      let left = sizes.queries &- query
      let count = left < tileSize ? left : tileSize
      let rows = scratch + (parts.rows &+ tile &* 2 &* tileSize)
      close(rows)
      close(rows + lanes)
      AttentionTile.turnBack(
        scratch + (parts.mixed &+ tile &* tileSize &* sizes.valueWidth),
        factors: rows + tileSize, rows: count, width: sizes.valueWidth,
        into: target + query &* output.rowStride, row: output.rowStride)
      if let rowSums {
        (rowSums.pointer + (entry &* sizes.queries &+ query)).update(from: rows, count: count)
      }
      tile &+= 1
    }
  }

  /// From largest scores and sums to what backward needs, and to the factors of the results.
  @inline(__always)
  private func close(_ rows: UnsafeMutablePointer<Float>) {
    let tileSize = AttentionTile.queries
    let sums = rows.vector(at: tileSize)
    let blind = sums .== Vector()
    let logarithms = Vector.logarithm(sums) * Vector.all(1.442_695_04) + rows.vector(at: 0)
    rows.store(logarithms.replacing(with: .all(.infinity), where: blind), at: 0)
    rows.store((Vector.all(1) / sums).replacing(with: Vector(), where: blind), at: tileSize)
  }
}
