// RegionBuilder+Arithmetic: the operations as calls, so that gradients read like formulas.
// Apart from the operations because gradients and expansions of all of them use it.
import Dimensions
import IR
import Kernels

extension RegionBuilder {
  package mutating func add(_ a: ValueID, _ b: ValueID) throws(Fault) -> ValueID {
    try emit(Add(), a, b)
  }

  package mutating func subtract(_ a: ValueID, _ b: ValueID) throws(Fault) -> ValueID {
    try emit(Subtract(), a, b)
  }

  package mutating func multiply(_ a: ValueID, _ b: ValueID) throws(Fault) -> ValueID {
    try emit(Multiply(), a, b)
  }

  package mutating func divide(_ a: ValueID, _ b: ValueID) throws(Fault) -> ValueID {
    try emit(Divide(), a, b)
  }

  package mutating func negate(_ x: ValueID) throws(Fault) -> ValueID {
    try emit(Negate(), x)
  }

  package mutating func compare(
    _ a: ValueID, _ relation: Relation, _ b: ValueID
  ) throws(Fault) -> ValueID {
    try emit(Compare(relation), a, b)
  }

  package mutating func select(
    _ condition: ValueID, _ a: ValueID, _ b: ValueID
  ) throws(Fault) -> ValueID {
    try emit(Where(), condition, a, b)
  }

  /// A constant without axes, of the same elements as another value.
  package mutating func scalar(_ value: Double, like other: ValueID) throws(Fault) -> ValueID {
    try emit(Fill(value, element: type(of: other).element))
  }

  /// `value` times a constant.
  package mutating func scale(_ value: ValueID, by factor: Double) throws(Fault) -> ValueID {
    try multiply(value, try scalar(factor, like: value))
  }

  /// Sums a value down to the shape of an operand that was broadcast to it.
  package mutating func reduce(_ value: ValueID, like operand: ValueID) throws(Fault) -> ValueID {
    let shape = shape(of: operand)
    if shape == self.shape(of: value) { return value }
    return try emit(SumTo(shape), value)
  }

  /// Repeats a value up to the shape of another.
  package mutating func spread(_ value: ValueID, like other: ValueID) throws(Fault) -> ValueID {
    let shape = shape(of: other)
    if shape == self.shape(of: value) { return value }
    return try emit(BroadcastTo(shape), value)
  }

  /// Zeros in the shape of another value.
  package mutating func zeros(like other: ValueID) throws(Fault) -> ValueID {
    try spread(try scalar(0, like: other), like: other)
  }

  /// Puts axes that a reduction dropped back, repeated to the sizes that they have in `other`.
  package mutating func restore(
    _ value: ValueID, axes: [Int], like other: ValueID
  ) throws(Fault) -> ValueID {
    let shape = shape(of: other)
    let names = shape.indices.map { "a\($0)" }
    var sizes: [String: Dimension] = [:]
    for axis in axes { sizes[names[axis]] = shape[axis] }
    let kept = names.filter { sizes[$0] == nil }
    let pattern = Pattern(inputs: [kept.map { .name($0) }], output: names.map { .name($0) })
    return try emit(Broadcast(pattern, sizes: sizes), value)
  }
}
