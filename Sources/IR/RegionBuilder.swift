// RegionBuilder: appends typed nodes to a forward or backward region.
// The elaborator, gradients and expansions all emit through it, so that every value is typed once.
import Diagnostics
import Dimensions

/// Builds a region over a growing list of values.
package struct RegionBuilder: Sendable {
  package private(set) var values: [Value]
  package private(set) var nodes: [Node] = []
  package let prover: Prover
  /// The range given to the nodes and values that follow.
  package var range: SourceRange?

  /// - Parameters:
  ///   - values: values that exist already; new ones are appended.
  ///   - prover: decides the operations' obligations.
  package init(values: [Value] = [], prover: Prover) {
    self.values = values
    self.prover = prover
  }

  /// The type of a value.
  package func type(of value: ValueID) -> TensorType {
    values[value.index].type
  }

  /// The dimensions of a value.
  package func shape(of value: ValueID) -> [Dimension] {
    values[value.index].type.shape
  }

  /// Applies an operation.
  ///
  /// - Throws: the operation's ``Fault`` when the operands don't fit.
  package mutating func emit(
    _ operation: any Operation, _ operands: [ValueID]
  ) throws(Fault) -> [ValueID] {
    let types = try operation.resultTypes(of: operands.map { type(of: $0) }, prover: prover)
    return append(.operation(operation), operands: operands, types: types)
  }

  /// Applies an operation with one result.
  package mutating func emit(
    _ operation: any Operation, _ operands: ValueID...
  ) throws(Fault) -> ValueID {
    try emit(operation, operands)[0]
  }

  /// Appends a node of any kind with results of the given types.
  package mutating func append(
    _ kind: NodeKind, operands: [ValueID] = [], types: [TensorType]
  ) -> [ValueID] {
    var results: [ValueID] = []
    for type in types {
      results.append(ValueID(index: values.count))
      values.append(Value(type: type, range: range))
    }
    nodes.append(Node(kind: kind, operands: operands, results: results, range: range))
    return results
  }

  /// Gives a value a name and the derivation of its dimensions.
  package mutating func describe(
    _ value: ValueID, name: String? = nil, origins: [AxisOrigin]? = nil
  ) {
    if let name { values[value.index].name = name }
    if let origins { values[value.index].origins = origins }
  }
}
