// AttentionNarrow: backward for heads of at most eight numbers, with a key in each lane.
// Apart, because in the other a row of a gradient has the lanes, and here most would stay empty.
import Kernels

/// Scores of a query with a vector of keys at a time; what a vector of keys gathers stays in
/// registers over the queries of a tile.
struct AttentionNarrow: Sendable {
  /// To what heads are padded.
  @inline(__always) static var width: Int { 8 }

  /// Rows from one block of scores to the next: an odd number of cache lines, because a power of two
  /// would put the blocks of a query into the same set of the cache.
  @inline(__always) static var blockRows: Int { AttentionTile.queries &+ 1 }

  let backward: AttentionBackward
  let parts: NarrowScratch

  /// Where a vector is no wider than a row there is nothing to win, and too few registers.
  static func fits(_ sizes: AttentionSizes) -> Bool {
    lanes > width && sizes.width <= width && sizes.valueWidth <= width
  }

  init(_ backward: AttentionBackward) {
    self.backward = backward
    parts = NarrowScratch(backward.sizes, backward.split)
  }

  var jobs: [KernelJob] {
    let narrow = self
    var jobs = [
      KernelJob(pieces: backward.pieces) { piece, scratch in narrow.run(piece, scratch) }
    ]
    if backward.split.usesPartial {
      jobs.append(
        KernelJob(pieces: backward.entries.count * backward.sizes.tiles) { piece, scratch in
          narrow.gather(piece, scratch)
        })
    }
    return jobs
  }

  private func run(_ piece: Int, _ raw: UnsafeMutableRawPointer) {
    let scratch = raw.assumingMemoryBound(to: Float.self)
    let split = backward.split
    let (owner, part) = (piece / split.pieces, piece % split.pieces)
    let first = part &* split.pieceKeys
    let keys = backward.sizes.keys
    let end = first &+ split.pieceKeys < keys ? first &+ split.pieceKeys : keys
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
    let sizes = backward.sizes
    let held = (count &+ lanes &- 1) / lanes &* lanes &* AttentionNarrow.width
    pack(scratch, owner: owner, key: key, count: count)
    AttentionTile.clear(scratch + parts.keyGradients, count: held)
    AttentionTile.clear(scratch + parts.valueGradients, count: held)
    let ramp = Vector.ramp
    var sharer = 0
    while sharer < backward.sharers.count {
      let entry = sizes.entry(owner: owner, sharer: sharer) { !sizes.shared.contains($0) }
      var tile = 0
      while tile < sizes.tiles {
        let query = tile &* AttentionTile.queries
        let usesPartial = backward.split.usesPartial
        let sum =
          usesPartial
          ? partialSum(part: part, entry: entry, tile: tile) : scratch + parts.queryGradients
        if !usesPartial || isFirst {
          AttentionTile.clear(sum, count: AttentionTile.queries &* AttentionNarrow.width)
        }
        let seen = sizes.visible(query: query, key: key, count: count)
        if seen > 0 {
          prepare(scratch, entry: entry, query: query)
          meet(scratch, query: query, key: key, count: seen, ramp, sum)
        }
        if !usesPartial { write(sum, entry: entry, query: query) }
        tile &+= 1
      }
      sharer &+= 1
    }
    finish(scratch, owner: owner, key: key, count: count)
  }

  /// Adds what a tile of queries and some keys give to one another's gradients.
  private func meet(
    _ scratch: UnsafeMutablePointer<Float>, query: Int, key: Int, count: Int, _ ramp: Vector,
    _ sum: UnsafeMutablePointer<Float>
  ) {
    let (sizes, tile) = (backward.sizes, AttentionTile.queries)
    let left = sizes.queries &- query
    // Rows go in pairs.
    let rows = left < tile ? (left &+ 1) & ~1 : tile
    // The key that the first row sees last, counted from the first key of the range.
    let last = sizes.causal ? query &+ sizes.keys &- sizes.queries &- key : count &+ tile
    let blocks = (count &+ lanes &- 1) / lanes
    var block = 0
    while block < blocks {
      let start = block &* lanes
      let unseen = start &- last
      let first = unseen > 0 ? unseen & ~1 : 0
      weigh(
        scratch, block: block, rows: first, rows, last: last &- start,
        limit: count &- start &- 1, ramp)
      gather(scratch, block: block, rows: first, rows)
      block &+= 1
    }
    var row = 0
    while row < rows {
      // As many as the second of the two sees; what other blocks hold is older.
      let lastSeen = last &+ row &+ 1
      let seen = lastSeen < 0 ? 0 : lastSeen / lanes &+ 1
      sumUp(
        scratch, row: row, blocks: seen < blocks ? seen : blocks,
        into: sum + row &* AttentionNarrow.width)
      row &+= 2
    }
  }

