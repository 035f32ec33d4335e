// FixTests: applying edits, refusing conflicts, and the lines that a fix shows.
// Both read edits the same way, so they are tested on the same texts.

import Diagnostics
import Testing

@Suite struct FixTests {
  private func edit(_ lower: Int, _ upper: Int, _ replacement: String, source: Int = 0) -> Edit {
    Edit(
      range: SourceRange(source: SourceID(index: source), lower: lower, upper: upper),
      replacement: replacement)
  }

  @Test("edits are applied wherever they stand in the list")
  func applies() throws {
    let result = try FixApplier.apply(
      [edit(6, 7, "Z"), edit(0, 1, "AA"), edit(3, 3, "+"), edit(1, 2, "")], to: "a b c d")
    #expect(result == "AAb+ c Z")
  }

  @Test("an edit given twice counts once")
  func repeated() throws {
    #expect(try FixApplier.apply([edit(1, 1, "x"), edit(1, 1, "x")], to: "ab") == "axb")
  }

  @Test("an insertion may touch a replacement on either side")
  func touching() throws {
    let edits = [edit(3, 3, ">"), edit(1, 3, "X"), edit(1, 1, "<")]
    #expect(try FixApplier.apply(edits, to: "abcd") == "a<X>d")
  }

  @Test("overlaps are refused")
  func overlaps() {
    let pairs = [
      (edit(0, 2, "x"), edit(1, 3, "y")), (edit(0, 4, "x"), edit(1, 1, "y")),
      (edit(1, 1, "x"), edit(1, 1, "y")), (edit(0, 2, "x"), edit(0, 2, "y")),
    ]
    for (first, second) in pairs {
      #expect(throws: FixConflict.overlap(first, second)) {
        try FixApplier.apply([first, second], to: "abcd")
      }
    }
  }

  @Test("edits that do not fit the text are refused")
  func outOfBounds() {
    for wrong in [edit(0, 9, ""), edit(9, 9, ""), edit(2, 3, ""), edit(0, 2, "")] {
      #expect(throws: FixConflict.outOfBounds(wrong)) {
        try FixApplier.apply([wrong], to: "a日b")
      }
    }
    let foreign = edit(1, 2, "", source: 1)
    #expect(throws: FixConflict.otherFile(foreign)) {
      try FixApplier.apply([edit(0, 1, ""), foreign], to: "abc")
    }
  }

  @Test("of conflicting fixes the first is applied, each as a whole")
  func severalFixes() {
    var sources = SourceMap()
    let first = sources.add(path: "a", text: "abcd")
    let second = sources.add(path: "b", text: "wxyz")
    let fixes = [
      FixIt(message: "1", edits: [edit(0, 2, "X"), edit(0, 1, "Y", source: 1)], effect: .none),
      FixIt(message: "2", edits: [edit(3, 4, "Q"), edit(1, 2, "Z")], effect: .none),
      FixIt(message: "3", edits: [edit(3, 4, "R")], effect: .none),
      FixIt(message: "4", effect: .none),
    ]
    let outcome = FixApplier.apply(fixes, in: sources)
    #expect(outcome.texts == [first: "XcR", second: "Yxyz"])
    #expect(outcome.applied.map(\.message) == ["1", "3"])
    #expect(outcome.refused.map(\.message) == ["2", "4"])
  }

  @Test("only a fix that changes nothing is safe")
  func safety() {
    for effect in FixEffect.allCases {
      let fix = FixIt(message: "", edits: [edit(0, 0, " ")], effect: effect)
      #expect(fix.isSafe == (effect == .none))
    }
    #expect(!FixIt(message: "advice", effect: .none).isSafe)
  }

  private func help(_ text: String, _ edits: [Edit]) -> String {
    var sources = SourceMap()
    let source = sources.add(path: "a", text: text)
    let diagnostic = Diagnostic(
      id: "x", message: "m", range: SourceRange(source: source, at: 0),
      fixes: [FixIt(message: "h", edits: edits, effect: .none)])
    let lines = TerminalRenderer(color: false).render(diagnostic, in: sources)
      .split(separator: "\n", omittingEmptySubsequences: false)
    return lines.drop { $0 != "help: h" }.dropFirst(2).joined(separator: "\n")
  }

  @Test("a deleted line shows as one line taken away")
  func deletedLine() {
    #expect(help("a\nb\nc\n", [edit(2, 4, "")]) == "  2 - b\n")
  }

  @Test("inserted lines show as lines put in, and later numbers follow")
  func insertedLine() {
    #expect(
      help("a\nb\nc\n", [edit(2, 2, "x\ny\n"), edit(4, 5, "z")])
        == "  2 + x\n  3 + y\n  3 - c\n  5 + z\n")
    #expect(help("a\n", [edit(2, 2, "b\n")]) == "  2 + b\n")
    #expect(help("a", [edit(1, 1, "\nb")]) == "  2 + b\n")
    #expect(help("", [edit(0, 0, "b")]) == "  1 + b\n")
  }

  @Test("edits of one line show the line once, edits over lines show them all")
  func grouped() {
    #expect(help("ab\ncd\n", [edit(0, 1, "x"), edit(1, 2, "y")]) == "  1 - ab\n  1 + xy\n")
    #expect(help("ab\ncd\nef", [edit(1, 7, "-")]) == "  1 - ab\n  2 - cd\n  3 - ef\n  1 + a-f\n")
    #expect(
      help("ab\ncd\n", [edit(1, 4, "\r\n"), edit(4, 5, "!")])
        == "  1 - ab\n  2 - cd\n  1 + a\n  2 + !\n")
  }

  @Test("edits that conflict show no lines")
  func conflicting() {
    #expect(help("ab", [edit(0, 2, "x"), edit(1, 2, "y")]) == "")
  }

  @Test("a fix of many lines is cut short")
  func manyLines() {
    let new = (1...50).map { "line \($0)\n" }.joined()
    let shown = help("", [edit(0, 0, new)])
    #expect(shown.hasSuffix(" 30 + line 30\n    + ... 20 more lines\n"))
  }

  @Test("a fix in another file says where")
  func otherFile() {
    var sources = SourceMap()
    let first = sources.add(path: "a", text: "a\n")
    _ = sources.add(path: "b", text: "b\n")
    let diagnostic = Diagnostic(
      id: "x", message: "m", range: SourceRange(source: first, at: 0),
      fixes: [FixIt(message: "h", edits: [edit(0, 1, "c", source: 1)], effect: .none)])
    let text = TerminalRenderer(color: false).render(diagnostic, in: sources)
    #expect(text.hasSuffix("help: h\n  --> b:1\n    |\n  1 - b\n  1 + c\n"))
  }
}
