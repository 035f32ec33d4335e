// TextColumns: two columns and paragraphs, for help and explanations.
// Reports of numbers have a table of their own in Analysis.

/// The layout of prose.
enum TextColumns {
  private static let width = 100

  /// Names padded to one width, and what they mean; a long meaning goes on below itself.
  static func lines(_ rows: [(String, String)]) -> [String] {
    let longest = rows.map { $0.0.count }.max() ?? 0
    return rows.flatMap { name, text in
      let head = "  " + name + String(repeating: " ", count: longest - name.count + 2)
      let wrapped = wrapped(text, indentation: head.count)
      guard let first = wrapped.first else { return [head] }
      return [head + first.dropFirst(head.count)] + wrapped.dropFirst()
    }
  }

  /// A paragraph in lines.
  static func wrapped(_ text: String, indentation: Int) -> [String] {
    let margin = String(repeating: " ", count: indentation)
    var lines: [String] = []
    var line = ""
    for word in text.split(whereSeparator: \.isWhitespace) {
      if !line.isEmpty, indentation + line.count + 1 + word.count > width {
        lines.append(margin + line)
        line = ""
      }
      line += line.isEmpty ? String(word) : " " + word
    }
    return line.isEmpty ? lines : lines + [margin + line]
  }
}
