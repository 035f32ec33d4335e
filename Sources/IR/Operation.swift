// Operation: what every operation of the catalogue must say about itself.
// One protocol, so that a missing shape, cost, gradient or kernel rule does not compile.
import Dimensions
import Kernels

/// The work of one application, as polynomials in the symbolic dimensions.
package struct Cost: Hashable, Sendable {
  /// Multiply-adds of contractions; one is two FLOPs.
  package var multiplyAdds: Dimension
  /// Other floating-point operations, one for each result element and step.
  package var elementwise: Dimension

  package init(multiplyAdds: Dimension = 0, elementwise: Dimension = 0) {
    self.multiplyAdds = multiplyAdds
    self.elementwise = elementwise
  }
}

/// Which forward values the gradient of an operation reads.
package struct KeptValues: Hashable, Sendable {
  package var operands: Set<Int>
  package var results: Set<Int>

  package init(operands: Set<Int> = [], results: Set<Int> = []) {
    self.operands = operands
    self.results = results
  }
}

/// The inclusive bounds of an integer tensor's values: `0 ... T - 1`.
package struct IndexRange: Hashable, Sendable, CustomStringConvertible {
  package var lower: Dimension
  package var upper: Dimension

  package init(lower: Dimension, upper: Dimension) {
    self.lower = lower
    self.upper = upper
  }

  package var description: String { "\(lower) ... \(upper)" }
}

/// What a kernel is told beside its operands, and what it counts.
package struct EvaluationContext: Sendable {
  /// Sizes of the symbolic dimensions, read from the extents of the inputs of the run.
  package var sizes: [Symbol: Int]
  package var counter = KernelCounter()

  package init(sizes: [Symbol: Int] = [:]) {
    self.sizes = sizes
  }

  /// The value of a dimension in this run.
  package func size(_ dimension: Dimension) throws(KernelFault) -> Int {
    guard let wide = dimension.evaluate(sizes), let value = Int(exactly: wide), value >= 0 else {
      throw KernelFault("the size \(dimension) has no value in this run")
    }
    return value
  }
}

/// An operation: its name and documentation, and its rules.
package protocol Operation: Sendable {
  /// Name, operands, attributes and documented faults.
  static var schema: OperationSchema { get }

  /// Operands on which the laws are checked, and those that reach each documented fault.
  static var examples: [OperationExample] { get }

  /// - Throws: ``Fault`` when an attribute is missing, unknown or out of range.
  init(_ attributes: Attributes) throws(Fault)

  /// The attributes that make this operation again.
  var attributes: Attributes { get }

  /// The types of the results.
  ///
  /// - Throws: ``Fault`` when the operands can't be proved to fit.
  func resultTypes(of operands: [TensorType], prover: Prover) throws(Fault) -> [TensorType]

  /// The work of one application.
  func cost(of operands: [TensorType], results: [TensorType]) -> Cost

  /// The forward values that ``gradient(_:operands:results:cotangents:wanted:)`` reads.
  var keeps: KeptValues { get }

  /// Emits the gradient; one cotangent for each operand, `nil` where none exists or is wanted.
  ///
  /// - Parameters:
  ///   - builder: where the new nodes go.
  ///   - operands: the forward operands.
  ///   - results: the forward results.
  ///   - cotangents: the gradient of the loss by each result; `nil` means zero.
  ///   - wanted: for each operand, whether its cotangent is needed.
  /// - Returns: the cotangent of each operand; `nil` where there is none.
  /// - Throws: ``Fault`` when a rule's own operations can't be shown to fit.
  func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?]

  /// The same computation in more primitive operations; `nil` for a primitive.
  func expansion(
    _ builder: inout RegionBuilder, operands: [ValueID]
  ) throws(Fault) -> [ValueID]?

  /// The values that an integer result can take, from those of the operands; `nil` when unknown.
  func valueRange(of operands: [TensorType], ranges: [IndexRange?]) -> IndexRange?

  /// Checks the values of integer operands, where they are known, against a table's extent.
  ///
  /// - Throws: ``Fault`` with the obligation and the prover's verdict.
  func checkValues(
    of operands: [TensorType], ranges: [IndexRange?], prover: Prover) throws(Fault)

  /// Computes the results with the plain kernels, from the extents of the data alone.
  func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>]
}

extension Operation {
  package func expansion(
    _ builder: inout RegionBuilder, operands: [ValueID]
  ) throws(Fault) -> [ValueID]? { nil }

  package func valueRange(of operands: [TensorType], ranges: [IndexRange?]) -> IndexRange? { nil }

  package func checkValues(
    of operands: [TensorType], ranges: [IndexRange?], prover: Prover
  ) throws(Fault) {}

  /// The name in the language and the text form.
  package var name: String { Self.schema.name }
}
