// RunWalk: cuts an index space over several strided arrays into pieces of straight runs.
// Made once, when the jobs are; a piece then only adds and multiplies offsets.
import Kernels

/// A walk over up to four arrays of equal extents.
///
/// Neighbouring axes over which every array advances evenly are merged, so that runs are as long as
/// they can be. A piece holds about ``blockSize`` elements, whatever the number of threads.
struct RunWalk: Sendable {
  /// For each array, a number of elements; unused places hold zero.
  typealias Offsets = SIMD4<Int>

  /// The elements of a piece: 64 KiB of one array.
  static var blockSize: Int { 16_384 }

  let pieces: Int
  /// How far one step within a run takes each array.
  let steps: Offsets

  /// A run has up to `inner` elements; `middle` runs form a plane; planes lie anywhere.
  private let inner: Int
  private let middle: Int
  private let rowSteps: Offsets
  private let outerExtents: [Int]
  private let outerSteps: [Offsets]
  /// Runs are cut in segments if they are long, and grouped if they are short.
  private let segments: Int
  private let segmentSize: Int
  private let rows: Int
  private let rowsOfPiece: Int

  init(_ extents: [Int], _ strides: [Int]...) {
    self.init(extents, strides: strides)
  }

  /// - Parameters:
  ///   - extents: the index space.
  ///   - strides: for each array, its stride along each axis.
  ///   - block: the positions of a piece.
  init(_ extents: [Int], strides: [[Int]], block: Int = RunWalk.blockSize) {
    var merged: [Int] = []
    var mergedSteps: [Offsets] = []
    for axis in extents.indices.reversed() where extents[axis] != 1 {
      var step = Offsets.zero
      for array in strides.indices { step[array] = strides[array][axis] }
      if let last = merged.last, let lastSteps = mergedSteps.last, step == lastSteps &* last {
        merged[merged.count - 1] = last * extents[axis]
      } else {
        merged.append(extents[axis])
        mergedSteps.append(step)
      }
    }
    inner = merged.first ?? 1
    steps = mergedSteps.first ?? .zero
    middle = merged.count > 1 ? merged[1] : 1
    rowSteps = merged.count > 1 ? mergedSteps[1] : .zero
    outerExtents = Array(merged.dropFirst(2))
    outerSteps = Array(mergedSteps.dropFirst(2))
    let outer = outerExtents.reduce(1, *)
    if extents.contains(0) {
      (pieces, segments, segmentSize, rows, rowsOfPiece) = (0, 1, 1, 0, 1)
    } else {
      segments = (inner + block - 1) / block
      // Whole vectors of every level in each segment but the last.
      let even = (inner + segments - 1) / segments
      segmentSize = segments == 1 || block < 16 ? even : (even + 15) / 16 * 16
      rows = middle * outer
      rowsOfPiece = max(1, block / inner)
      pieces = segments * ((rows + rowsOfPiece - 1) / rowsOfPiece)
    }
  }

  /// Calls `body` for each run of a piece with where it starts in each array and its length.
  @inline(__always)
  func forEachRun(_ piece: Int, _ body: (_ start: Offsets, _ count: Int) -> Void) {
    let segment = piece % segments
    let skipped = min(segment &* segmentSize, inner)
    let count = min(segmentSize, inner &- skipped)
    guard count > 0 else { return }
    var row = (piece / segments) &* rowsOfPiece
    let end = min(row &+ rowsOfPiece, rows)
    while row < end {
      let plane = row / middle
      var position = row &- plane &* middle
      let stop = min(middle, position &+ (end &- row))
      row &+= stop &- position
      var start = planeStart(plane) &+ steps &* skipped &+ rowSteps &* position
      while position < stop {
        body(start, count)
        start &+= rowSteps
        position &+= 1
      }
    }
  }

  @inline(__always)
  private func planeStart(_ plane: Int) -> Offsets {
    var start = Offsets.zero
    var rest = plane
    var axis = 0
    while axis < outerExtents.count {
      let next = rest / outerExtents[axis]
      start &+= outerSteps[axis] &* (rest &- next &* outerExtents[axis])
      rest = next
      axis &+= 1
    }
    return start
  }
}

extension PlacedTensor {
  /// The first element's address.
  @inline(__always) var start: UnsafeMutablePointer<Element> { place.pointer }
}

extension PlacedTensor<Int32> {
  /// The same bits as reals, for kernels that only move them.
  var moved: PlacedTensor<Float> {
    let raw = UnsafeMutableRawPointer(place.pointer)
    return PlacedTensor<Float>(
      Place(raw.assumingMemoryBound(to: Float.self)), extents: extents, strides: strides)
  }
}

extension PlacedTensor<Bool> {
  /// The same bits as bytes.
  var bytes: PlacedTensor<UInt8> {
    let raw = UnsafeMutableRawPointer(place.pointer)
    return PlacedTensor<UInt8>(
      Place(raw.assumingMemoryBound(to: UInt8.self)), extents: extents, strides: strides)
  }
}
