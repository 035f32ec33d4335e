// LogSoftmax: the logarithm of softmax, without computing softmax first.
// Apart from softmax because the logarithm of a probability that rounds to zero would be lost.
import Dimensions
import IR
import Kernels

/// Subtracts the logarithm of the sum of exponentials along one axis.
///
/// - Shapes: `x [..., s]` → the same; the bracketed axis may stand anywhere
/// - Cost: five operations an element and one logarithm a row
package struct LogSoftmax: Operation {
  package static let schema = OperationSchema(
    name: "log_softmax", summary: "Takes the logarithm of the sum of exponentials from each row.",
    shapes: "x [b, t, v] : b t [v] -> [b, t, v]", operands: [OperandSchema("x")],
    pattern: .bracket, faults: SingleAxis.faults)

  package static let examples = Softmax.examples

  private let marked: SingleAxis

  package init(_ attributes: Attributes) throws(Fault) {
    marked = try SingleAxis(try LogSoftmax.schema.checked(attributes))
  }

  init(_ marked: SingleAxis) {
    self.marked = marked
  }

  package var attributes: Attributes { Attributes(pattern: marked.pattern) }

  package let keeps = KeptValues(results: [0])

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try LogSoftmax.schema.check(operands)
    _ = try marked.axis(of: operands[0])
    return [operands[0]]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    let elements = operands[0].elementCount
    guard let axis = try? marked.axis(of: operands[0]) else { return Cost(elementwise: elements) }
    var rows = operands[0].shape
    rows.remove(at: axis)
    return Cost(elementwise: 5 * elements + Dimension.product(of: rows))
  }

  /// The gradient is `g - exp(y) · Σ g`.
  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    guard wanted[0], let cotangent = cotangents[0] else { return [nil] }
    let axis = try marked.axis(of: builder.type(of: results[0]))
    let sum = try builder.emit(Sum(marked.bracket), cotangent)
    let spread = try builder.restore(sum, axes: [axis], like: results[0])
    let share = try builder.multiply(try builder.emit(Exp(), results[0]), spread)
    return [try builder.subtract(cotangent, share)]
  }

  package func expansion(
    _ builder: inout RegionBuilder, operands: [ValueID]
  ) throws(Fault) -> [ValueID]? {
    let x = operands[0]
    let axis = try marked.axis(of: builder.type(of: x))
    let largest = try builder.emit(Max(marked.bracket), x)
    let shifted = try builder.subtract(x, try builder.restore(largest, axes: [axis], like: x))
    let sum = try builder.emit(Sum(marked.bracket), try builder.emit(Exp(), shifted))
    let logarithm = try builder.emit(Log(), sum)
    return [
      try builder.subtract(shifted, try builder.restore(logarithm, axes: [axis], like: x))
    ]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [try StandardKernels.logSoftmax(operands[0], axis: try marked.axis(of: operands[0]))]
  }
}
