// TerminalRendererTests: the layout of whole diagnostics, character by character.
// The expected texts stand in Examples; the odd inputs are in TerminalEdgeTests.

import Diagnostics
import Testing

/// One file and the ranges of words on its lines.
struct Page {
  var sources = SourceMap()
  let source: SourceID

  init(_ path: String, _ text: String, changing changes: [Int: (String, String)] = [:]) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for (line, (old, new)) in changes {
      #expect(lines[line - 1].contains(old))
      let parts = lines[line - 1].split(
        separator: old, maxSplits: 1, omittingEmptySubsequences: false)
      lines[line - 1] = parts.joined(separator: new)
    }
    source = sources.add(path: path, text: lines.joined(separator: "\n"))
  }

  /// The last place where `words` stand on a line.
  func range(_ line: Int, _ words: String) throws -> SourceRange {
    let content = sources[source].contentRange(ofLine: line)
    let bytes = Array(sources[source].bytes[content])
    let wanted = Array(words.utf8)
    let starts = (0...max(bytes.count - wanted.count, 0)).filter {
      Array(bytes[$0...].prefix(wanted.count)) == wanted
    }
    let lower = content.lowerBound + (try #require(starts.last))
    return SourceRange(source: source, lower: lower, upper: lower + wanted.count)
  }

  func edit(_ line: Int, _ old: String, _ new: String) throws -> Edit {
    Edit(range: try range(line, old), replacement: new)
  }
}

@Suite struct TerminalRendererTests {
  private let renderer = TerminalRenderer(color: false)

  @Test("a mismatch derives each dimension and names the other places")
  func shapeMismatch() throws {
    let page = Page(
      "models/encoder-decoder.model", Examples.encoderDecoder,
      changing: [9: ("linear(inner, width)", "linear(width, width)")])
    let indent = String(repeating: " ", count: 22)
    let diagnostic = Diagnostic(
      id: "shape-mismatch",
      message: "`out` needs a last axis of 1024, but its input ends in 768",
      range: try page.range(18, "rearrange(mixed : b h t d -> b t (h d))"), label: "[B, T, 768]",
      facts: [
        .blank,
        .line("needs: [..., 1024]     1024 = width"),
        .line("found: [B, T,  768]     768 = (h d) = h × d"),
        .continuation(indent + "h = 6     axis 1 of `mixed`, set by `h = heads` at 12:59"),
        .continuation(indent + "d = 128   from q(x) [B, T, 768] split as (h d): 768 / 6"),
        .continuation(indent + "768 = inner = heads * head_width = 6 × 128"),
      ],
      notes: [
        Note(
          message: "`out` is declared here with input size `width`",
          range: SourceRange(
            source: page.source, lower: try page.range(9, "width, width").lower,
            upper: try page.range(9, "width, width").lower + 5)),
        Note(
          message: "reached from encoder[0].attend = "
            + "attention(width: 1024, heads: 6, head_width: 128)",
          range: try page.range(33, "attention(width, heads, head_width)"),
          facts: [
            .line(
              "the same mistake in encoder[1..<6].attend, decoder[0..<8].attend and "
                + "decoder[0..<8].cross (21 more, shown once)")
          ], showsSource: false),
      ],
      fixes: [
        FixIt(
          message: "read the heads' output, which has `inner` features",
          edits: [try page.edit(9, "width, width", "inner, width")], effect: .parameters)
      ])
    #expect(renderer.render(diagnostic, in: page.sources) == Examples.shapeMismatch)
  }

  @Test("a false bound shows its witness and two remedies")
  func outOfRange() throws {
    let page = Page(
      "models/gpt2-small.model", Examples.gpt2, changing: [42: ("1...context", "1...2_048")])
    let diagnostic = Diagnostic(
      id: "index-out-of-range",
      message: "`wpe` has 1024 rows, but is asked for row T - 1, which can be 2047",
      range: try page.range(50, "iota(T)"), label: "i32[T], values 0 ... T - 1",
      facts: [
        .line("needs: T - 1 <= 1023       1024 rows = context (config, line 41)"),
        .line("known: 1 <= T <= 2048      from `dim` at 42:18"),
        .line("witness: B = 1, T = 1025 satisfies every constraint and reads row 1024"),
      ],
      notes: [
        Note(message: "`T` is bounded here", range: try page.range(42, "T in 1...2_048"))
      ],
      fixes: [
        FixIt(
          message: "bound T by the table (applies without changing parameters)",
          edits: [try page.edit(42, "2_048", "context")], effect: .claim),
        FixIt(
          message: "or enlarge the table (adds 786_432 parameters; "
            + "`expect parameters` would become 125_226_240)",
          edits: [try page.edit(41, "1_024", "2_048")], effect: .parameters),
      ])
    #expect(renderer.render(diagnostic, in: page.sources) == Examples.outOfRange)
  }

