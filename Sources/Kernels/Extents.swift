// Extents: checked arithmetic on the extents of arrays, and the strided walk over them.
// Apart because every plain kernel starts here: an array may come from a file that lies.

/// Arithmetic on extents.
package enum Extents {
  /// More elements than this are refused before memory is asked for.
  package static let maximumCount = 1 << 34

  /// The number of elements.
  ///
  /// - Throws: ``KernelFault`` for a negative extent and for more than ``maximumCount`` elements.
  package static func count(_ extents: [Int]) throws(KernelFault) -> Int {
    var total = 1
    // Empty axes are left out, so that the strides of an empty array are bounded as well.
    for extent in extents where extent != 0 {
      guard extent > 0 else { throw KernelFault("the extents \(extents) have a negative entry") }
      let (product, overflow) = total.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= maximumCount else {
        throw KernelFault("an array of extents \(extents) is too large")
      }
      total = product
    }
    return extents.contains(0) ? 0 : total
  }

  /// The row-major strides, in elements, of extents that have been counted.
  package static func strides(_ extents: [Int]) -> [Int] {
    var strides = Array(repeating: 0, count: extents.count)
    var stride = 1
    for axis in extents.indices.reversed() {
      strides[axis] = stride
      stride *= Swift.max(extents[axis], 1)
    }
    return strides
  }

  /// The extents that arrays broadcast to, aligned from the last axis.
  package static func broadcast(_ shapes: [[Int]]) throws(KernelFault) -> [Int] {
    var result = Array(repeating: 1, count: shapes.map(\.count).max() ?? 0)
    for shape in shapes {
      let offset = result.count - shape.count
      for (axis, extent) in shape.enumerated() where extent != 1 {
        guard result[offset + axis] == 1 || result[offset + axis] == extent else {
          throw KernelFault("extents \(shapes) do not broadcast")
        }
        result[offset + axis] = extent
      }
    }
    return result
  }

  /// The strides with which an array of extents `source` is read as one of extents `target`.
  package static func broadcastStrides(
    _ source: [Int], to target: [Int]
  ) throws(KernelFault) -> [Int] {
    let offset = target.count - source.count
    guard offset >= 0 else {
      throw KernelFault("extents \(source) do not broadcast to \(target)")
    }
    let own = strides(source)
    var result = Array(repeating: 0, count: target.count)
    for (axis, extent) in source.enumerated() where extent != 1 {
      guard extent == target[offset + axis] else {
        throw KernelFault("extents \(source) do not broadcast to \(target)")
      }
      result[offset + axis] = own[axis]
    }
    return result
  }

  /// The axis counted from the front.
  package static func axis(_ axis: Int, rank: Int) throws(KernelFault) -> Int {
    let (sum, overflow) = axis.addingReportingOverflow(rank)
    let front = axis < 0 ? sum : axis
    guard !overflow, front >= 0, front < rank else {
      throw KernelFault("axis \(axis) of an array with \(rank) axes")
    }
    return front
  }
}

/// A walk over an index space in row-major order, with an offset into each of several arrays.
///
/// Neighbouring axes over which every array advances evenly are merged first, so that the inner
/// loop is as long as it can be.
struct StridedWalk {
  /// The length of the inner loop.
  private(set) var innerCount: Int
  /// For each array, how far one step of the inner loop advances.
  private(set) var innerStrides: [Int]
  private var outerExtents: [Int]
  private var outerStrides: [[Int]]

  /// - Parameters:
  ///   - extents: the index space, which has been counted and is not empty.
  ///   - strides: for each array, its stride along each axis.
  init(extents: [Int], strides: [[Int]]) {
    var merged: [Int] = []
    var mergedStrides = strides.map { _ in [Int]() }
    for axis in extents.indices.reversed() where extents[axis] != 1 {
      if let last = merged.last,
        strides.indices.allSatisfy({
          strides[$0][axis] == mergedStrides[$0][merged.count - 1] * last
        })
      {
        merged[merged.count - 1] *= extents[axis]
      } else {
        merged.append(extents[axis])
        for array in strides.indices { mergedStrides[array].append(strides[array][axis]) }
      }
    }
    innerCount = merged.first ?? 1
    innerStrides = mergedStrides.map { $0.first ?? 0 }
    outerExtents = Array(merged.dropFirst())
    outerStrides = mergedStrides.map { Array($0.dropFirst()) }
  }

  /// Calls `body` once for each inner loop with the offsets at which it starts.
  func forEach(_ body: ([Int]) -> Void) {
    var offsets = Array(repeating: 0, count: innerStrides.count)
    var position = Array(repeating: 0, count: outerExtents.count)
    while true {
      body(offsets)
      var axis = 0
      while axis < outerExtents.count {
        position[axis] += 1
        for array in offsets.indices { offsets[array] += outerStrides[array][axis] }
        if position[axis] < outerExtents[axis] { break }
        for array in offsets.indices {
          offsets[array] -= outerStrides[array][axis] * outerExtents[axis]
        }
        position[axis] = 0
        axis += 1
      }
      if axis == outerExtents.count { return }
    }
  }
}
