// DataFault: why data can't be trained on, as the diagnostic that says so.
// Apart from TrainingFault: data are wrong before the first step, and the fix lies in a file.
import Diagnostics

/// Data that can't be used.
package struct DataFault: Error, Hashable, Sendable {
  package let diagnostic: Diagnostic

  init(id: String, _ message: String, facts: [String] = [], help: String? = nil) {
    diagnostic = Diagnostic(
      id: id, message: message, facts: facts.map { Fact.line($0) },
      fixes: help.map { [FixIt(message: $0, effect: .none)] } ?? [])
  }

  /// `1,234,567`.
  static func grouped(_ value: Int) -> String {
    var digits = String(value.magnitude)[...]
    var groups: [Substring] = []
    while digits.count > 3 {
      groups.append(digits.suffix(3))
      digits = digits.dropLast(3)
    }
    groups.append(digits)
    return (value < 0 ? "-" : "") + groups.reversed().joined(separator: ",")
  }

  /// `1 token`, `2,000 tokens`.
  static func tokens(_ count: Int) -> String { "\(grouped(count)) token\(count == 1 ? "" : "s")" }

  /// Digits, a plain character or the code point of one that does not show.
  static func shown(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\n": "a line feed"
    case "\r": "a carriage return"
    case "\t": "a tab"
    default:
      DisplayText.safe(String(scalar)) == String(scalar) && scalar != " "
        ? "`\(scalar)` (\(codePoint(scalar)))" : codePoint(scalar)
    }
  }

  private static func codePoint(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(4 - digits.count, 0)) + digits
  }
}
