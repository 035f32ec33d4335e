// ConfigBlockTests: blocks that read the model's config, keys, and what families needed of the language.
// Apart from ElaboratorTests, which is about what every model has.
import Diagnostics
import IR
import Language
import Testing

@Suite struct ConfigBlockTests {
  private func elaborate(
    _ text: String, _ overrides: [ConfigOverride] = []
  ) -> (ElaboratedModel?, [Diagnostic]) {
    var library = ModuleLibrary(reader: { _, _ in nil })
    let file = library.load(path: "test.model", text: text)
    var elaborator = Elaborator(library: library, overrides: overrides)
    let (model, found) = elaborator.elaborate(file: file)
    return (model, library.diagnostics + found)
  }

  /// The shape of each weight, by name.
  private func shapes(_ text: String) throws -> [String: [Int]] {
    let (model, found) = elaborate(text)
    #expect(found.isEmpty, "\(found.map(\.message))")
    let weights = try #require(model).program.unfoldedParameters(limit: 100)
    return Dictionary(
      uniqueKeysWithValues: weights.map {
        ($0.name, $0.declaration.type.shape.compactMap(\.constant))
      })
  }

  private let reader = """
    block inner(config, hidden: Int, bias: Bool = false) {
      let up = linear(width, hidden, bias)

      forward(x: [B, width]) -> [B, hidden] {
        return up(x)
      }
    }

    block outer(config) {
      let a = inner()
      let b = inner(7)

      forward(x: [B, width]) -> ([B, hidden], [B, 7]) {
        return a(x), b(x)
      }
    }


    """

  private func model(_ config: String) -> String {
    reader + """
      model m {
        config \(config)

        let body = outer()

        forward(x: [B, width]) -> (a: [B, hidden], b: [B, 7]) {
          y, z = body(x)
          return y, z
        }
      }
      """
  }

  @Test("a block reads the config's fields, and they fill parameters that no argument does")
  func fills() throws {
    let plain = try shapes(model("width = 3, hidden = 5"))
    #expect(plain == ["body.a.up.weight": [5, 3], "body.b.up.weight": [7, 3]])
    let biased = try shapes(model("width = 3, hidden = 5, bias = true"))
    #expect(biased["body.a.up.bias"] == [5])
  }

  @Test("a field that the config lacks is missing where it is needed, and nowhere else")
  func missing() {
    let (_, found) = elaborate(model("width = 3"))
    #expect(found.first?.id == "missing-argument")
    #expect(found.first?.message.contains("hidden") == true)
  }

  @Test("a block that does not say `config` sees none of it")
  func closed() {
    let text = model("width = 3, hidden = 5")
      .replacing("block outer(config)", with: "block outer()")
    let (_, found) = elaborate(text)
    #expect(found.contains { $0.message.contains("`width`") })
  }

  @Test("`| none` makes null a value, and without it null leaves the default")
  func none() throws {
    func count(_ keys: String) throws -> Int? {
      let text = """
        model m {
          config window: Int = 4 from \(keys)

          param weight: [if window == none { 9 } else { window }] = zeros

          forward() -> [if window == none { 9 } else { window }] {
            return weight
          }
        }
        """
      let (model, found) = elaborate(
        text, [ConfigOverride(name: "window", value: .none, range: nil)])
      #expect(found.isEmpty, "\(found.map(\.message))")
      return try #require(model).program.definitions[0].parameters[0].type.shape[0].constant
    }
    #expect(try count("\"window\"") == 4)
    #expect(try count("\"window\" | none") == 9)
  }

  @Test("`[*]` reads a weight of every layer of a list")
  func every() throws {
    let text = """
      model m {
        let parts = repeat 4 linear(3, 2, bias: false)

        forward(x: [B, 3]) -> [B, 4, 2] {
          return einsum(x, stack(parts[*].weight, axis: 0) : b i, p o i -> b p o)
        }
      }
      """
    #expect(try shapes(text).count == 4)
    let (_, found) = elaborate(text.replacing("repeat 4 linear", with: "linear"))
    #expect(found.contains { $0.id == "not-a-list" })
  }

  @Test("`repeat` in a forward applies one layer over and over")
  func again() throws {
    let text = """
      model m {
        let step = linear(3, 3)

        forward(x: [B, 3]) -> [B, 3] {
          return repeat 5 step(x)
        }
      }
      """
    let (model, found) = elaborate(text)
    #expect(found.isEmpty, "\(found.map(\.message))")
    let program = try #require(model).program
    let entry = try #require(program.entry)
    let calls = program[entry].nodes.filter { if case .call = $0.kind { true } else { false } }
    #expect(calls.count == 5)
    #expect(try shapes(text).count == 2)
    #expect(elaborate(text.replacing("repeat 5", with: "repeat 0")).1.first?.id == "repeat-count")
  }

  @Test("`fixed` around an initialiser keeps training from a weight")
  func fixed() throws {
    let text = """
      model m {
        param weight: [3] = fixed(ones)

        forward(x: [B, 3]) -> [B, 3] {
          return x * weight
        }
      }
      """
    let program = try #require(elaborate(text).0).program
    #expect(program.definitions[0].parameters.map(\.trainable) == [false])
    #expect(program.definitions[0].parameters.map(\.initialiser) == [.ones])
  }

  @Test("`contains` tells whether a list holds a value")
  func contains() throws {
    let text = """
      model m {
        config dense = [1, 3]

        param weight: [if contains(dense, 3) { 2 } else { 5 }] = zeros

        forward() -> [if contains(dense, 2) { 5 } else { 2 }] {
          return weight
        }
      }
      """
    #expect(try shapes(text) == ["weight": [2]])
  }

  @Test("`config`, `| none`, `from none` and `[*]` keep their layout")
  func layout() {
    let text = """
      block a(config, width: Int) {
        forward(x: [B, width]) -> [B, width] {
          return stack(layers[*].weight, axis: 0)
        }
      }

      model m = base {
        config window: Int = 4    from "window" | none,
               bias        = true from none
      }

      """
    var map = SourceMap()
    let source = map.add(path: "a.model", text: text)
    let (syntax, diagnostics) = Parser.parse(source, in: map)
    #expect(diagnostics.isEmpty, "\(diagnostics.map(\.message))")
    #expect(Formatter.format(syntax, map) == text)
  }
}
