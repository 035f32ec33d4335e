// RegionView: a function's region as the fusion rules read it: producers, readers and constants.
// Made once for each pass over a region, so that a rule asks in constant time.
import Dimensions
import IR
import Kernels
import Operations

/// One forward region, indexed.
struct RegionView {
  let function: Function
  let prover: Prover
  /// For each value, the node that makes it.
  private var producers: [Int]
  /// For each value, the nodes that read it, once for each operand.
  private var readers: [[Int]]
  private var isOutput: [Bool]
  /// For each value, the number that all its elements are, where that is known.
  private var constants: [Double?]

  init(_ function: Function, prover: Prover) {
    self.function = function
    self.prover = prover
    producers = Array(repeating: -1, count: function.values.count)
    readers = Array(repeating: [], count: function.values.count)
    isOutput = Array(repeating: false, count: function.values.count)
    constants = Array(repeating: nil, count: function.values.count)
    for output in function.outputs { isOutput[output.index] = true }
    for (index, node) in function.nodes.enumerated() {
      for result in node.results { producers[result.index] = index }
      for operand in node.operands { readers[operand.index].append(index) }
      if case .operation(let operation) = node.kind, node.results.count == 1 {
        constants[node.results[0].index] = constant(operation, node)
      }
    }
  }

  func type(of value: ValueID) -> TensorType { function.values[value.index].type }
  func rank(of value: ValueID) -> Int { type(of: value).rank }

  /// The index of the node that makes a value.
  func producer(of value: ValueID) -> Int { producers[value.index] }

  /// The operation that makes a value, and its operands; `nil` for inputs, weights and calls.
  func operation(of value: ValueID) -> (any Operation, [ValueID])? {
    let node = function.nodes[producers[value.index]]
    guard case .operation(let operation) = node.kind else { return nil }
    return (operation, node.operands)
  }

  /// The operands of the operation that makes a value, if it is of this kind.
  func operands<Kind: Operation>(of value: ValueID, _ kind: Kind.Type) -> [ValueID]? {
    guard let (operation, operands) = operation(of: value), operation is Kind else { return nil }
    return operands
  }

  /// Whether a value is a weight.
  func isParameter(_ value: ValueID) -> Bool {
    if case .parameter = function.nodes[producers[value.index]].kind { true } else { false }
  }

  /// The number that all elements of a value are.
  func constant(_ value: ValueID) -> Double? { constants[value.index] }

  /// Whether one node reads the value, once, and nobody outside the region does.
  func isReadOnce(_ value: ValueID) -> Bool {
    readers[value.index].count == 1 && !isOutput[value.index]
  }

  /// Whether nothing but these nodes and the last of them reads what the inner ones make.
  func isClosed(_ interior: Set<Int>, under anchor: Int) -> Bool {
    interior.allSatisfy { index in
      function.nodes[index].results.allSatisfy { result in
        !isOutput[result.index]
          && readers[result.index].allSatisfy { $0 == anchor || interior.contains($0) }
      }
    }
  }

  /// Whether two sizes are proved to be one.
  func areEqual(_ left: Dimension, _ right: Dimension) -> Bool {
    left == right || prover.areEqual(left, right).isProved
  }

  /// Whether two values are proved to have the same type.
  func haveSameType(_ left: ValueID, _ right: ValueID) -> Bool {
    type(of: left).isEqual(to: type(of: right), prover: prover)
  }

  /// Folds one operation on constants; operands come before their readers, so theirs are known.
  private func constant(_ operation: any Operation, _ node: Node) -> Double? {
    if let fill = operation as? Fill { return fill.value }
    let result = type(of: node.results[0])
    if let extent = operation as? Extent { return extent.size.constant.map { Double($0) } }
    let operands = node.operands.map { constants[$0.index] }
    guard !operands.isEmpty, let first = operands[0] else { return nil }
    switch operation {
    case is Rearrange, is Broadcast, is BroadcastTo: return first
    case is Cast: return result.element.kind == .real ? first : nil
    default: break
    }
    guard result.element.kind == .real else { return nil }
    switch operation {
    case is Negate: return -first
    case is Sqrt: return first.squareRoot()
    case is Reciprocal: return 1 / first
    default: break
    }
    guard operands.count == 2, let second = operands[1] else { return nil }
    switch operation {
    case is Add: return first + second
    case is Subtract: return first - second
    case is Multiply: return first * second
    case is Divide: return first / second
    case is Power: return first.raised(to: second)
    default: return nil
    }
  }
}

extension Double {
  /// Powers by whole and half exponents, which are those that people write for constants.
  func raised(to exponent: Double) -> Double? {
    guard exponent.magnitude <= 16, let twice = Int(exactly: 2 * exponent) else { return nil }
    var result = 1.0
    let base = squareRoot()
    if twice.isMultiple(of: 2) {
      for _ in 0..<twice.magnitude / 2 { result *= self }
    } else {
      for _ in 0..<twice.magnitude { result *= base }
    }
    return twice < 0 ? 1 / result : result
  }

  /// Whether two constants are the same in single precision, in which fused programs run.
  func isClose(to other: Double) -> Bool {
    self == other || (self - other).magnitude <= 6e-8 * Swift.max(magnitude, other.magnitude)
  }
}
