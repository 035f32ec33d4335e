// BlockKernels: slices, padding, concatenation, stacking, and rows chosen by index.
// All of them copy contiguous blocks along one axis.

extension Layout {
  /// The part `from ..< to` of an axis.
  package static func slice<Scalar: KernelScalar>(
    _ x: NDArray<Scalar>, axis: Int, from: Int, to: Int
  ) throws(KernelFault) -> NDArray<Scalar> {
    try x.check()
    let axis = try Extents.axis(axis, rank: x.extents.count)
    guard from >= 0, from <= to, to <= x.extents[axis] else {
      throw KernelFault("slice \(from) ..< \(to) of an axis of extent \(x.extents[axis])")
    }
    let view = AxisView(x.extents, axis: axis)
    var extents = x.extents
    extents[axis] = to - from
    func cut<Element>(_ elements: [Element]) -> [Element] {
      var result: [Element] = []
      result.reserveCapacity(view.outer * (to - from) * view.inner)
      for outer in 0..<view.outer {
        let start = (outer * view.extent + from) * view.inner
        result.append(contentsOf: elements[start..<start + (to - from) * view.inner])
      }
      return result
    }
    switch x.payload {
    case .real(let elements): return NDArray(extents: extents, real: cut(elements))
    case .index(let elements): return NDArray(extents: extents, index: cut(elements))
    case .mask(let elements): return NDArray(extents: extents, mask: cut(elements))
    }
  }

  /// Adds zeros before and after an axis.
  package static func pad<Scalar: KernelScalar>(
    _ x: NDArray<Scalar>, axis: Int, before: Int, after: Int
  ) throws(KernelFault) -> NDArray<Scalar> {
    try x.check()
    let axis = try Extents.axis(axis, rank: x.extents.count)
    func zeros(_ extent: Int) throws(KernelFault) -> NDArray<Scalar> {
      var extents = x.extents
      extents[axis] = extent
      let count = try Extents.count(extents)
      switch x.payload {
      case .real: return NDArray(extents: extents, real: Array(repeating: 0, count: count))
      case .index: return NDArray(extents: extents, index: Array(repeating: 0, count: count))
      case .mask: return NDArray(extents: extents, mask: Array(repeating: false, count: count))
      }
    }
    return try concatenate([try zeros(before), x, try zeros(after)], axis: axis)
  }

  /// Puts arrays one after another along an axis.
  package static func concatenate<Scalar: KernelScalar>(
    _ arrays: [NDArray<Scalar>], axis: Int
  ) throws(KernelFault) -> NDArray<Scalar> {
    guard let first = arrays.first else { throw KernelFault("nothing to concatenate") }
    let axis = try Extents.axis(axis, rank: first.extents.count)
    var extents = first.extents
    extents[axis] = 0
    for array in arrays {
      try array.check()
      guard array.extents.count == extents.count,
        extents.indices.allSatisfy({ $0 == axis || array.extents[$0] == extents[$0] })
      else {
        throw KernelFault("cannot concatenate \(first.extents) and \(array.extents)")
      }
      let (sum, overflow) = extents[axis].addingReportingOverflow(array.extents[axis])
      guard !overflow else { throw KernelFault("a concatenation is too large") }
      extents[axis] = sum
    }
    let count = try Extents.count(extents)
    let view = AxisView(extents, axis: axis)
    let blocks = arrays.map { $0.extents[axis] * view.inner }
    func join<Element>(_ parts: [[Element]]) -> [Element] {
      var result: [Element] = []
      result.reserveCapacity(count)
      for outer in 0..<view.outer {
        for (part, block) in zip(parts, blocks) {
          result.append(contentsOf: part[outer * block..<(outer + 1) * block])
        }
      }
      return result
    }
    switch first.payload {
    case .real:
      var parts: [[Scalar]] = []
      for array in arrays { parts.append(try array.checkedReals()) }
      return NDArray(extents: extents, real: join(parts))
    case .index:
      var parts: [[Int32]] = []
      for array in arrays { parts.append(try array.checkedIndices()) }
      return NDArray(extents: extents, index: join(parts))
    case .mask:
      var parts: [[Bool]] = []
      for array in arrays { parts.append(try array.checkedMask()) }
      return NDArray(extents: extents, mask: join(parts))
    }
  }

  /// Puts arrays side by side along a new axis.
  package static func stack<Scalar: KernelScalar>(
    _ arrays: [NDArray<Scalar>], axis: Int
  ) throws(KernelFault) -> NDArray<Scalar> {
    guard let first = arrays.first else { throw KernelFault("nothing to stack") }
    let axis = try Extents.axis(axis, rank: first.extents.count + 1)
    var widened: [NDArray<Scalar>] = []
    for array in arrays {
      guard array.extents == first.extents else {
        throw KernelFault("cannot stack \(first.extents) and \(array.extents)")
      }
      var extents = array.extents
      extents.insert(1, at: axis)
      widened.append(try array.reshaped(extents))
    }
    return try concatenate(widened, axis: axis)
  }

  /// Takes an array apart along an axis, which must have `count` parts.
  package static func unstack<Scalar: KernelScalar>(
    _ x: NDArray<Scalar>, axis: Int, count: Int
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    let axis = try Extents.axis(axis, rank: x.extents.count)
    guard count >= 0, x.extents[axis] == count else {
      throw KernelFault("an axis of extent \(x.extents[axis]) is taken apart into \(count)")
    }
    var extents = x.extents
    extents.remove(at: axis)
    var results: [NDArray<Scalar>] = []
    for index in 0..<count {
      let part = try slice(x, axis: axis, from: index, to: index + 1)
      results.append(try part.reshaped(extents))
    }
    return results
  }
}