  @Test("a false claim shows the sum, its cause without a place, and two remedies")
  func falseClaim() throws {
    let page = Page(
      "models/encoder-decoder.model", Examples.encoderDecoder,
      changing: [61: ("heads = 6", "heads = 8")])
    let diagnostic = Diagnostic(
      id: "expectation-failed",
      message: "parameters of decoder[0] are 9_715_712, expected 7_617_024 (2_098_688 more)",
      range: try page.range(77, "7_617_024"), label: "9_715_712",
      facts: [
        .line("decoder[0]                                     9_715_712"),
        .continuation(
          "attend   attention(1024, 8, 128, causal)     4_198_400   "
            + "q, k, v, out: 4 × (1024·1024 + 1024)"),
        .continuation(
          "cross    attention(1024, 8, 128)             4_198_400   "
            + "q, k, v, out: 4 × (1024·1024 + 1024)"),
        .continuation(
          "ffn      feed_forward(1024, 512)             1_312_768   524_800 + 262_656 + 525_312"),
        .continuation(
          "norm_1, norm_2, norm_3                           6_144   3 × (1024 + 1024)"),
      ],
      notes: [
        Note(
          message: "every shape is consistent; only the claim differs. "
            + "As a function of `heads` (config, 61:41):",
          facts: [
            .line("parameters(decoder[0]) = 1_049_344 · heads + 1_320_960"),
            .line("heads = 8 gives 9_715_712;  heads = 6 gives 7_617_024 exactly"),
            .line(
              "claims 75, 76, 78 and 79 fail for the same reason and hold at heads = 6 "
                + "(shown once)"),
          ])
      ],
      fixes: [
        FixIt(
          message: "set heads = 6 (changes the model)",
          edits: [try page.edit(61, "heads = 8", "heads = 6")], effect: .model),
        FixIt(
          message: "or, if 8 heads are meant, correct the claim (changes the documentation)",
          edits: [try page.edit(77, "7_617_024", "9_715_712")], effect: .claim),
      ])
    #expect(renderer.render(diagnostic, in: page.sources) == Examples.falseClaim)
  }

  @Test("colour adds escape sequences and changes no other character")
  func colour() throws {
    let page = Page("a.model", "let out = linear(width, width)\n")
    let diagnostic = Diagnostic(
      id: "shape-mismatch", severity: .warning, message: "one", range: try page.range(1, "linear"),
      label: "here", facts: [.line("fact")],
      notes: [Note(message: "there", range: try page.range(1, "out"))],
      fixes: [FixIt(message: "do", edits: [try page.edit(1, "out", "in")], effect: .none)])
    let plain = renderer.render(diagnostic, in: page.sources)
    let painted = TerminalRenderer(color: true).render(diagnostic, in: page.sources)
    #expect(painted.contains("\u{1B}[1;33mwarning[shape-mismatch]\u{1B}[0m"))
    #expect(!plain.contains("\u{1B}"))
    #expect(painted.replacing(#/\u{1B}\[[0-9;]*m/#, with: "") == plain)
  }

  @Test("several diagnostics are set apart by one empty line")
  func several() {
    let text = renderer.render(
      [Diagnostic(id: "one", message: "a"), Diagnostic(id: "two", severity: .note, message: "b")],
      in: SourceMap())
    #expect(text == "error[one]: a\n\nnote[two]: b\n")
  }

  @Test("the worked example of the documentation prints as shown there")
  func documentation() {
    var sources = SourceMap()
    let source = sources.add(path: "a.model", text: "let out = linaer(768, 768)\n")
    let name = SourceRange(source: source, lower: 10, upper: 16)
    let diagnostic = Diagnostic(
      id: "unknown-name", message: "no block or operation is named `linaer`", range: name,
      fixes: [
        FixIt(
          message: "write `linear`", edits: [Edit(range: name, replacement: "linear")],
          effect: .model)
      ])
    let expected = """
      error[unknown-name]: no block or operation is named `linaer`
        --> a.model:1:11
          |
        1 | let out = linaer(768, 768)
          |           ^^^^^^
      help: write `linear`
          |
        1 - let out = linaer(768, 768)
        1 + let out = linear(768, 768)

      """
    #expect(renderer.render(diagnostic, in: sources) == expected)
  }
}
