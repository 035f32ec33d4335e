// The formatter: what its text looks like, and that nothing of a file is lost or changed.
// Comments have a suite of their own.
import Diagnostics
import Language
import Testing

@Suite struct FormatterTests {
  static func format(_ text: String) -> String {
    let parsed = Parsed(text)
    return Formatter.format(parsed.file, parsed.map)
  }

  @Test(
    "an example file keeps its meaning, and its text is a fixed point after one pass",
    arguments: LanguageSamples.names)
  func examples(_ name: String) throws {
    let text = try LanguageSamples.text(of: name)
    let once = Self.format(text)
    #expect(Parsed(once).reports == [])
    #expect(SyntaxDump.text(of: Parsed(once).file) == SyntaxDump.text(of: Parsed(text).file))
    #expect(Self.format(once) == once)
    // Apart from the spaces that align a comparison or precede a comment.
    #expect(squeezed(once) == squeezed(text))
  }

  private func squeezed(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.split(separator: " ").joined(separator: " ")
    }
  }

  @Test("parse, print, parse is the identity on random trees", arguments: 0..<150)
  func identity(_ seed: Int) {
    var generator = SyntaxGenerator(seed: UInt64(seed))
    let file = generator.file()
    let text = Formatter.format(file, SourceMap())
    let parsed = Parsed(text)
    #expect(parsed.reports == [], "seed \(seed)\n\(text)")
    #expect(SyntaxDump.text(of: parsed.file) == SyntaxDump.text(of: file), "seed \(seed)\n\(text)")
    let again = Formatter.format(parsed.file, parsed.map)
    #expect(again == text, "seed \(seed): \(LanguageSamples.firstDifference(text, again))")
    for line in text.split(separator: "\n") { #expect(line.last != " ", "seed \(seed)") }
  }

  @Test("parentheses that a tree needs are added")
  func neededParentheses() {
    let place = SourceRange(source: SourceID(index: 0), at: 0)
    func name(_ text: String) -> Expression { Expression(.name(text), place) }
    func binary(_ sign: BinaryOperator, _ left: Expression, _ right: Expression) -> Expression {
      Expression(.binary(sign, left, right), place)
    }
    let sum = binary(.add, name("a"), name("b"))
    let value = binary(
      .multiply, sum, binary(.power, Expression(.unary(.negate, sum), place), sum))
    let difference = binary(
      .subtract, name("a"), binary(.subtract, binary(.divide, name("b"), name("c")), name("d")))
    let comparison = binary(.equal, binary(.less, name("a"), name("b")), difference)
    let members = [value, comparison].map { value in
      Member.binding(LetBinding(name: Name("x", place), value: value, range: place))
    }
    let model = ModelDeclaration(
      name: Name("m", place), base: nil, members: members, documentation: ["why"], range: place)
    let file = SyntaxFile(
      source: SourceID(index: 0), declarations: [.model(model)], comments: [])
    #expect(
      Formatter.format(file, SourceMap())
        == """
        // why
        model m {
          let x = (a + b) * (-(a + b)) ** (a + b)
          let x = (a < b) == a - (b / c - d)
        }

        """)
  }

  @Test("neighbours align, and a blank line ends a run")
  func alignment() {
    let text = """
      model m {
      dtype f32
      config a = 1
      dim B

      let x = a
      let long = b

      let xy = c
      param w: [a] = zeros
      param bias: [a, b] = ones
      param c: [a]
      forward(x: [B]) -> [B] {
      q, k = f(x)
      y = rearrange(g(x) : a -> b)
      yy = rearrange(x : b -> a)
      z: [B] = y
      return z
      }
      expect parameters == 1
      expect parameters(h[0]) <= 2 GB
      expect a_claim_that_is_so_long(that: it, takes: no, part: in, the: run) == 3
      }
      """
    #expect(
      Self.format(text) == """
        model m {
          dtype  f32
          config a = 1
          dim    B

          let x    = a
          let long = b

          let xy = c
          param w:    [a]    = zeros
          param bias: [a, b] = ones
          param c:    [a]
          forward(x: [B]) -> [B] {
            q, k = f(x)
            y    = rearrange(g(x) : a -> b)
            yy   = rearrange(x    : b -> a)
            z: [B] = y
            return z
          }
          expect parameters       == 1
          expect parameters(h[0]) <= 2 GB
          expect a_claim_that_is_so_long(that: it, takes: no, part: in, the: run) == 3
        }

        """)
  }

  @Test("what is too wide is broken, outermost first")
  func wrapping() {
    let text = """
      block b(first_parameter: Int, second_parameter: Int, third_parameter: Int, fourth_one: Bool = false) {
        config vocabulary = 50_257 from "vocab_size", width: Int = 768 from "n_embd" | "hidden_size", b = 1
        require first_parameter == second_parameter && second_parameter == third_parameter && fourth
        forward(first: [B, T, first_parameter], second: [B, T, second_parameter]) -> [B, T, third_parameter] {
          first = rearrange(a_long_operation(first, second) : b t (three h d) -> three b h t d, h = heads, d = 1)
          return if first_parameter == second_parameter { a_long_operation(first) } else { another(second) }
        }
      }
      """
    #expect(
      Self.format(text) == """
        block b(
          first_parameter: Int,
          second_parameter: Int,
          third_parameter: Int,
          fourth_one: Bool = false
        ) {
          config vocabulary = 50_257 from "vocab_size",
                 width: Int = 768    from "n_embd" | "hidden_size",
                 b          = 1
          require first_parameter == second_parameter && second_parameter == third_parameter && fourth
          forward(
            first: [B, T, first_parameter],
            second: [B, T, second_parameter]
          ) -> [B, T, third_parameter] {
            first = rearrange(
              a_long_operation(first, second)
              : b t (three h d) -> three b h t d,
              h = heads,
              d = 1
            )
            return if first_parameter == second_parameter {
              a_long_operation(first)
            } else {
              another(second)
            }
          }
        }

        """)
  }

  @Test("what was broken over lines stays broken where that is a choice")
  func keptBreaks() {
    let text = """
      model m {
        config a = 1,
               bc = 2
        let x = match s {
          "a" => b
          else => c
        }
        let y = match s { "a" => b, else => c }
        let z = if s {
          b
        } else {
          c
        }
      }

      """
    #expect(Self.format(text) == text.replacing("config a = 1", with: "config a  = 1"))
  }

  @Test("one blank line stays, more become one, none stands at the edges of braces")
  func blankLines() {
    let text =
      "import \"a\"\nimport \"b\"\nmodel m {\n\n\nlet a = b\n\n\n\nlet c = d\n\n}\nmodel n {\n}"
    #expect(
      Self.format(text)
        == "import \"a\"\nimport \"b\"\n\nmodel m {\n  let a = b\n\n  let c = d\n}\n\nmodel n {}\n")
    #expect(Self.format("") == "")
  }
}
