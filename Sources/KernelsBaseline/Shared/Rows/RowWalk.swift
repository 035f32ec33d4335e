// RowWalk: rows along one axis of strided tensors, in fixed blocks.
// A row whose elements lie apart is gathered into scratch memory and scattered afterwards.
import Kernels

/// A walk over all axes but one.
struct RowWalk: Sendable {
  let width: Int
  /// The strides along the row, for each array.
  let along: RunWalk.Offsets
  /// Over the other axes.
  let walk: RunWalk

  init(_ extents: [Int], axis: Int, _ strides: [Int]...) {
    width = extents[axis]
    var along = RunWalk.Offsets.zero
    for array in strides.indices { along[array] = strides[array][axis] }
    self.along = along
    var others = extents
    // An empty row is no row.
    others[axis] = width == 0 ? 0 : 1
    walk = RunWalk(
      others, strides: strides, block: max(1, RunWalk.blockSize / max(1, width)))
  }

  /// Calls `body` with where each row of a piece starts in each array.
  @inline(__always)
  func forEachRow(_ piece: Int, _ body: (RunWalk.Offsets) -> Void) {
    walk.forEachRun(piece) { start, count in
      var place = start
      var index = 0
      while index < count {
        body(place)
        place &+= walk.steps
        index &+= 1
      }
    }
  }
}

extension UnsafeMutablePointer<Float> {
  /// The row itself when its elements lie side by side, otherwise a copy in `buffer`.
  @inline(__always)
  func gatheredRow(
    step: Int, count: Int, in buffer: UnsafeMutablePointer<Float>
  ) -> UnsafeMutablePointer<Float> {
    if step == 1 { return self }
    var index = 0
    while index < count {
      buffer[index] = self[index &* step]
      index &+= 1
    }
    return buffer
  }

  /// Spreads a row over places that lie `step` apart.
  @inline(__always)
  func scatterRow(_ row: UnsafeMutablePointer<Float>, step: Int, count: Int) {
    if step == 1 { return }
    var index = 0
    while index < count {
      self[index &* step] = row[index]
      index &+= 1
    }
  }
}
