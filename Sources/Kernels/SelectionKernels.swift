// SelectionKernels: choosing between two arrays by a mask, negating masks, and changing kind.
// Apart from arithmetic because these move or convert elements of any kind.

extension Elementwise {
  /// Takes `a` where the condition holds and `b` elsewhere; all three are broadcast.
  package static func select<Scalar: KernelScalar>(
    _ condition: NDArray<Scalar>, _ a: NDArray<Scalar>, _ b: NDArray<Scalar>
  ) throws(KernelFault) -> NDArray<Scalar> {
    let mask = try condition.checkedMask()
    try a.check()
    try b.check()
    let shapes = [condition.extents, a.extents, b.extents]
    let extents = try Extents.broadcast(shapes)
    let count = try Extents.count(extents)
    var strides: [[Int]] = []
    for shape in shapes { strides.append(try Extents.broadcastStrides(shape, to: extents)) }
    strides.append(Extents.strides(extents))
    let walk = StridedWalk(extents: extents, strides: strides)
    switch (a.payload, b.payload) {
    case (.real(let x), .real(let y)):
      return NDArray(extents: extents, real: choose(mask, x, y, walk, count))
    case (.index(let x), .index(let y)):
      return NDArray(extents: extents, index: choose(mask, x, y, walk, count))
    case (.mask(let x), .mask(let y)):
      return NDArray(extents: extents, mask: choose(mask, x, y, walk, count))
    default:
      throw KernelFault("cannot choose between \(a.payload.kind) and \(b.payload.kind)")
    }
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  @specialized(where Element == Int32)
  @specialized(where Element == Bool)
  static func choose<Element>(
    _ mask: [Bool], _ a: [Element], _ b: [Element], _ walk: StridedWalk, _ count: Int
  ) -> [Element] {
    guard count > 0 else { return [] }
    return Array(unsafeUninitializedCapacity: count) { target, initialized in
      let (strideM, strideA, strideB) =
        (walk.innerStrides[0], walk.innerStrides[1], walk.innerStrides[2])
      mask.withUnsafeBufferPointer { mask in
        a.withUnsafeBufferPointer { a in
          b.withUnsafeBufferPointer { b in
            walk.forEach { offsets in
              let (startM, startA, startB) = (offsets[0], offsets[1], offsets[2])
              for index in 0..<walk.innerCount {
                target.initializeElement(
                  at: offsets[3] &+ index,
                  to: mask[startM &+ index &* strideM]
                    ? a[startA &+ index &* strideA] : b[startB &+ index &* strideB])
              }
            }
          }
        }
      }
      initialized = count
    }
  }

  /// Turns each truth value round.
  package static func not<Scalar: KernelScalar>(
    _ x: NDArray<Scalar>
  ) throws(KernelFault) -> NDArray<Scalar> {
    NDArray(extents: x.extents, mask: try x.checkedMask().map { !$0 })
  }

  /// The elements as reals; true is one.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func toReals<Scalar: KernelScalar>(
    _ x: NDArray<Scalar>
  ) throws(KernelFault) -> NDArray<Scalar> {
    try x.check()
    switch x.payload {
    case .real: return x
    case .index(let elements): return NDArray(extents: x.extents, real: elements.map { Scalar($0) })
    case .mask(let elements):
      return NDArray(extents: x.extents, real: elements.map { $0 ? 1 : 0 })
    }
  }

  /// The elements as integers, rounded towards zero.
  ///
  /// - Throws: ``KernelFault`` for a number that 32 bits can't hold.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func toIndices<Scalar: KernelScalar>(
    _ x: NDArray<Scalar>
  ) throws(KernelFault) -> NDArray<Scalar> {
    try x.check()
    switch x.payload {
    case .index: return x
    case .mask(let elements):
      return NDArray(extents: x.extents, index: elements.map { $0 ? 1 : 0 })
    case .real(let elements):
      var result: [Int32] = []
      result.reserveCapacity(elements.count)
      for element in elements {
        guard let integer = Int32(exactly: element.rounded(.towardZero)) else {
          throw KernelFault("\(element) does not fit a 32-bit integer")
        }
        result.append(integer)
      }
      return NDArray(extents: x.extents, index: result)
    }
  }

  /// Whether each element differs from zero.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func toMask<Scalar: KernelScalar>(
    _ x: NDArray<Scalar>
  ) throws(KernelFault) -> NDArray<Scalar> {
    try x.check()
    switch x.payload {
    case .mask: return x
    case .index(let elements): return NDArray(extents: x.extents, mask: elements.map { $0 != 0 })
    case .real(let elements): return NDArray(extents: x.extents, mask: elements.map { $0 != 0 })
    }
  }
}
