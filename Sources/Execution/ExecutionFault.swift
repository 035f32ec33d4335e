// ExecutionFault: why a step can't be run, with both sides of every mismatch.
// Callers turn it into a diagnostic or an exit code; nothing here knows source text.
import Dimensions
import IR

/// A tensor that the caller hands to a run.
package enum SuppliedTensor: Hashable, Sendable, CustomStringConvertible {
  case input(String)
  case parameter(String)

  package var description: String {
    switch self {
    case .input(let name): "input '\(name)'"
    case .parameter(let name): "parameter '\(name)'"
    }
  }
}

/// Where a kernel gave up.
package struct FailedApplication: Hashable, Sendable {
  /// The dotted path of the block; empty for the model itself.
  package var scope: String
  package var operation: String
  /// The place in the graph's list of nodes.
  package var node: Int
  /// What the kernel said.
  package var message: String

  package init(scope: String, operation: String, node: Int, message: String) {
    self.scope = scope
    self.operation = operation
    self.node = node
    self.message = message
  }
}

/// A step that can't be run.
package enum ExecutionFault: Error, Hashable, Sendable {
  case missingInput(String, expected: String)
  case unknownInput(String, known: [String])
  case wrongParameterCount(expected: Int, found: Int)
  case wrongKind(SuppliedTensor, expected: ElementKind, found: ElementKind)
  case wrongRank(SuppliedTensor, expected: String, found: [Int])
  /// A fixed extent, or a formula whose symbols are all bound, that the data contradict.
  case wrongExtent(SuppliedTensor, axis: Int, expected: String, found: Int)
  /// Two axes bind one symbol to different sizes; `boundBy` says where the first came from.
  case conflictingSize(
    SuppliedTensor, axis: Int, symbol: Symbol, expected: Int, found: Int, boundBy: String)
  /// A formula with a symbol that no input binds.
  case unboundSize(SuppliedTensor, axis: Int, formula: String)
  /// Fewer or more elements than the extents say.
  case wrongCount(SuppliedTensor, extents: [Int], found: Int)
  case indexOutOfRange(position: Int, value: Int64)
  /// An element type that is neither stored nor computed as declared.
  case notExecutable(value: String, element: ElementType)
  /// A weight that would not fit the limit, in bytes.
  case tooLarge(String, bytes: String, limit: Int)
  case kernel(FailedApplication)
  /// The graph itself is not well formed.
  case malformedGraph(String)
}

extension ExecutionFault {
  /// The readable kebab-case name.
  package var kind: String {
    switch self {
    case .missingInput: "missing-input"
    case .unknownInput: "unknown-input"
    case .wrongParameterCount: "wrong-parameter-count"
    case .wrongKind: "wrong-element-kind"
    case .wrongRank: "wrong-rank"
    case .wrongExtent: "wrong-extent"
    case .conflictingSize: "conflicting-size"
    case .unboundSize: "unbound-size"
    case .wrongCount: "wrong-element-count"
    case .indexOutOfRange: "index-out-of-range"
    case .notExecutable: "not-executable-dtype"
    case .tooLarge: "too-large-to-run"
    case .kernel: "kernel-fault"
    case .malformedGraph: "malformed-graph"
    }
  }
}

extension ExecutionFault: CustomStringConvertible {
  package var description: String {
    switch self {
    case .missingInput(let name, let expected):
      "input '\(name)' is missing: expected \(expected)"
    case .unknownInput(let name, let known):
      "there is no input '\(name)': the model takes \(known.joined(separator: ", "))"
    case .wrongParameterCount(let expected, let found):
      "expected \(expected) parameters, found \(found)"
    case .wrongKind(let tensor, let expected, let found):
      "\(tensor) holds the wrong kind of element: expected \(expected.rawValue), "
        + "found \(found.rawValue)"
    case .wrongRank(let tensor, let expected, let found):
      "\(tensor) has the wrong number of axes: expected \(expected), found \(found)"
    case .wrongExtent(let tensor, let axis, let expected, let found):
      "axis \(axis) of \(tensor): expected \(expected), found \(found)"
    case .conflictingSize(let tensor, let axis, let symbol, let expected, let found, let origin):
      "axis \(axis) of \(tensor): expected \(symbol) = \(expected) from \(origin), found \(found)"
    case .unboundSize(let tensor, let axis, let formula):
      "axis \(axis) of \(tensor): nothing gives '\(formula)' a size"
    case .wrongCount(let tensor, let extents, let found):
      "\(tensor) has extents \(extents) but \(found) elements"
    case .indexOutOfRange(let position, let value):
      "element \(position) is \(value), which does not fit 32 bits"
    case .notExecutable(let value, let element):
      "'\(value)' is declared \(element.rawValue), which this executor does not compute in; "
        + "it computes in f32 and f64"
    case .tooLarge(let name, let bytes, let limit):
      "\(name) needs \(bytes) bytes, above the limit of \(limit) bytes"
    case .kernel(let failure):
      "\(failure.operation) in \(failure.scope.isEmpty ? "the model" : failure.scope): "
        + failure.message
    case .malformedGraph(let message):
      "malformed graph: \(message)"
    }
  }
}
