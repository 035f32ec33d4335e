// Policies: `allow ID because "…"` and `treat ID as SEVERITY because "…"`.
// Apart from members because models and `train` sections share them.
import Diagnostics

extension Parser {
  static let policyWords = ["allow", "treat"]

  /// Reads a policy, the cursor being behind its keyword.
  mutating func parsePolicy(_ word: String, from start: Int) -> FindingPolicy? {
    guard let id = parseFindingID() else { return nil }
    var severity: Name?
    if word == "treat" {
      guard consumeWord("as", "`as` and a severity, as in `treat \(id.text) as note`"),
        let name = parseName("`error`, `warning` or `note`")
      else { return nil }
      if Severity(rawValue: name.text) == nil {
        report(
          "unexpected-token", "expected `error`, `warning` or `note`, found `\(name.text)`",
          name.range)
        return nil
      }
      severity = name
    }
    guard consumeWord("because", "`because` and the reason in quotes"),
      let reason = parseString("the reason in quotes")
    else { return nil }
    return FindingPolicy(id: id, severity: severity, reason: reason, range: range(from: start))
  }

  /// Words joined by hyphens without blanks.
  private mutating func parseFindingID() -> Name? {
    guard kind == .identifier else {
      unexpected("the id of a finding, such as `head-width-unusual`")
      return nil
    }
    let start = current.lower
    var last = advance()
    while kind == .minus, !current.spaceBefore, peek(1) == .identifier, !token(1).spaceBefore {
      advance()
      last = advance()
    }
    let place = SourceRange(source: source, lower: start, upper: last.upper)
    return Name(String(decoding: file.bytes[start..<last.upper], as: UTF8.self), place)
  }
}
