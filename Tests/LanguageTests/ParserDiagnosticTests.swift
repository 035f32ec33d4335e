// The parser on what is wrong: every kind of report with its exact place, and recovery.
// The fixes are tested by applying them: what they offer must parse.
import Diagnostics
import Language
import Testing

@Suite struct ParserDiagnosticTests {
  /// A member of a model on line 2, and the places of the reports it gets.
  @Test(
    "a mistake among the members",
    arguments: [
      ("requre a == 1", ["2:2 unknown-member"]), ("wibble a == 1", ["2:2 unknown-member"]),
      ("\"a\"", ["2:2 unexpected-token"]), ("q = linear(a)", ["2:2 missing-let"]),
      ("w: [a, b] = zeros", ["2:2 missing-param"]), ("let a linear(b)", ["2:8 unexpected-token"]),
      ("let a == 1", ["2:8 double-equals"]), ("let = 1", ["2:6 unexpected-token"]),
      ("let if = 1", ["2:6 reserved-word"]), ("let none = 1", ["2:6 reserved-word"]),
      ("config a: 1, b = 2", ["2:10 colon-in-config"]),
      ("config a 1", ["2:11 unexpected-token"]),
      ("config a = 1 from key", ["2:20 unexpected-token"]),
      ("dim B = 1", ["2:8 single-equals"]), ("dim H % 8 == 1", ["2:15 unexpected-token"]),
      ("dim H % 8", ["2:11 unexpected-token"]), ("dim T in 1", ["2:12 unexpected-token"]),
      ("dim 1 <= T", ["2:6 unexpected-token"]), ("family gpt2", ["2:9 unexpected-token"]),
      ("require a = b", ["2:12 single-equals"]),
      ("require 1 <= a < 3", ["2:17 chained-comparison"]),
      ("if a = b { let c = d }", ["2:7 single-equals"]),
      ("expect parameters = 3", ["2:20 single-equals"]),
      ("expect parameters", ["2:19 unexpected-token"]), ("expect == 3", ["2:9 unexpected-token"]),
      ("expect f(x : b) == 3", ["2:9 unexpected-pattern"]),
      ("freeze all excep a", ["2:13 unexpected-token"]), ("freeze", ["2:8 unexpected-token"]),
      ("freeze a[]", ["2:11 unexpected-token"]), ("adapt a wit b", ["2:10 unexpected-token"]),
      ("let a = b let c = d", ["2:12 unexpected-token"]),
      ("forward(x) -> [B] { return x }", ["2:11 unexpected-token"]),
      ("forward(x: f32) -> [B] { return x }", ["2:13 unexpected-token"]),
      ("forward(x: [B]) { return x }", ["2:18 unexpected-token"]),
    ])
  func members(_ source: String, _ places: [String]) { check("model m {\n", source, "\n}", places) }

  /// The value of a `let` on line 2, from column 10 on.
  @Test(
    "a mistake in an expression",
    arguments: [
      ("", ["2:9 missing-expression"]), ("+ 1", ["2:10 missing-expression"]),
      ("a + ", ["2:13 missing-expression"]), ("a +\n let b = c", ["2:13 missing-expression"]),
      ("f(b, c", ["2:16 unclosed-parenthesis"]), ("f(b,", ["2:14 unclosed-parenthesis"]),
      ("f(b,\n let c = d", ["2:14 unclosed-parenthesis"]), ("[b, c", ["2:15 unclosed-bracket"]),
      ("f(b c)", ["2:14 unexpected-token"]), ("f(b]", ["2:13 unexpected-token"]),
      ("f(x: b t -> t b)", ["2:13 pattern-needs-space"]),
      ("f(x: b (h d))", ["2:13 pattern-needs-space"]),
      ("f(x : b (t -> d)", ["2:20 unclosed-parenthesis"]),
      ("f(x : b [t -> d)", ["2:20 unclosed-bracket"]), ("f(x : )", ["2:16 missing-axes"]),
      ("f(x : a, -> b)", ["2:19 missing-axes"]), ("f(x : a -> b, c)", ["2:24 unexpected-token"]),
      ("f(x : 99999999999999999999)", ["2:16 invalid-number"]),
      ("f(b = 3)", ["2:13 label-needs-colon"]), ("if b { c }", ["2:20 missing-else"]),
      ("if b { c } else { }", ["2:28 missing-expression"]),
      ("match b { 1 => }", ["2:25 missing-expression"]),
      ("match b { 1 c }", ["2:22 unexpected-token"]), ("x.y[3, 4]", ["2:13 one-index"]),
      ("()", ["2:10 missing-expression"]), ("1e999", ["2:10 invalid-number"]),
      ("12abc", ["2:10 invalid-number"]), ("b.", ["2:12 unexpected-token"]),
      ("\"a\\qb\"", ["2:12 invalid-escape"]), ("\"a", ["2:10 unterminated-string"]),
      ("b @@ c", ["2:12 unknown-character"]), ("b × c", ["2:12 unknown-character"]),
      ("repeat 3", ["2:18 missing-expression"]), ("repeat 3 (b)", ["2:19 missing-expression"]),
      ("else", ["2:10 missing-expression"]),
    ])
  func expressions(_ source: String, _ places: [String]) {
    check("model m {\n let a = ", source, "\n}", places)
  }

