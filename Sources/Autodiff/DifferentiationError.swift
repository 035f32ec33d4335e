// DifferentiationError: why a program has no backward pass.
// Thrown where the operation is known, so that a caller can point at the line that applied it.
import Diagnostics
import IR

/// A program that can't be differentiated.
package struct DifferentiationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The operation whose gradient failed, when one did.
  package let operation: String?
  package let message: String
  /// Where the operation is applied.
  package let range: SourceRange?

  package init(operation: String? = nil, _ message: String, range: SourceRange? = nil) {
    self.operation = operation
    self.message = message
    self.range = range
  }

  package var description: String {
    operation.map { "the gradient of \($0): \(message)" } ?? message
  }

  /// Bounds the recursion through calls, whose nesting comes from the model's text.
  static func check(_ depth: Int) throws(DifferentiationError) {
    guard depth <= Flattening.depthLimit else {
      throw DifferentiationError("calls are nested deeper than \(Flattening.depthLimit)")
    }
  }
}
