// DecodingFault: why a model can't write one token after the other, with the operation that says so.
// Apart from ExecutionFault: nothing has run yet, and the call in the source is known.
import Diagnostics
import IR

/// A model that has no decoding step.
package struct DecodingFault: Error, Hashable, Sendable {
  /// What stands in the way; the raw value is the diagnostic's id.
  package enum Kind: String, Hashable, Sendable {
    /// A row reads rows that come after it: no model writes like that.
    case notCausal = "not-causal"
    /// A row depends on how long the sequence is, so what was computed before changes.
    case lengthDecides = "length-decides"
    /// An operation on the sequence that has no form for one row.
    case noStep = "no-decoding-step"
    /// The inputs or outputs are not those of a language model.
    case noLanguageModel = "no-language-model"
  }

  package var kind: Kind
  package var message: String
  /// The operation and the path of its block.
  package var operation: String?
  package var scope: String
  package var range: SourceRange?

  init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
    scope = ""
  }

  init(_ kind: Kind, _ message: String, at node: FlatNode, in graph: FlatGraph) {
    self.kind = kind
    self.message = message
    operation = node.operation.name
    scope = graph.path(of: node.scope)
    range = node.range
  }
}
