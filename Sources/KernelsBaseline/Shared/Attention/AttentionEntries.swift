// AttentionEntries: where the heads of a batch lie, which of them share keys, and what hides keys.
// Offsets come from strides alone, so that views of one matrix need no copies.
import Kernels

/// Some of the leading axes, walked in row-major order.
struct AttentionEntries: Sendable {
  let axes: [Int]
  let extents: [Int]
  let count: Int

  init(_ leading: [Int], where keep: (Int) -> Bool) {
    axes = leading.indices.filter(keep)
    extents = axes.map { leading[$0] }
    count = extents.reduce(1, *)
  }

  /// How far an entry lies from the first along these axes.
  func offset(_ entry: Int, _ strides: [Int]) -> Int {
    var rest = entry
    var offset = 0
    var position = axes.count &- 1
    while position >= 0 {
      let extent = extents[position]
      offset &+= rest % extent &* strides[axes[position]]
      rest /= extent
      position &-= 1
    }
    return offset
  }
}

extension PlacedTensor {
  /// The stride of the rows, of queries or keys.
  var rowStride: Int { strides[strides.count - 2] }
  var lastStride: Int { strides[strides.count - 1] }
}

/// A head's part of the masks.
struct AttentionCover {
  /// The first byte for query 0 and key 0; `nil` without a mask.
  var mask: UnsafeMutablePointer<Bool>?
  var maskRow = 0
  var maskKey = 0
  var bias: UnsafeMutablePointer<Float>?
  var biasRow = 0
  var biasKey = 0
  /// A query `i` sees the keys up to `i + shift`; `nil` when it sees all.
  var shift: Int?

  /// Lays the masks over scores `[keys][tile]` of the queries from `query` and the keys from `key`.
  func apply(
    _ scores: UnsafeMutablePointer<Float>, query: Int, rows: Int, key: Int, keys: Int,
    ramp: Vector
  ) {
    if let bias {
      add(bias + (query &* biasRow &+ key &* biasKey), to: scores, rows: rows, keys: keys)
    }
    if let mask {
      hide(mask + (query &* maskRow &+ key &* maskKey), scores, rows: rows, keys: keys)
    }
    if let shift { hideLater(scores, first: query &+ shift &- key, keys: keys, ramp: ramp) }
  }

  /// Whether a mask hides all of some keys from all of some queries, so that they change nothing.
  func hidesAll(query: Int, rows: Int, key: Int, keys: Int) -> Bool {
    guard let mask else { return false }
    var row = 0
    while row < (maskRow == 0 ? 1 : rows) {
      let from = mask + ((query &+ row) &* maskRow &+ key &* maskKey)
      var index = 0
      while index < keys {
        if from[index &* maskKey] { return false }
        index &+= 1
      }
      row &+= 1
    }
    return true
  }

  private func add(
    _ bias: UnsafeMutablePointer<Float>, to scores: UnsafeMutablePointer<Float>, rows: Int,
    keys: Int
  ) {
    let tile = AttentionTile.queries
    var key = 0
    while key < keys {
      let row = scores + key &* tile
      var lane = 0
      while lane < rows {
        let added = bias[lane &* biasRow &+ key &* biasKey]
        var score = row[lane] + added * 1.442_695_04
        // A finite bias hides nothing, however low.
        if score == -.infinity, added > -.infinity { score = AttentionTile.lowest }
        row[lane] = score
        lane &+= 1
      }
      key &+= 1
    }
  }

  private func hide(
    _ mask: UnsafeMutablePointer<Bool>, _ scores: UnsafeMutablePointer<Float>, rows: Int,
    keys: Int
  ) {
    let tile = AttentionTile.queries
    let hidden = Vector.all(-.infinity)
    var key = 0
    while key < keys {
      let row = scores + key &* tile
      if maskRow == 0 {
        if !mask[key &* maskKey] {
          row.store(hidden, at: 0)
          row.store(hidden, at: lanes)
        }
      } else {
        var lane = 0
        while lane < rows {
          if !mask[lane &* maskRow &+ key &* maskKey] { row[lane] = -.infinity }
          lane &+= 1
        }
      }
      key &+= 1
    }
  }

