// FlatGraph: the whole step as one list of operations, calls inlined and scopes kept.
// Only execution and its planning need it; everything that can stay folded does.
import Diagnostics
import Dimensions

/// One weight of the unfolded model.
package struct FlatParameter: Hashable, Sendable {
  /// The path, with dots: `h.0.attn.c_attn.weight`.
  package var name: String
  package var declaration: ParameterDeclaration
  /// Its value in the graph.
  package var value: Int

  package init(name: String, declaration: ParameterDeclaration, value: Int) {
    self.name = name
    self.declaration = declaration
    self.value = value
  }
}

/// A named input or output.
package struct FlatPort: Hashable, Sendable {
  package var name: String
  package var value: Int

  package init(name: String, value: Int) {
    self.name = name
    self.value = value
  }
}

/// Whether a node belongs to the forward or the backward pass.
package enum Phase: String, Hashable, Sendable {
  case forward, backward
}

/// A value of the unfolded step.
package struct FlatValue: Hashable, Sendable {
  /// The predicted type.
  package var type: TensorType
  package var name: String?
  /// Index into the scopes.
  package var scope: Int

  package init(type: TensorType, name: String?, scope: Int) {
    self.type = type
    self.name = name
    self.scope = scope
  }
}

/// One operation of the unfolded step.
package struct FlatNode: Sendable {
  package var operation: any Operation
  package var operands: [Int]
  package var results: [Int]
  package var scope: Int
  package var phase: Phase
  /// The call that it comes from.
  package var range: SourceRange?

  package init(
    operation: any Operation, operands: [Int], results: [Int], scope: Int, phase: Phase,
    range: SourceRange? = nil
  ) {
    self.range = range
    self.operation = operation
    self.operands = operands
    self.results = results
    self.scope = scope
    self.phase = phase
  }
}

/// A place in the instance tree: `h.3` inside the root.
package struct FlatScope: Hashable, Sendable {
  package var parent: Int?
  package var name: String

  package init(parent: Int?, name: String) {
    self.parent = parent
    self.name = name
  }
}

/// The unfolded step: forward, loss and, if asked for, backward.
///
/// Lifetimes, which the executor keeps and the prediction of memory assumes:
/// - nodes run in order, and the results of a node are allocated before its operands die;
/// - a value dies after the last node that reads it, and one that nothing reads dies after the
///   node that makes it;
/// - outputs and gradients live to the end;
/// - inputs and parameters belong to the caller: they live throughout and are counted apart;
/// - every value counts for itself, also when a kernel hands on the storage of its operand.
package struct FlatGraph: Sendable {
  package var values: [FlatValue] = []
  package var nodes: [FlatNode] = []
  package var inputs: [FlatPort] = []
  package var parameters: [FlatParameter] = []
  package var outputs: [FlatPort] = []
  /// For each parameter, the value of its gradient; `nil` when it has none.
  package var gradients: [Int?] = []
  package var scopes: [FlatScope] = [FlatScope(parent: nil, name: "")]

  package init() {}

  /// The dotted path of a scope; empty for the model itself.
  package func path(of scope: Int) -> String {
    var parts: [String] = []
    var current: Int? = scope
    while let index = current {
      if !scopes[index].name.isEmpty { parts.append(scopes[index].name) }
      current = scopes[index].parent
    }
    return parts.reversed().joined(separator: ".")
  }
}
