// LayoutKernels: moving elements without changing them: permuting, broadcasting and block copies.
// Everything is one of two loops, a strided gather or a copy of contiguous blocks.

/// Loops that move elements.
package enum Layout {
  /// Reorders the axes: axis `axes[i]` of `x` becomes axis `i` of the result.
  package static func permute<Scalar: KernelScalar>(
    _ x: NDArray<Scalar>, _ axes: [Int]
  ) throws(KernelFault) -> NDArray<Scalar> {
    try x.check()
    guard axes.sorted() == Array(x.extents.indices) else {
      throw KernelFault("\(axes) is no order of the axes of \(x.extents)")
    }
    let strides = Extents.strides(x.extents)
    let extents = axes.map { x.extents[$0] }
    if axes == Array(x.extents.indices) { return x }
    return try read(x, extents: extents, strides: axes.map { strides[$0] })
  }

  /// Repeats `x` along new leading axes and along axes of extent one.
  package static func broadcast<Scalar: KernelScalar>(
    _ x: NDArray<Scalar>, to extents: [Int]
  ) throws(KernelFault) -> NDArray<Scalar> {
    try x.check()
    return try read(
      x, extents: extents, strides: try Extents.broadcastStrides(x.extents, to: extents))
  }

  /// Reads `x`, whose elements were counted, through strides that stay inside it.
  private static func read<Scalar: KernelScalar>(
    _ x: NDArray<Scalar>, extents: [Int], strides: [Int]
  ) throws(KernelFault) -> NDArray<Scalar> {
    let count = try Extents.count(extents)
    let walk = StridedWalk(extents: extents, strides: [strides, Extents.strides(extents)])
    switch x.payload {
    case .real(let elements):
      return NDArray(extents: extents, real: copy(elements, walk, count))
    case .index(let elements):
      return NDArray(extents: extents, index: copy(elements, walk, count))
    case .mask(let elements):
      return NDArray(extents: extents, mask: copy(elements, walk, count))
    }
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  @specialized(where Element == Int32)
  @specialized(where Element == Bool)
  static func copy<Element>(_ source: [Element], _ walk: StridedWalk, _ count: Int) -> [Element] {
    guard count > 0 else { return [] }
    let stride = walk.innerStrides[0]
    return source.withUnsafeBufferPointer { source in
      Array(unsafeUninitializedCapacity: count) { target, initialized in
        walk.forEach { offsets in
          let (from, start) = (offsets[0], offsets[1])
          for index in 0..<walk.innerCount {
            target.initializeElement(at: start &+ index, to: source[from &+ index &* stride])
          }
        }
        initialized = count
      }
    }
  }
}

/// An array seen as `[outer, axis, inner]`.
struct AxisView {
  let outer: Int
  let extent: Int
  let inner: Int

  init(_ extents: [Int], axis: Int) {
    outer = extents[..<axis].reduce(1, *)
    extent = extents[axis]
    inner = extents[(axis + 1)...].reduce(1, *)
  }
}