  @Test(
    "a mistake among the statements",
    arguments: [
      ("let y = x", ["3:2 unexpected-let"]), ("expect a == 1", ["3:2 misplaced-member"]),
      ("x", ["3:2 unused-value"]), ("x\n return x", ["3:2 unused-value"]),
      ("y == x\n return x", ["3:2 unused-value"]), ("return", ["3:8 missing-expression"]),
      ("return ,", ["3:9 missing-expression"]), ("return if = 1", ["3:12 missing-expression"]),
      ("x, = y", ["3:5 unexpected-token"]), ("x: B = y", ["3:5 unexpected-token"]),
      ("if a { b } else { x = c }", ["3:9 unused-value"]), ("else { }", ["3:2 missing-expression"]),
      ("x = if a {\n y\n z\n } else { y }", ["4:2 unused-value"]),
    ])
  func statements(_ source: String, _ places: [String]) {
    check("model m {\n forward(x: [B]) -> [B] {\n ", source, "\n }\n}", places)
  }

  @Test(
    "a mistake in a training section",
    arguments: [
      ("optimiser adamw", ["2:2 unknown-member"]), ("wibble 3", ["2:2 unknown-member"]),
      ("schedule warmup 200, then hold", ["2:21 unexpected-token"]),
      ("schedule warmup 2 steps, cosine", ["2:27 unexpected-token"]),
      ("schedule warmup 2 steps 3 steps", ["2:26 repeated-clause"]),
      ("schedule cosine to 1 at 2", ["2:26 unexpected-token"]),
      ("schedule warmup(x : b)", ["2:22 unexpected-pattern"]), ("clip", ["2:6 unexpected-token"]),
      ("data 3", ["2:8 unexpected-token"]), ("batch B == 3", ["2:10 double-equals"]),
    ])
  func training(_ source: String, _ places: [String]) {
    check("train m {\n", source, "\n}", places)
  }

  @Test(
    "a mistake in a declaration",
    arguments: [
      ("blok a() {}", ["1:1 unknown-declaration"]), ("funct a() {}", ["1:1 unknown-declaration"]),
      ("let a = 1", ["1:1 unknown-declaration"]), ("block a(width) {}", ["1:14 unexpected-token"]),
      ("block a(width: Int {}", ["1:19 unclosed-parenthesis"]),
      ("block (width: Int) {}", ["1:7 unexpected-token"]), ("import foo", ["1:8 unexpected-token"]),
      ("adapter a() fo b: c {}", ["1:13 unexpected-token"]),
      ("adapter a() for b {}", ["1:19 unexpected-token"]),
      ("model a {}\n}", ["2:1 unexpected-token"]),
      ("model a", ["1:8 unexpected-token"]), ("model a = {}", ["1:11 unexpected-token"]),
      ("block a() {\n let a = 1", ["2:11 unclosed-brace"]),
      ("block a() {\n let a = 1\n\nmodel b {}", ["4:1 unclosed-brace"]),
      (
        "block a() {\n forward(x: [B]) -> [B] {\n  if c {\n   x = b", ["4:9 unclosed-brace"]
      ),
      (
        "block a() {\n  forward(x: [B]) -> [B] {\n    return x\n\n  let b = 1\n}\nmodel b {}",
        ["5:3 unclosed-brace"]
      ),
      (
        "block a() {\n  forward(x: [B]) -> [B] {\n    if x {\n      y = x\n    return y\n  }\n}\n",
        ["5:5 unclosed-brace"]
      ),
    ])
  func declarations(_ source: String, _ places: [String]) { check("", source, "", places) }