  /// The first lane sees the keys up to `first`, the next one more, and so on.
  private func hideLater(
    _ scores: UnsafeMutablePointer<Float>, first: Int, keys: Int, ramp: Vector
  ) {
    let tile = AttentionTile.queries
    let hidden = Vector.all(-.infinity)
    let upper = ramp + Vector.all(Float(lanes))
    var key = first < 0 ? 0 : first &+ 1
    while key < keys {
      let row = scores + key &* tile
      let least = Vector.all(Float(key &- first))
      row.store(row.vector(at: 0).replacing(with: hidden, where: ramp .< least), at: 0)
      row.store(row.vector(at: lanes).replacing(with: hidden, where: upper .< least), at: lanes)
      key &+= 1
    }
  }
}

extension AttentionOperands {
  /// The masks of a leading entry.
  func cover(_ entries: AttentionEntries, _ entry: Int) -> AttentionCover {
    var cover = AttentionCover()
    if let mask {
      cover.mask = mask.place.pointer + entries.offset(entry, mask.strides)
      (cover.maskRow, cover.maskKey) = (mask.rowStride, mask.lastStride)
    }
    if let bias {
      cover.bias = bias.place.pointer + entries.offset(entry, bias.strides)
      (cover.biasRow, cover.biasKey) = (bias.rowStride, bias.lastStride)
    }
    if options.causal { cover.shift = key.extents[key.extents.count - 2] - queryCount }
    return cover
  }

  private var queryCount: Int { query.extents[query.extents.count - 2] }
}

extension AttentionSizes {
  /// The leading entry at which an entry of some axes and one of the others meet.
  func entry(owner: Int, sharer: Int, owns: (Int) -> Bool) -> Int {
    var entry = 0
    var stride = 1
    var (ownerRest, sharerRest) = (owner, sharer)
    var axis = leading.count &- 1
    while axis >= 0 {
      let extent = leading[axis]
      if owns(axis) {
        entry &+= ownerRest % extent &* stride
        ownerRest /= extent
      } else {
        entry &+= sharerRest % extent &* stride
        sharerRest /= extent
      }
      stride &*= extent
      axis &-= 1
    }
    return entry
  }

  @inline(__always) var tiles: Int {
    (queries &+ AttentionTile.queries &- 1) / AttentionTile.queries
  }

  /// How many of `count` keys from `key` the tile that starts at `query` sees.
  @inline(__always) func visible(query: Int, key: Int, count: Int) -> Int {
    guard causal else { return count }
    let next = query &+ AttentionTile.queries
    let last = (next < queries ? next : queries) &- 1 &+ keys &- queries
    let seen = last &- key &+ 1
    return seen < 0 ? 0 : seen < count ? seen : count
  }

  /// Pairs of a query and a key whose scores are made.
  var scoredPairs: Int {
    var pairs = 0
    for tile in 0..<tiles {
      let query = tile * AttentionTile.queries
      let rows = min(AttentionTile.queries, queries - query)
      pairs += rows * visible(query: query, key: 0, count: keys)
    }
    return pairs * entries
  }

  /// The factor of the scores, whose exponentials are powers of two.
  func scoreFactor(_ options: AttentionOptions) -> Float {
    Float(options.factor(width: width) * 1.442_695_040_888_963_4)
  }
}

/// Parts of a worker's scratch, each aligned to 64 bytes.
struct AttentionScratch {
  private(set) var count = 0

  /// Where a part of `size` elements starts.
  mutating func take(_ size: Int) -> Int {
    let start = count
    count &+= (size &+ 15) & ~15
    return start
  }

  var bytes: Int { count * MemoryLayout<Float>.stride }
}
