// AnalysisError: what stops a report: a number too large, or a list too long.
// Counts come from the model's text, so both are ordinary answers and never traps.
import Diagnostics
import Dimensions
import IR

/// Why a report can't be made.
package enum AnalysisError: Error, Hashable, Sendable {
  /// A count does not fit 64 bits; the block in which it first fails, and its place.
  case overflow(quantity: String, block: String, range: SourceRange?)
  /// A count depends on a dimension that has no value: a weight's shape must be static.
  case symbolic(quantity: String, value: Dimension, block: String, range: SourceRange?)
  /// More rows than the caller is ready to hold.
  case tooManyRows(what: String, limit: Int)

  /// One line, lower case, without a full stop.
  package var message: String {
    switch self {
    case .overflow(let quantity, let block, _):
      let limit = Figures.grouped(Int.max)
      return "the \(quantity) of `\(DisplayText.safe(block))` exceed \(limit)"
    case .symbolic(let quantity, let value, let block, _):
      return "the \(quantity) of `\(DisplayText.safe(block))` are not a number: \(value)"
    case .tooManyRows(let what, let limit):
      return "the model has more than \(Figures.grouped(limit)) \(what), too many to list"
    }
  }

  /// The error at its place in the source.
  package var diagnostic: Diagnostic {
    switch self {
    case .overflow(_, _, let range):
      Diagnostic(id: "count-overflow", message: message, range: range)
    case .symbolic(_, _, _, let range):
      Diagnostic(id: "symbolic-count", message: message, range: range)
    case .tooManyRows:
      Diagnostic(id: "report-too-long", message: message)
    }
  }
}