  private func check(_ head: String, _ source: String, _ tail: String, _ places: [String]) {
    let head = head.hasSuffix("\n") ? head + " " : head
    let text = head + source + tail
    let parsed = Parsed(text)
    #expect(parsed.places == places, "\(parsed.reports)")
    for diagnostic in parsed.diagnostics {
      #expect(diagnostic.message == diagnostic.message.trimmedOfStop)
      for fix in diagnostic.fixes where !fix.edits.isEmpty {
        let mended = Parsed(fix.applied(to: text))
        #expect(mended.diagnostics.count < parsed.diagnostics.count, "\(fix.message)")
      }
    }
  }

  @Test("seven independent mistakes give seven reports")
  func recovery() throws {
    let text = """
      blok attention(width: Int) {
        let q = linear(width, width
        k = linear(width, width)

        forward(x: [B, T, width]) -> [B, T, width] {
          y = q(x : b t
          z = k(x) +
          return y
        }
      }

      model m {
        config width: 3
        let a = attention(width)
        expect parameters = 3
      }
      """
    let parsed = Parsed(text)
    #expect(
      parsed.places == [
        "1:1 unknown-declaration", "2:30 unclosed-parenthesis", "3:3 missing-let",
        "6:18 unclosed-parenthesis", "7:15 missing-expression", "13:15 colon-in-config",
        "15:21 single-equals",
      ])
    #expect(parsed.file.declarations.count == 2)
  }

  @Test("a mistake in the middle of a wrapped call costs that call and nothing else")
  func wrappedCall() {
    let call = "model m {\n let a = f(\nb c,\n  g(d,\n e)\n)\n   let = 1\n let b = [\n1 2\n]\n}"
    #expect(
      Parsed(call).places == [
        "3:3 unexpected-token", "7:8 unexpected-token", "9:3 unexpected-token",
      ])
  }

  @Test("an unclosed delimiter points to where it was opened")
  func openingNote() {
    let parsed = Parsed("model m {\n let a = f(b,\n   c\n}")
    #expect(parsed.places == ["3:5 unclosed-parenthesis"])
    let note = parsed.diagnostics.first?.notes.first?.range
    #expect(note.map { parsed.map.text(in: $0) } == "(")
    #expect(note?.lower == 20)
  }

  @Test("the rest of a file is parsed as if the mistake were not there")
  func independence() throws {
    let good = try LanguageSamples.text(of: "encoder-decoder")
    let bad = good.replacing("let second = linear(hidden, hidden)", with: "let second = @")
    let (parsed, broken) = (Parsed(good), Parsed(bad))
    #expect(broken.places == ["24:16 unknown-character"])
    #expect(broken.file.declarations.count == parsed.file.declarations.count)
  }

  @Test("at most a hundred mistakes are shown, and the others are counted")
  func bound() {
    let parsed = Parsed("model m {\n" + String(repeating: " let = 3\n", count: 250) + "}")
    #expect(parsed.diagnostics.count == 101)
    #expect(parsed.diagnostics.last?.message == "150 more errors are not shown")
  }
}

extension String {
  /// Diagnostics are phrases: a capital letter or a full stop would make this differ.
  fileprivate var trimmedOfStop: String { hasSuffix(".") ? String(dropLast()) : self }
}

extension FixIt {
  /// The text with the edits made, the last one first.
  fileprivate func applied(to text: String) -> String {
    var bytes = Array(text.utf8)
    for edit in edits.sorted(by: { $0.range.lower > $1.range.lower }) {
      bytes.replaceSubrange(edit.range.lower..<edit.range.upper, with: edit.replacement.utf8)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
