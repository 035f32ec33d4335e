// Mutant: an operation with one rule broken on purpose.
// The laws are tested with it: a law that accepts a mutant would accept the mistake.
import Dimensions
import IR
import Kernels

/// What a mutant does differently; each requirement leaves things as they are by default.
protocol Mutation: Sendable {
  static func schema(_ schema: OperationSchema) -> OperationSchema
  static func attributes(_ attributes: Attributes) -> Attributes
  static func types(_ types: [TensorType], of operands: [TensorType]) -> [TensorType]
  static func cost(_ cost: Cost) -> Cost
  static func keeps(_ keeps: KeptValues) -> KeptValues
  static func gradients(
    _ gradients: [ValueID?], _ builder: inout RegionBuilder, operands: [ValueID]
  ) throws(Fault) -> [ValueID?]
  static func expansion(
    _ results: [ValueID]?, _ builder: inout RegionBuilder
  ) throws(Fault) -> [ValueID]?
  static func results<Scalar>(
    _ results: [NDArray<Scalar>], in context: inout EvaluationContext
  ) -> [NDArray<Scalar>]
}

extension Mutation {
  static func schema(_ schema: OperationSchema) -> OperationSchema { schema }
  static func attributes(_ attributes: Attributes) -> Attributes { attributes }
  static func types(_ types: [TensorType], of operands: [TensorType]) -> [TensorType] { types }
  static func cost(_ cost: Cost) -> Cost { cost }
  static func keeps(_ keeps: KeptValues) -> KeptValues { keeps }
  static func gradients(
    _ gradients: [ValueID?], _ builder: inout RegionBuilder, operands: [ValueID]
  ) throws(Fault) -> [ValueID?] { gradients }
  static func expansion(
    _ results: [ValueID]?, _ builder: inout RegionBuilder
  ) throws(Fault) -> [ValueID]? { results }
  static func results<Scalar>(
    _ results: [NDArray<Scalar>], in context: inout EvaluationContext
  ) -> [NDArray<Scalar>] { results }
}

/// An operation as changed by a mutation.
struct Mutant<Base: Operation, Change: Mutation>: Operation {
  static var schema: OperationSchema { Change.schema(Base.schema) }
  static var examples: [OperationExample] { Base.examples }

  private let base: Base

  init(_ attributes: Attributes) throws(Fault) {
    base = try Base(attributes)
  }

  var attributes: Attributes { Change.attributes(base.attributes) }

  var keeps: KeptValues { Change.keeps(base.keeps) }

  func resultTypes(of operands: [TensorType], prover: Prover) throws(Fault) -> [TensorType] {
    Change.types(try base.resultTypes(of: operands, prover: prover), of: operands)
  }

  func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    Change.cost(base.cost(of: operands, results: results))
  }

  func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    let gradients = try base.gradient(
      &builder, operands: operands, results: results, cotangents: cotangents, wanted: wanted)
    return try Change.gradients(gradients, &builder, operands: operands)
  }

  func expansion(
    _ builder: inout RegionBuilder, operands: [ValueID]
  ) throws(Fault) -> [ValueID]? {
    try Change.expansion(try base.expansion(&builder, operands: operands), &builder)
  }

  func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    Change.results(try base.evaluate(operands, in: &context), in: &context)
  }
}
