// SourceFileTests: lines and columns of texts with every kind of line ending.
// Also the collector and the near misses, which are as small.

import Diagnostics
import Testing

@Suite struct SourceFileTests {
  @Test("lines come without their endings and a final newline adds none")
  func lines() {
    #expect(SourceFile(path: "a", text: "a\r\nb\n\nc").lines == ["a", "b", "", "c"])
    #expect(SourceFile(path: "a", text: "a\nb\r\n").lines == ["a", "b"])
    #expect(SourceFile(path: "a", text: "").lines == [])
    #expect(SourceFile(path: "a", text: "\n").lines == [""])
    #expect(SourceFile(path: "a", text: "a\rb").lines == ["a\rb"])
  }

  @Test("every offset has a position, inside the text or not")
  func positions() {
    let file = SourceFile(path: "a", text: "é\tb\r\n\nc")
    let expected = [
      (-1, 1, 1), (0, 1, 1), (1, 1, 1), (2, 1, 2), (3, 1, 3), (4, 1, 4), (5, 1, 4), (6, 2, 1),
      (7, 3, 1), (8, 3, 2), (9, 3, 2), (.max, 3, 2), (.min, 1, 1),
    ]
    for (offset, line, column) in expected {
      #expect(file.position(ofUTF8Offset: offset) == (line, column), "offset \(offset)")
    }
  }

  @Test("positions agree with counting from the start")
  func agreesWithCounting() {
    let file = SourceFile(path: "a", text: "ab\n日本 é\r\n\r\nx\u{301}y\n\n")
    var (line, column) = (1, 1)
    var offset = 0
    for scalar in file.text.unicodeScalars {
      if scalar != "\r", scalar != "\n" {
        #expect(file.position(ofUTF8Offset: offset) == (line, column))
      }
      offset += UTF8.width(scalar)
      (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
    }
    #expect(file.position(ofUTF8Offset: offset) == (line, column))
  }

  @Test("a file of ten megabytes is indexed once and searched often")
  func large() {
    let line = "0123456789012345678901234567890123456789012345678é\n"
    let (count, width) = (200_000, line.utf8.count)
    let file = SourceFile(path: "a", text: String(repeating: line, count: count))
    #expect(file.lineCount == count + 1)
    #expect(file.bytes.count == count * width)
    for sample in 0..<20_000 {
      let wanted = (sample * 7919) % count
      let column = sample % 49
      let found = file.position(ofUTF8Offset: wanted * width + column)
      guard found == (wanted + 1, column + 1) else {
        Issue.record("offset in line \(wanted) gave \(found)")
        return
      }
    }
  }

  @Test("a union holds both ranges and stays in its file")
  func union() {
    let (one, two) = (SourceID(index: 0), SourceID(index: 1))
    let first = SourceRange(source: one, lower: 5, upper: 7)
    #expect(
      first.union(SourceRange(source: one, lower: 1, upper: 6))
        == SourceRange(source: one, lower: 1, upper: 7))
    #expect(first.union(SourceRange(source: two, lower: 1, upper: 6)) == first)
    #expect(SourceRange(source: one, lower: 7, upper: 3).isEmpty)
  }

  @Test("the collector keeps each diagnostic once, in source order, up to its limit")
  func collector() {
    let source = SourceID(index: 0)
    var collector = DiagnosticCollector(limit: 3)
    for offset in [9, 4, 4, 6, 7, 8] {
      collector.add(
        Diagnostic(id: "x", message: "m", range: SourceRange(source: source, at: offset)))
    }
    collector.add(Diagnostic(id: "w", severity: .warning, message: "m"))
    #expect(collector.isFull && collector.count(of: .error) == 5)
    let finished = collector.finished()
    #expect(finished.map { $0.range?.lower } == [nil, 4, 6, 9, nil])
    #expect(finished.last?.id == "too-many-errors")
    #expect(finished.last?.message == "2 more errors are not shown")
  }

  @Test(
    "a near miss is found and a far one is not",
    arguments: [
      ("widht", "width"), ("haeds", "heads"), ("head", "heads"), ("Width", "width"),
      ("layernorm", "layer_norm"), ("embeding", "embedding"), ("foo", nil), ("x", nil),
      ("", nil), ("t", "T"), ("width", nil), ("linaer", "linear"), ("lin", nil),
    ] as [(String, String?)])
  func nearest(word: String, expected: String?) {
    let names = ["width", "heads", "layer_norm", "linear", "embedding", "T", "dropout"]
    #expect(Nearest.match(word, in: names) == expected)
  }

  @Test("equally near names are chosen the same way in any order")
  func nearestTies() {
    #expect(Nearest.match("cat", in: ["bat", "car", "cap"]) == "cap")
    #expect(Nearest.match("cat", in: ["cap", "bat", "car"]) == "cap")
    #expect(Nearest.match(String(repeating: "a", count: 100_000), in: ["a"]) == nil)
  }
}
