// TerminalEdgeTests: ranges and texts that a layout gets wrong first.
// Each test prints one snippet; whole diagnostics are in TerminalRendererTests.

import Diagnostics
import Testing

@Suite struct TerminalEdgeTests {
  /// The source line and its underline, as printed for a range of `text`.
  private func snippet(_ text: String, _ lower: Int, _ upper: Int, label: String? = nil) -> [String]
  {
    let lines = rendered(text, lower, upper, label: label)
    return Array(lines.dropFirst(3).prefix(2))
  }

  private func rendered(_ text: String, _ lower: Int, _ upper: Int, label: String? = nil)
    -> [String]
  {
    var sources = SourceMap()
    let source = sources.add(path: "a.model", text: text)
    let diagnostic = Diagnostic(
      id: "x", message: "m", range: SourceRange(source: source, lower: lower, upper: upper),
      label: label)
    return TerminalRenderer(color: false).render(diagnostic, in: sources)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  @Test("a range over several lines is underlined to the end of the first")
  func severalLines() {
    #expect(
      snippet("let a = f(\n  b)\n", 8, 14, label: "here")
        == ["  1 | let a = f(", "    |         ^^... here"])
  }

  @Test("a range that ends with its own line's newline is not said to go on")
  func newlineIncluded() {
    #expect(snippet("ab\ncd\n", 0, 3) == ["  1 | ab", "    | ^^"])
    #expect(snippet("ab\r\ncd\r\n", 0, 4) == ["  1 | ab", "    | ^^"])
  }

  @Test("an empty range gets one caret")
  func empty() {
    #expect(snippet("abc\n", 1, 1) == ["  1 | abc", "    |  ^"])
    #expect(snippet("abc\n", 3, 3) == ["  1 | abc", "    |    ^"])
    #expect(snippet("", 0, 0) == ["  1 |", "    | ^"])
  }

  @Test("the end of the file is a place", arguments: [4, 5, 99, Int.max])
  func endOfFile(offset: Int) {
    #expect(snippet("abc\n", offset, offset) == ["  2 |", "    | ^"])
    #expect(snippet("wxyz", offset, offset) == ["  1 | wxyz", "    |     ^"])
    #expect(rendered("abc\n", offset, offset)[1] == "  --> a.model:2:1")
  }

  @Test("tabs become spaces and carets follow")
  func tabs() {
    #expect(snippet("\ta\tb\n", 3, 4) == ["  1 |     a    b", "    |          ^"])
    #expect(snippet("\ta\n", 0, 1) == ["  1 |     a", "    | ^^^^"])
  }

  @Test("control characters cannot reach the terminal")
  func controlCharacters() {
    #expect(snippet("a\u{1B}[31mb\u{7F}c", 7, 8) == ["  1 | a␛[31mb␡c", "    |        ^"])
    #expect(snippet("a\u{202E}b\u{85}c\rd", 0, 1)[0] == "  1 | a\u{FFFD}b\u{FFFD}c␍d")
    let hostile = Diagnostic(
      id: "x", message: "name `\u{1B}]0;title\u{7}` and\nmore",
      facts: [.line("\u{202E}"), .continuation("\t\u{0}")],
      fixes: [FixIt(message: "\u{9B}1m", effect: .none)])
    let text = TerminalRenderer(color: false).render(hostile, in: SourceMap())
    #expect(
      text
        == "error[x]: name `␛]0;title␇` and␊more\n    = \u{FFFD}\n    |       ␀\nhelp: \u{FFFD}1m\n"
    )
  }

  @Test("columns of wide and combined characters are counted by characters")
  func wide() {
    #expect(snippet("é×日 b", 8, 9) == ["  1 | é×日 b", "    |     ^"])
    #expect(snippet("e\u{301}x", 3, 4) == ["  1 | e\u{301}x", "    |  ^"])
  }

  @Test("an offset inside a scalar is moved to its start")
  func insideScalar() {
    #expect(snippet("a日b", 2, 4) == ["  1 | a日b", "    |  ^"])
  }

  @Test("a long line is cut to a window around the caret")
  func longLine() throws {
    let text = String(repeating: "a", count: 50_000) + "XYZ" + String(repeating: "b", count: 50_000)
    let lines = snippet(text, 50_000, 50_003)
    #expect(lines[0].hasPrefix("  1 | ...aaa") && lines[0].hasSuffix("bbb..."))
    #expect(lines[0].count <= 150)
    let caret = try #require(lines[1].firstIndex(of: "^"))
    let column = lines[1].distance(from: lines[1].startIndex, to: caret)
    #expect(Array(lines[0])[column...].prefix(3) == ["X", "Y", "Z"])
    #expect(lines[1].hasSuffix(" ^^^"))
    #expect(rendered(text, 50_000, 50_003)[1] == "  --> a.model:1:50001")
  }

  @Test("a long line is shown from its start or to its end when the caret is near")
  func longLineEnds() {
    let text = String(repeating: "a", count: 1000)
    #expect(snippet(text, 0, 1)[0].hasPrefix("  1 | aaa"))
    #expect(snippet(text, 0, 1)[1] == "    | ^")
    #expect(snippet(text, 999, 1000)[0].hasPrefix("  1 | ...aaa"))
    #expect(snippet(text, 999, 1000)[0].hasSuffix("aaaa"))
    let whole = snippet(text, 0, 1000)
    #expect(whole[1].hasSuffix("^^^...") && whole[1].count <= 150)
  }

  @Test("the gutter widens for long line numbers, in every part")
  func wideGutter() {
    var sources = SourceMap()
    let text = String(repeating: "\n", count: 12_344) + "abc\n"
    let source = sources.add(path: "a.model", text: text)
    let range = SourceRange(source: source, lower: 12_344, upper: 12_345)
    let first = SourceRange(source: source, at: 0)
    let diagnostic = Diagnostic(
      id: "x", message: "m", range: range, facts: [.line("f")],
      notes: [Note(message: "n", range: first)],
      fixes: [FixIt(message: "h", edits: [Edit(range: range, replacement: "z")], effect: .none)])
    let expected = """
      error[x]: m
          --> a.model:12345:1
            |
      12345 | abc
            | ^
            = f
      note: n
          --> a.model:1:1
            |
          1 |
            | -
      help: h
            |
      12345 - abc
      12345 + zbc

      """
    #expect(TerminalRenderer(color: false).render(diagnostic, in: sources) == expected)
  }

  @Test("a diagnostic of another map prints no snippet and does not trap")
  func foreignRange() {
    let range = SourceRange(source: SourceID(index: 7), lower: 3, upper: 9)
    let diagnostic = Diagnostic(
      id: "x", message: "m", range: range, facts: [.line("f")],
      notes: [Note(message: "n", range: range)],
      fixes: [FixIt(message: "h", edits: [Edit(range: range, replacement: "")], effect: .none)])
    #expect(
      TerminalRenderer(color: false).render(diagnostic, in: SourceMap())
        == "error[x]: m\n    = f\nnote: n\nhelp: h\n")
  }

  @Test("no range of an awkward text breaks the layout")
  func everyRange() {
    let text = "\u{FEFF}é\t\r\n\n\u{301}日\u{1B}b \r\r\n👩‍👩‍👧 \n"
    let edges = Array(-1...text.utf8.count + 1) + [.min, .max]
    for lower in edges {
      for upper in edges {
        let lines = rendered(text, lower, upper)
        #expect(lines.count == 6 && lines[4].contains("^"))
        let joined = lines.joined()
        #expect(!joined.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0xFEFF })
      }
    }
  }
}
