// Attention+BiasGradient: the gradient by the bias, with the weights made once more.
// Apart because few models want it; pieces own elements of the bias instead of keys.
import Kernels

struct AttentionBiasGradient: Sendable {
  private let backward: AttentionBackward
  private let target: PlacedTensor<Float>
  /// The leading entries that have a bias of their own, and those that share one.
  private let owners: AttentionEntries
  private let sharers: AttentionEntries
  private let ownerAxes: Set<Int>
  /// Pieces of an entry: tiles, or one where all queries share a bias.
  private let parts: Int

  init(_ backward: AttentionBackward, _ target: PlacedTensor<Float>) {
    self.backward = backward
    self.target = target
    let leading = backward.sizes.leading
    let shared = Set(leading.indices.filter { target.strides[$0] == 0 && leading[$0] > 1 })
    ownerAxes = Set(leading.indices).subtracting(shared)
    owners = AttentionEntries(leading) { !shared.contains($0) }
    sharers = AttentionEntries(leading) { shared.contains($0) }
    parts = target.rowStride == 0 ? min(1, backward.sizes.tiles) : backward.sizes.tiles
  }

  var pieces: Int { owners.count * parts }

  func run(_ piece: Int, _ raw: UnsafeMutableRawPointer) {
    let scratch = raw.assumingMemoryBound(to: Float.self)
    let sizes = backward.sizes
    let (owner, part) = (piece / parts, piece % parts)
    let firstTile = target.rowStride == 0 ? 0 : part
    let endTile = target.rowStride == 0 ? sizes.tiles : part &+ 1
    let sum = target.place.pointer + owners.offset(owner, target.strides)
    clear(sum, query: firstTile &* AttentionTile.queries)
    let ramp = Vector.ramp
    var sharer = 0
    while sharer < sharers.count {
      let entry = entry(owner: owner, sharer: sharer)
      let cover = backward.operands.cover(backward.entries, entry)
      var tile = firstTile
      while tile < endTile {
        let query = tile &* AttentionTile.queries
        backward.prepare(scratch, entry: entry, query: query)
        let seen = sizes.visible(query: query, key: 0, count: sizes.keys)
        var key = 0
        while key < seen {
          let left = seen &- key
          let count = left < AttentionTile.keys ? left : AttentionTile.keys
          backward.packBlock(scratch, entry: entry, key: key, count: count)
          backward.weigh(scratch, query: query, key: key, packed: 0, count: count, cover, ramp)
          add(scratch + backward.parts.byWeights, to: sum, query: query, key: key, count: count)
          key &+= count
        }
        tile &+= 1
      }
      sharer &+= 1
    }
  }

  private func entry(owner: Int, sharer: Int) -> Int {
    backward.sizes.entry(owner: owner, sharer: sharer) { ownerAxes.contains($0) }
  }

  /// The queries of a tile, or one where all share a bias.
  private func rows(query: Int) -> Int {
    if target.rowStride == 0 { return 1 }
    let left = backward.sizes.queries &- query
    return left < AttentionTile.queries ? left : AttentionTile.queries
  }

  private func clear(_ sum: UnsafeMutablePointer<Float>, query: Int) {
    let keys = target.lastStride == 0 ? min(1, backward.sizes.keys) : backward.sizes.keys
    for row in 0..<rows(query: query) {
      for key in 0..<keys {
        sum[(query &+ row) &* target.rowStride &+ key &* target.lastStride] = 0
      }
    }
  }

  private func add(
    _ byScores: UnsafeMutablePointer<Float>, to sum: UnsafeMutablePointer<Float>, query: Int,
    key: Int, count: Int
  ) {
    let left = backward.sizes.queries &- query
    let rows = left < AttentionTile.queries ? left : AttentionTile.queries
    var row = 0
    while row < rows {
      let to = sum + ((query &+ row) &* target.rowStride &+ key &* target.lastStride)
      var column = 0
      while column < count {
        to[column &* target.lastStride] += byScores[column &* AttentionTile.queries &+ row]
        column &+= 1
      }
      row &+= 1
    }
  }
}
