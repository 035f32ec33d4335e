// ToyOperations: operations small enough to follow by hand.
// The catalogue's own are tested in its room; here only the executor is under test.
import Dimensions
import IR
import Kernels

/// An operation of which only the kernel matters.
protocol ToyOperation: Operation {
  init()
  static var toyName: String { get }
}

extension ToyOperation {
  static var schema: OperationSchema {
    OperationSchema(name: toyName, summary: "", shapes: "", operands: [], faults: [:])
  }

  static var examples: [OperationExample] { [] }
  init(_ attributes: Attributes) throws(Fault) { self.init() }
  var attributes: Attributes { Attributes() }
  var keeps: KeptValues { KeptValues() }

  func resultTypes(of operands: [TensorType], prover: Prover) throws(Fault) -> [TensorType] {
    throw Fault("toy", "a toy has no types")
  }

  func cost(of operands: [TensorType], results: [TensorType]) -> Cost { Cost() }

  func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    throw Fault("toy", "a toy has no gradient")
  }
}

/// Shapes: `a [m, k]`, `b [k, n]` → `[m, n]`.
struct ToyProduct: ToyOperation {
  static let toyName = "product"

  func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    let (a, b) = (operands[0], operands[1])
    let (m, k, n) = (a.extents[0], a.extents[1], b.extents[1])
    guard b.extents[0] == k else { throw KernelFault("inner axes are \(k) and \(b.extents[0])") }
    var result = [Scalar](repeating: 0, count: m * n)
    for i in 0..<m {
      for j in 0..<n {
        for l in 0..<k {
          result[i * n + j] += a.reals[i * k + l] * b.reals[l * n + j]
          context.counter.multiplyAdds += 1
        }
      }
    }
    return [NDArray(extents: [m, n], real: result)]
  }
}

/// Adds arrays of the same extents.
struct ToySum: ToyOperation {
  static let toyName = "sum"

  func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    let sum = zip(operands[0].reals, operands[1].reals).map { $0 + $1 }
    return [NDArray(extents: operands[0].extents, real: sum)]
  }
}

/// Hands on the storage of its operand under one axis.
struct ToyFlatten: ToyOperation {
  static let toyName = "flatten"

  func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [NDArray(extents: [operands[0].count], payload: operands[0].payload)]
  }
}

/// The first row, and the others.
struct ToySplit: ToyOperation {
  static let toyName = "split"

  func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    let (rows, width) = (operands[0].extents[0], operands[0].extents[1])
    return [
      NDArray(extents: [1, width], real: Array(operands[0].reals.prefix(width))),
      NDArray(extents: [rows - 1, width], real: Array(operands[0].reals.dropFirst(width))),
    ]
  }
}

/// A kernel that gives up.
struct ToyFailure: ToyOperation {
  static let toyName = "failure"

  func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    throw KernelFault("index 9 of a table of 4")
  }
}

/// A kernel that lies about the extents of its result.
struct ToyLie: ToyOperation {
  static let toyName = "lie"

  func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [NDArray(extents: [5], real: [1, 2])]
  }
}

/// The mean of (x·w − y)² over the rows whose target is not −100.
///
/// Shapes: `x [b, k]`, `w [k]`, `y [b]` → `[]`.
struct ToyLoss: ToyOperation {
  static let toyName = "loss"

  /// The kept rows with what is left of each: x·w − y.
  static func residuals<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>]
  ) -> [(row: ArraySlice<Scalar>, residual: Scalar)] {
    let width = operands[1].count
    return operands[2].indices.enumerated().filter { $0.element != -100 }.map { row, target in
      let slice = operands[0].reals[row * width..<(row + 1) * width]
      return (slice, zip(slice, operands[1].reals).reduce(-Scalar(target)) { $0 + $1.0 * $1.1 })
    }
  }

  func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    let kept = ToyLoss.residuals(operands)
    let total = kept.reduce(Scalar(0)) { $0 + $1.residual * $1.residual }
    return [NDArray(extents: [], real: [total / Scalar(kept.count)])]
  }
}

/// The gradient of ``ToyLoss`` by `w`.
struct ToyLossGradient: ToyOperation {
  static let toyName = "loss_gradient"

  func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    let kept = ToyLoss.residuals(operands)
    var result = [Scalar](repeating: 0, count: operands[1].count)
    for (row, residual) in kept {
      for (index, x) in row.enumerated() {
        result[index] += 2 * residual * x / Scalar(kept.count)
      }
    }
    return [NDArray(extents: operands[1].extents, real: result)]
  }
}
