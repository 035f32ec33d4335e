// FormulaText: long formulas on lines that fit a page.
// Apart because counts and FLOPs both print sums that are wider than any terminal.

/// The layout of formulas.
enum FormulaText {
  /// The lines of `lead` and a sum, broken before a sign and indented under its first term.
  static func wrapped(_ lead: String, _ formula: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = lead
    var isFresh = true
    var words = formula.split(separator: " ").map(String.init)[...]
    let indent = String(repeating: " ", count: min(lead.count, width / 2))
    while let word = words.popFirst() {
      // A sign stays with the term after it.
      let isSign = ["+", "-", "="].contains(word)
      let piece = isSign && !words.isEmpty ? word + " " + (words.popFirst() ?? "") : word
      if !isFresh, line.count + 1 + piece.count > width {
        lines.append(line)
        line = indent + piece
      } else {
        line += isFresh ? piece : " " + piece
      }
      isFresh = false
    }
    return lines + [line]
  }
}
