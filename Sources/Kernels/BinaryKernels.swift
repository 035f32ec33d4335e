// BinaryKernels: two arrays in, one out, broadcast against each other.
// Arithmetic, comparison and logic share one walk, so they stand in one file to be inlined into it.

/// Loops over elements.
package enum Elementwise {}

/// The functions of two numbers.
package enum BinaryFunction: String, Hashable, Sendable, CaseIterable {
  case add, subtract, multiply, divide, maximum, minimum, power
}

/// The relations between two numbers.
package enum Relation: String, Hashable, Sendable, CaseIterable {
  case equal, notEqual = "not_equal", less, lessOrEqual = "less_equal"
  case greater, greaterOrEqual = "greater_equal"
}

/// The functions of two truth values.
package enum Connective: String, Hashable, Sendable, CaseIterable {
  case and, or
}

extension Elementwise {
  /// Applies a function to pairs of elements; integers know sums, differences, products, minima
  /// and maxima, and fault when a result does not fit.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func apply<Scalar: KernelScalar>(
    _ function: BinaryFunction, _ a: NDArray<Scalar>, _ b: NDArray<Scalar>
  ) throws(KernelFault) -> NDArray<Scalar> {
    if case .index = a.payload { return try applyToIndices(function, a, b) }
    let (x, y) = (try a.checkedReals(), try b.checkedReals())
    let walk = try PairWalk(a.extents, b.extents)
    let result: [Scalar] =
      switch function {
      case .add: walk.map(x, y) { $0 + $1 }
      case .subtract: walk.map(x, y) { $0 - $1 }
      case .multiply: walk.map(x, y) { $0 * $1 }
      case .divide: walk.map(x, y) { $0 / $1 }
      // NaN on either side wins.
      case .maximum: walk.map(x, y) { $0 > $1 || $0 != $0 ? $0 : $1 }
      case .minimum: walk.map(x, y) { $0 < $1 || $0 != $0 ? $0 : $1 }
      case .power: walk.map(x, y) { Scalar.power($0, $1) }
      }
    return NDArray(extents: walk.extents, real: result)
  }

  private static func applyToIndices<Scalar: KernelScalar>(
    _ function: BinaryFunction, _ a: NDArray<Scalar>, _ b: NDArray<Scalar>
  ) throws(KernelFault) -> NDArray<Scalar> {
    let (x, y) = (try a.checkedIndices(), try b.checkedIndices())
    let walk = try PairWalk(a.extents, b.extents)
    var overflow = false
    func checked(_ result: (partialValue: Int32, overflow: Bool)) -> Int32 {
      if result.overflow { overflow = true }
      return result.partialValue
    }
    let result: [Int32]
    switch function {
    case .add: result = walk.map(x, y) { checked($0.addingReportingOverflow($1)) }
    case .subtract: result = walk.map(x, y) { checked($0.subtractingReportingOverflow($1)) }
    case .multiply: result = walk.map(x, y) { checked($0.multipliedReportingOverflow(by: $1)) }
    case .maximum: result = walk.map(x, y) { Swift.max($0, $1) }
    case .minimum: result = walk.map(x, y) { Swift.min($0, $1) }
    case .divide, .power: throw KernelFault("\(function.rawValue) of integers")
    }
    guard !overflow else { throw KernelFault("\(function.rawValue) overflows 32-bit integers") }
    return NDArray(extents: walk.extents, index: result)
  }

  /// Compares pairs of elements.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func compare<Scalar: KernelScalar>(
    _ a: NDArray<Scalar>, _ b: NDArray<Scalar>, _ relation: Relation
  ) throws(KernelFault) -> NDArray<Scalar> {
    let walk = try PairWalk(a.extents, b.extents)
    let result: [Bool]
    if case .index = a.payload {
      result = walk.compare(try a.checkedIndices(), try b.checkedIndices(), relation)
    } else {
      result = walk.compare(try a.checkedReals(), try b.checkedReals(), relation)
    }
    return NDArray(extents: walk.extents, mask: result)
  }

  /// Joins pairs of truth values.
  package static func join<Scalar: KernelScalar>(
    _ a: NDArray<Scalar>, _ b: NDArray<Scalar>, _ connective: Connective
  ) throws(KernelFault) -> NDArray<Scalar> {
    let (x, y) = (try a.checkedMask(), try b.checkedMask())
    let walk = try PairWalk(a.extents, b.extents)
    let result: [Bool] =
      switch connective {
      case .and: walk.map(x, y) { $0 && $1 }
      case .or: walk.map(x, y) { $0 || $1 }
      }
    return NDArray(extents: walk.extents, mask: result)
  }
}

/// The walk over two arrays that are broadcast against each other.
private struct PairWalk {
  let extents: [Int]
  let count: Int
  let walk: StridedWalk

  init(_ a: [Int], _ b: [Int]) throws(KernelFault) {
    extents = try Extents.broadcast([a, b])
    count = try Extents.count(extents)
    walk = StridedWalk(
      extents: extents,
      strides: [
        try Extents.broadcastStrides(a, to: extents), try Extents.broadcastStrides(b, to: extents),
        Extents.strides(extents),
      ])
  }

  @inline(__always)
  func map<Element, Result>(
    _ a: [Element], _ b: [Element], _ function: (Element, Element) -> Result
  ) -> [Result] {
    guard count > 0 else { return [] }
    return a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        Array(unsafeUninitializedCapacity: count) { target, initialized in
          fill(target, a, b, function)
          initialized = count
        }
      }
    }
  }

  /// The inner loops; a stride of one or zero is written out so that the loop vectorises.
  @inline(__always)
  private func fill<Element, Result>(
    _ target: UnsafeMutableBufferPointer<Result>, _ a: UnsafeBufferPointer<Element>,
    _ b: UnsafeBufferPointer<Element>, _ function: (Element, Element) -> Result
  ) {
    let length = walk.innerCount
    let (strideA, strideB) = (walk.innerStrides[0], walk.innerStrides[1])
    walk.forEach { offsets in
      let (startA, startB, start) = (offsets[0], offsets[1], offsets[2])
      if strideA == 1 && strideB == 1 {
        for index in 0..<length {
          target.initializeElement(
            at: start &+ index, to: function(a[startA &+ index], b[startB &+ index]))
        }
      } else if strideA == 1 && strideB == 0 {
        let right = b[startB]
        for index in 0..<length {
          target.initializeElement(at: start &+ index, to: function(a[startA &+ index], right))
        }
      } else {
        for index in 0..<length {
          target.initializeElement(
            at: start &+ index,
            to: function(a[startA &+ index &* strideA], b[startB &+ index &* strideB]))
        }
      }
    }
  }

  @inline(__always)
  func compare<Element: Comparable>(
    _ a: [Element], _ b: [Element], _ relation: Relation
  ) -> [Bool] {
    switch relation {
    case .equal: map(a, b) { $0 == $1 }
    case .notEqual: map(a, b) { $0 != $1 }
    case .less: map(a, b) { $0 < $1 }
    case .lessOrEqual: map(a, b) { $0 <= $1 }
    case .greater: map(a, b) { $0 > $1 }
    case .greaterOrEqual: map(a, b) { $0 >= $1 }
    }
  }
}
