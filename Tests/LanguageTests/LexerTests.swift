// The lexer: kinds, places and spaces of tokens, comments, and what no token can hold.
// Apart from the parser's tests because these never need a grammar.
import Diagnostics
import Language
import Testing

@Suite struct LexerTests {
  struct Lexed {
    let file: SourceFile
    let result: LexedFile
    let diagnostics: [Diagnostic]

    init(_ text: String) {
      var map = SourceMap()
      let source = map.add(path: "test.model", text: text)
      var collector = DiagnosticCollector()
      result = Lexer.lex(map[source], source: source, reportingTo: &collector)
      diagnostics = collector.finished()
      file = map[source]
    }

    var kinds: [Token.Kind] { result.tokens.dropLast().map(\.kind) }
    var texts: [String] { result.tokens.dropLast().map { file.text(in: $0.lower..<$0.upper) } }
    var places: [String] {
      diagnostics.map { "\($0.range?.lower ?? -1)..<\($0.range?.upper ?? -1) \($0.id)" }
    }
  }

  @Test("every sign is one token, the longest one")
  func signs() {
    let text = "( ) [ ] { } , : . ... ..< -> => | = == != < <= > >= + - * ** / % && || !"
    let lexed = Lexed(text)
    #expect(lexed.kinds.map { $0.spelling ?? "?" } == text.split(separator: " ").map(String.init))
    let dense = Lexed("a->b...c**d*e<=f==g=>h")
    #expect(
      dense.texts == [
        "a", "->", "b", "...", "c", "**", "d", "*", "e", "<=", "f", "==", "g", "=>", "h",
      ])
  }

  @Test("a number takes its digits, its fraction and its exponent, and leaves a range alone")
  func numbers() {
    let lexed = Lexed("50_257 1.0 2e-4 1E+3 1...9 0..<6 3.x 1e")
    #expect(
      lexed.texts == [
        "50_257", "1.0", "2e-4", "1E+3", "1", "...", "9", "0", "..<", "6", "3", ".", "x", "1e",
      ])
    #expect(
      lexed.kinds == [
        .integer, .float, .float, .float, .integer, .ellipsis, .integer, .integer,
        .halfOpenRange, .integer, .integer, .dot, .identifier, .invalidNumber,
      ])
  }

  @Test(
    "a malformed number is one token and one report",
    arguments: ["12abc", "1_", "1__0", "1_.5", "0x1F", "3h"])
  func malformedNumbers(_ text: String) {
    let lexed = Lexed("\(text) a")
    #expect(lexed.diagnostics.map(\.id).allSatisfy { $0 == "invalid-number" })
    #expect(lexed.diagnostics.count == 1)
    #expect(lexed.kinds.last == .identifier)
  }

  @Test("a token knows whether it starts its line and whether a space stands before it")
  func flags() {
    let lexed = Lexed("x : b\n  y: // c\n z")
    let tokens = lexed.result.tokens
    #expect(tokens.map(\.startsLine) == [true, false, false, true, false, true, false])
    #expect(tokens.map(\.spaceBefore) == [true, true, true, true, false, true, false])
  }

  @Test("comments are kept apart from tokens, without the blanks behind them")
  func comments() {
    let lexed = Lexed("// one \r\na // two\n//three")
    #expect(lexed.result.comments.map(\.text) == ["// one", "// two", "//three"])
    #expect(lexed.result.comments.map(\.range.lower) == [0, 11, 18])
    #expect(lexed.texts == ["a"])
  }

  @Test("a string ends at its quote, an unterminated one with its line")
  func strings() {
    let lexed = Lexed("\"a\\\"b\" \"c\nd \"e\\")
    #expect(lexed.kinds == [.string, .string, .identifier, .string])
    #expect(lexed.places == ["7..<9 unterminated-string", "12..<15 unterminated-string"])
    #expect(lexed.diagnostics.first?.fixes.first?.edits.first?.range.lower == 9)
  }

  @Test("a run of garbage is one report, and a look-alike names its fix")
  func garbage() {
    let lexed = Lexed("a @@@ b × c\u{1}")
    #expect(lexed.kinds == [.identifier, .unknown, .identifier, .unknown, .identifier, .unknown])
    #expect(
      lexed.places == [
        "2..<5 unknown-character", "8..<10 unknown-character", "12..<13 unknown-character",
      ])
    #expect(lexed.diagnostics[1].fixes.first?.edits.first?.replacement == "*")
    #expect(lexed.diagnostics[2].message.hasPrefix("U+0001"))
  }

  @Test("a byte order mark and an empty file are nothing")
  func emptiness() {
    #expect(Lexed("").kinds == [])
    #expect(Lexed("\u{FEFF}").kinds == [])
    #expect(Lexed("\u{FEFF}a").texts == ["a"])
    #expect(Lexed("").result.tokens.last?.kind == .endOfFile)
  }

  @Test("the tokens and comments cover every byte that is not blank", arguments: 0..<40)
  func coverage(_ seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let alphabet = Array("ab1 .\n\"/\\*-<=&|(){}é×#_e+")
    let text = String((0..<300).map { _ in alphabet.randomElement(using: &random) ?? " " })
    let lexed = Lexed(text)
    var covered = [Bool](repeating: false, count: lexed.file.bytes.count)
    for token in lexed.result.tokens {
      for offset in token.lower..<token.upper {
        #expect(!covered[offset])
        covered[offset] = true
      }
    }
    for comment in lexed.result.comments {
      for offset in comment.range.lower..<comment.range.upper { covered[offset] = true }
    }
    for (offset, byte) in lexed.file.bytes.enumerated() where !covered[offset] {
      #expect(byte == 0x20 || byte == 0x0A)
    }
  }
}
