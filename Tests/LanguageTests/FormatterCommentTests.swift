// Comments under formatting: none is lost, none moves twice, and each stays by what it speaks of.
// Apart from the formatter's other tests, because comments may stand between any two tokens.
import Diagnostics
import Language
import Testing

@Suite struct FormatterCommentTests {
  @Test("comments stay at the end of their line, above their line, or last in their braces")
  func places() {
    let text = """
      // header

      // about m
      model m {  // opens
        // first
        let a = b  // one
        // above

        // and below a gap
        let c = d

        forward(
          // the input
          x: [B],  // batch
          y: [B]
        ) -> [B] {  // body
          // only this
        }
        if a {
          // then
        } else {  // otherwise
          let e = f
          // after e
        }  // end of if
        let g = match s {
          // by name
          "a" => b  // b
          else => c
          // no more
        }
        // last
      }  // closes

      // footer

      """
    #expect(FormatterTests.format(text) == text)
  }

  @Test("a comment inside an expression moves above the statement")
  func hoisting() {
    let text = "model m {\n  let a = b +  // why\n    c  // end\n}\n"
    #expect(
      FormatterTests.format(text) == "model m {\n  // why\n  let a = b + c  // end\n}\n")
  }

  @Test(
    "a comment in any gap survives, and the meaning with it",
    arguments: LanguageSamples.names, 0..<4)
  func anyGap(_ name: String, _ phase: Int) throws {
    let text = try LanguageSamples.text(of: name)
    let original = SyntaxDump.text(of: Parsed(text).file)
    var tried = 0
    for gap in gaps(in: text).enumerated() where gap.offset % 12 == phase * 3 {
      let commented = inserting(["// comment \(gap.offset)"], at: [gap.element], in: text)
      // A line break ends a statement, so some gaps change the meaning before any formatting.
      let parsed = Parsed(commented)
      guard parsed.diagnostics.isEmpty, SyntaxDump.text(of: parsed.file) == original else {
        continue
      }
      tried += 1
      check(commented, original)
    }
    #expect(tried > 10)
  }

  @Test("a comment in every gap that can hold one survives", arguments: LanguageSamples.names)
  func everyGap(_ name: String) throws {
    let text = try LanguageSamples.text(of: name)
    let original = SyntaxDump.text(of: Parsed(text).file)
    var places: [Int] = []
    for gap in gaps(in: text) {
      let parsed = Parsed(inserting(["//"], at: [gap], in: text))
      if parsed.diagnostics.isEmpty, SyntaxDump.text(of: parsed.file) == original {
        places.append(gap)
      }
    }
    let comments = places.indices.map { "// comment \($0)" }
    check(inserting(comments, at: places, in: text), original)
  }

  private func check(_ text: String, _ dump: String) {
    let parsed = Parsed(text)
    let once = Formatter.format(parsed.file, parsed.map)
    let again = Parsed(once)
    #expect(again.reports == [], "\(text)\n---\n\(once)")
    #expect(SyntaxDump.text(of: again.file) == dump)
    #expect(
      again.file.comments.map(\.text).sorted() == parsed.file.comments.map(\.text).sorted(),
      "\(once)")
    let twice = Formatter.format(again.file, again.map)
    #expect(twice == once, "\(LanguageSamples.firstDifference(once, twice))")
  }

  /// The offsets before each token.
  private func gaps(in text: String) -> [Int] {
    var map = SourceMap()
    let source = map.add(path: "gaps.model", text: text)
    var collector = DiagnosticCollector()
    return Lexer.lex(map[source], source: source, reportingTo: &collector).tokens.map(\.lower)
  }

  private func inserting(_ comments: [String], at places: [Int], in text: String) -> String {
    var bytes = Array(text.utf8)
    for (comment, place) in zip(comments, places).reversed() {
      bytes.insert(contentsOf: " \(comment)\n".utf8, at: place)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
