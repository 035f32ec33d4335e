// TerminalPage: the lines of one rendered diagnostic, with their gutter and colours.
// The renderer decides what is said; the columns it is said in are decided here.

/// What a stretch of text is, and so which colour it has.
enum Style: String {
  case error = "1;31"
  case warning = "1;33"
  case note = "1;36"
  case help = "1;32"
  case gutter = "1;34"
  case title = "1"
  case removed = "31"
  case added = "32"

  init(of severity: Severity) {
    switch severity {
    case .error: self = .error
    case .warning: self = .warning
    case .note: self = .note
    }
  }
}

/// Text under construction, every line with the same gutter width.
struct Page {
  private(set) var text = ""
  private let color: Bool
  private let width: Int

  /// Starts a page whose line numbers have at most `digits` digits.
  init(color: Bool, digits: Int) {
    self.color = color
    // Three columns are the least, so that most diagnostics of a run line up with each other.
    width = max(3, digits)
  }

  /// Prints `title: message`.
  mutating func heading(_ title: String, _ style: Style, _ message: String) {
    line(paint(title, style) + paint(": " + DisplayText.safe(message), .title))
  }

  /// Prints `  --> path:line:column`.
  mutating func place(_ range: SourceRange, in file: SourceFile) {
    let (line, column) = file.position(ofUTF8Offset: range.lower)
    arrow("\(file.path):\(line):\(column)")
  }

  /// Prints `  --> path:line`.
  mutating func place(line: Int, in file: SourceFile) {
    arrow("\(file.path):\(line)")
  }

  private mutating func arrow(_ place: String) {
    line(spaces(width - 1) + paint("-->", .gutter) + " " + DisplayText.safe(place))
  }

  /// Prints the line in which a range starts, underlined with `mark`.
  mutating func source(
    _ range: SourceRange, in file: SourceFile, mark: Character, label: String?, _ style: Style
  ) {
    let excerpt = SourceExcerpt(range, in: file)
    gutter("|", "")
    numbered(excerpt.line, "|", excerpt.text)
    var underline = String(repeating: mark, count: excerpt.count)
    if excerpt.continues { underline += "..." }
    if let label, !label.isEmpty { underline += " " + DisplayText.safe(label) }
    gutter("|", " " + spaces(excerpt.start) + paint(DisplayText.trimmed(underline), style))
  }

  /// Prints facts under a snippet.
  mutating func facts(_ facts: [Fact]) {
    for fact in facts {
      switch fact {
      case .line(let text): gutter("=", " " + DisplayText.safe(text))
      case .continuation(let text): gutter("|", "   " + DisplayText.safe(text))
      }
    }
  }

  /// Prints a gutter without a number.
  mutating func gutter(_ sign: String, _ rest: String) {
    line(spaces(width + 1) + paint(sign, .gutter) + rest)
  }

  /// Prints a line of a diff.
  mutating func diff(number: Int, _ sign: String, _ rest: String, _ style: Style) {
    let body = DisplayText.trimmed(sign + " " + rest)
    line(paint(padded(number) + " ", .gutter) + paint(body, style))
  }

  private mutating func numbered(_ number: Int, _ sign: String, _ rest: String) {
    line(paint(padded(number) + " " + sign, .gutter) + " " + rest)
  }

  private func padded(_ number: Int) -> String {
    let digits = String(number)
    return spaces(width - digits.count) + digits
  }

  private func spaces(_ count: Int) -> String { String(repeating: " ", count: max(count, 0)) }

  private func paint(_ text: String, _ style: Style) -> String {
    color && !text.isEmpty ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
  }

  private mutating func line(_ line: String) {
    text += DisplayText.trimmed(line)
    text += "\n"
  }
}
