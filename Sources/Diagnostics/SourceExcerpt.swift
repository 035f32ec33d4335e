// SourceExcerpt: the one line that is shown for a range, and where its underline goes.
// Apart from the renderer because windowing a line of any length is a problem of its own.

/// A source line ready to print, cut to a window when it is long.
struct SourceExcerpt {
  /// The widest line that is shown whole, in columns.
  static let widest = 140
  /// How much of a long line is shown before the underline, in columns.
  private static let lead = 36
  private static let ellipsis = "..."

  /// The 1-based number of the line.
  let line: Int
  /// The text to print.
  let text: String
  /// The 0-based column of `text` at which the underline starts.
  let start: Int
  /// The length of the underline; at least one.
  let count: Int
  /// Whether the range goes on after what the underline covers.
  let continues: Bool

  /// Excerpts the line in which `range` starts.
  init(_ range: SourceRange, in file: SourceFile) {
    let size = file.bytes.count
    let lower = file.scalarStart(atOrBefore: range.lower)
    let upper = max(lower, min(range.upper, size))
    line = file.lineNumber(ofUTF8Offset: lower)
    let content = file.contentRange(ofLine: line)
    let isCut = upper > lower && file.lineNumber(ofUTF8Offset: upper - 1) > line
    var end = min(upper, content.upperBound)
    if isCut {
      while end > lower + 1, file.bytes[end - 1] == UInt8(ascii: " ") { end -= 1 }
    }

    let columns = Columns(of: file, content, around: min(lower, content.upperBound))
    let first = columns.index(ofOffset: lower)
    let last = max(columns.index(ofOffset: end), first + 1)
    let total = columns.texts.count
    if columns.isWhole, total <= Self.widest {
      text = columns.texts.joined()
      start = first
      count = last - first
      continues = isCut
      return
    }
    let room = Self.widest - 2 * Self.ellipsis.count
    let from = max(0, min(first - Self.lead, total - room))
    let to = min(total, from + room)
    let before = from > 0 || columns.isCutBefore ? Self.ellipsis : ""
    let after = to < total || columns.isCutAfter ? Self.ellipsis : ""
    text = before + columns.texts[from..<to].joined() + after
    start = before.count + first - from
    count = max(1, min(last, to) - first)
    continues = isCut || last > to
  }

  /// One line of text, windowed around an offset when it is long.
  static func window(_ line: String, around offset: Int) -> String {
    let file = SourceFile(path: "", text: line)
    let range = SourceRange(source: SourceID(index: 0), at: offset)
    return SourceExcerpt(range, in: file).text
  }
}

/// The printed columns of a line, or of its neighbourhood around one offset.
private struct Columns {
  /// How many bytes before and after the offset are looked at; enough for the widest window.
  private static let before = 512
  private static let after = 2048

  let texts: [String]
  let isCutBefore: Bool
  let isCutAfter: Bool
  /// For each column the offset at which the character ends.
  private let ends: [Int]

  var isWhole: Bool { !isCutBefore && !isCutAfter }

  init(of file: SourceFile, _ content: Range<Int>, around offset: Int) {
    let lower = max(content.lowerBound, file.scalarStart(atOrBefore: offset - Self.before))
    let upper = min(content.upperBound, file.scalarStart(atOrBefore: offset + Self.after))
    isCutBefore = lower > content.lowerBound
    isCutAfter = upper < content.upperBound
    var texts: [String] = []
    var ends: [Int] = []
    var position = lower
    for character in file.text(in: lower..<upper) {
      position += character.utf8.count
      let shown = character == "\t" ? Array(repeating: " ", count: DisplayText.tabWidth) : nil
      for text in shown ?? [DisplayText.safe(character)] {
        texts.append(text)
        ends.append(position)
      }
    }
    self.texts = texts
    self.ends = ends
  }

  /// The column of the character that holds an offset; the number of columns at the line's end.
  func index(ofOffset offset: Int) -> Int {
    ends.firstIndex { $0 > offset } ?? texts.count
  }
}