  /// Makes the weights of a block and the gradients by its scores, `[row][key]`.
  ///
  /// `first` is the first row that sees a key of the block, or the one before; row 0 sees the lanes
  /// up to `last`, each row one more, and the lanes up to `limit` hold a key.
  private func weigh(
    _ scratch: UnsafeMutablePointer<Float>, block: Int, rows first: Int, _ end: Int, last: Int,
    limit: Int, _ ramp: Vector
  ) {
    let (tile, width) = (AttentionTile.queries, AttentionNarrow.width)
    let place = block &* lanes &* width
    let keys = EightVectors(scratch + (parts.keys &+ place))
    let values = EightVectors(scratch + (parts.values &+ place))
    let weights = scratch + parts.weights
    let byScores = scratch + (parts.byScores &+ block &* AttentionNarrow.blockRows &* lanes)
    let (queries, arriving) = (scratch + parts.queries, scratch + parts.arriving)
    let numbers = scratch + parts.rows
    var row = first
    while row < end {
      let score = keys.product(queries + row &* width)
      let byWeight = values.product(arriving + row &* width)
      var weight = Vector.powerOfTwo(score - .all(numbers[2 &* tile &+ row]))
      let seen = last &+ row < limit ? last &+ row : limit
      if seen < lanes &- 1 {
        weight = weight.replacing(with: Vector(), where: ramp .> .all(Float(seen)))
      }
      weights.store(weight, at: row &* lanes)
      byScores.store(weight * (byWeight - .all(numbers[tile &+ row])), at: row &* lanes)
      row &+= 1
    }
  }

  /// Adds a block's part to the gradients by its keys and values.
  private func gather(
    _ scratch: UnsafeMutablePointer<Float>, block: Int, rows first: Int, _ end: Int
  ) {
    let width = AttentionNarrow.width
    let place = block &* lanes &* width
    let byKeys = scratch + (parts.keyGradients &+ place)
    let byValues = scratch + (parts.valueGradients &+ place)
    let weights = scratch + parts.weights
    let byScores = scratch + (parts.byScores &+ block &* AttentionNarrow.blockRows &* lanes)
    let (queries, arriving) = (scratch + parts.queries, scratch + parts.arriving)
    var (keySums, valueSums) = (EightVectors(byKeys), EightVectors(byValues))
    var row = first
    while row < end {
      valueSums.add(weights.vector(at: row &* lanes), times: arriving + row &* width)
      keySums.add(byScores.vector(at: row &* lanes), times: queries + row &* width)
      row &+= 1
    }
    keySums.write(byKeys)
    valueSums.write(byValues)
  }

  /// Adds to the gradients by two queries.
  private func sumUp(
    _ scratch: UnsafeMutablePointer<Float>, row: Int, blocks: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    var (upper, lower) = (EightVectors(), EightVectors())
    var keys = scratch + parts.keys
    var byScores = scratch + (parts.byScores &+ row &* lanes)
    var block = 0
    while block < blocks {
      let some = EightVectors(keys)
      upper.add(byScores.vector(at: 0), times: some)
      lower.add(byScores.vector(at: lanes), times: some)
      keys += lanes &* AttentionNarrow.width
      byScores += AttentionNarrow.blockRows &* lanes
      block &+= 1
    }
    let next = target + AttentionNarrow.width
    UnsafeMutableRawPointer(target).storeBytes(
      of: AttentionNarrow.eight(target) + upper.totals, as: SIMD8<Float>.self)
    UnsafeMutableRawPointer(next).storeBytes(
      of: AttentionNarrow.eight(next) + lower.totals, as: SIMD8<Float>.self)
  }

  /// Where a piece sums the gradients by a tile of queries, `[tile][width]`.
  @inline(__always)
  private func partialSum(part: Int, entry: Int, tile: Int) -> UnsafeMutablePointer<Float> {
    let place = (part &* backward.entries.count &+ entry) &* backward.sizes.tiles &+ tile
    return backward.partial.pointer + place &* AttentionTile.queries &* AttentionNarrow.width
  }

  /// Writes the gradients by a tile of queries.
  private func write(_ sum: UnsafeMutablePointer<Float>, entry: Int, query: Int) {
    let (leaving, sizes) = (backward.leaving, backward.sizes)
    let left = sizes.queries &- query
    let tile = AttentionTile.queries
    let row = leaving.query.rowStride
    let target =
      leaving.query.place.pointer
      + (backward.entries.offset(entry, leaving.query.strides) &+ query &* row)
    AttentionTile.unpack(
      sum, row: AttentionNarrow.width, factor: backward.scale, rows: left < tile ? left : tile,
      width: sizes.width, into: target, row: row)
  }

  /// Sums what all pieces of an entry found for a tile of queries, in their order.
  private func gather(_ piece: Int, _ raw: UnsafeMutableRawPointer) {
    let sum = raw.assumingMemoryBound(to: Float.self)
    let (entry, tile) = (piece / backward.sizes.tiles, piece % backward.sizes.tiles)
    let count = AttentionTile.queries &* AttentionNarrow.width
    sum.update(from: partialSum(part: 0, entry: entry, tile: tile), count: count)
    var part = 1
    while part < backward.split.pieces {
      let other = partialSum(part: part, entry: entry, tile: tile)
      var place = 0
      while place < count {
        sum.store(sum.vector(at: place) + other.vector(at: place), at: place)
        place &+= lanes
      }
      part &+= 1
    }
    write(sum, entry: entry, query: tile &* AttentionTile.queries)
  }
}
