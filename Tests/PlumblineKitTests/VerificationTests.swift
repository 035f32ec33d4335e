// VerificationTests: models that verify, what is run when they are large, and how it is said.
// The broken ones are in VerificationMutationTests.
import Dimensions
import Foundation
import IR
import PlumblineKit
import Testing

@Suite struct VerificationTests {
  @Test("programs with shared, idle, chained and adapted weights are as predicted")
  func samples() throws {
    for program in try SamplePrograms.all() {
      let report = try Verifier().verify(program)
      #expect(report.agrees, "\(VerificationText(report).text)")
      #expect(report["differences"]?.checked ?? 0 > 0)
    }
  }

  @Test("the same seed gives the same report, another another")
  func seeds() throws {
    let program = try #require(try VerificationSamples.tiny().model).program
    func report(_ seed: UInt64) throws -> VerificationReport {
      try Verifier(VerificationOptions(seed: seed, gradientBudget: 1e5)).verify(program)
    }
    #expect(try report(3) == report(3))
    #expect(try report(3)["finite"]?.note != report(4)["finite"]?.note)
  }

  @Test("a step in f64 is compared in f64")
  func wide() throws {
    let text = VerificationSamples.text.replacing("config vocab", with: "dtype f64\n  config vocab")
    let model = try #require(try VerificationSamples.load(text).model)
    let report = try Verifier(VerificationOptions(gradientBudget: 1e6)).verify(model)
    #expect(report.agrees, "\(VerificationText(report).text)")
  }

  @Test("numbers of 16 bits are refused, because nothing computes in them")
  func narrow() throws {
    let text = VerificationSamples.text.replacing(
      "config vocab", with: "dtype bf16\n  config vocab")
    let model = try #require(try VerificationSamples.load(text).model)
    #expect(throws: VerificationRefusal.self) { try Verifier().verify(model) }
  }

  @Test("a loss that is no classification is not held against a guess")
  func square() throws {
    let text = """
      model line {
        dim B >= 1
        let map = linear(3, 4)
        forward(x: [B, 3]) -> y: [B, 4] { return map(x) }
      }
      """
    let report = try Verifier().verify(
      try #require(try VerificationSamples.load(text).model))
    #expect(report.agrees, "\(VerificationText(report).text)")
    #expect(report["first-loss"] == nil)
    #expect(report["unmoved"] == nil)
  }

  @Test("only what was asked for is sampled, and the report says how much that is")
  func budget() throws {
    let program = try #require(try VerificationSamples.tiny().model).program
    let report = try Verifier(VerificationOptions(gradientBudget: 1)).verify(program)
    let section = try #require(report["differences"])
    #expect(section.checked == 2)
    #expect(section.note?.hasPrefix("1 of 22 tensors along a direction") == true)
    #expect(report.agrees)
  }

  @Test("the table says what agrees in one line each, and shows both sides of what does not")
  func text() throws {
    var section = VerificationSection("a", "work", "things")
    section.compare("first", predicted: 1, observed: 1)
    section.compare("first again", predicted: 1, observed: 1)
    section.compare("second", predicted: 1_234, observed: 1_235, unit: "bytes")
    let report = VerificationReport(
      model: "m", sizes: ["B": 2], seed: 4, notes: ["shortened"], sections: [section])
    #expect(
      VerificationText(report).text == """
        m at B = 2, seed 4
        note: shortened

          work  things  1 of 3 differ
            differs: second
              predicted  1,234 bytes
              observed   1,235 bytes

        refuted: 1 of 3 items differ from the prediction

        """)
  }

  @Test("the JSON form has every item with both sides")
  func json() throws {
    let program = try #require(try VerificationSamples.tiny().model).program
    let report = try Verifier(VerificationOptions(gradientBudget: 1)).verify(program)
    let data = try JSONEncoder().encode(report)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(object["verdict"] as? String == "agrees")
    #expect(object["sizes"] as? [String: Int] == ["B": 2, "T": 5])
    let sections = try #require(object["sections"] as? [[String: Any]])
    let parameters = try #require(sections.first { $0["id"] as? String == "parameters" })
    let items = try #require(parameters["items"] as? [[String: Any]])
    #expect(items.count == parameters["checked"] as? Int)
    #expect(items.first?["name"] as? String == "wte.weight")
    #expect(items.first?["predicted"] as? String == "[23, 12], 276 elements, 1,104 bytes")
  }
}

@Suite struct SampleSizesTests {
  private func program(_ constraints: [Constraint], _ names: String...) -> Program {
    Program(
      name: "sizes", root: DefinitionID(index: 0),
      dimensions: names.map { DeclaredDimension(symbol: Symbol($0), range: nil) },
      assumptions: Assumptions(constraints))
  }

  private let b = Dimension(Symbol("B"))
  private let t = Dimension(Symbol("T"))
  private let s = Dimension(Symbol("S"))

  @Test("sizes are small, different and within their bounds")
  func plain() throws {
    let sizes = try SampleSizes(
      program([.atLeast(b, 1), .atLeast(t, 1), .atLeast(s, 1)], "B", "S", "T"), given: [:])
    #expect(sizes.sizes == [Symbol("B"): 2, Symbol("S"): 5, Symbol("T"): 7])
    let bounded = try SampleSizes(program([.atLeast(t, 40), .atLeast(50, t)], "T"), given: [:])
    #expect(bounded.sizes == [Symbol("T"): 40])
  }

  @Test("sizes that are given stay, and the others go around them")
  func given() throws {
    let sizes = try SampleSizes(
      program([.atLeast(b, 1), .atLeast(t, 1)], "B", "T"), given: [Symbol("B"): 5])
    #expect(sizes.sizes[Symbol("B")] == 5)
    #expect(sizes.sizes[Symbol("T")] != 5)
  }

  @Test("divisibility and order between dimensions are respected")
  func constrained() throws {
    let constraints: [Constraint] = [
      .divisible(t, by: 12), .atLeast(s, t + 3), .divisible(s, by: b), .atLeast(b, 2),
    ]
    let sizes = try SampleSizes(program(constraints, "B", "S", "T"), given: [:]).sizes
    #expect(Assumptions(constraints).hold(at: sizes))
  }

  @Test("what can't be satisfied is refused")
  func impossible() {
    #expect(throws: VerificationRefusal.self) {
      try SampleSizes(program([.atLeast(t, 4)], "T"), given: [Symbol("T"): 3])
    }
  }
}

@Suite struct ListShorteningTests {
  private func shortened(_ program: Program) -> ListShortening {
    let result = ListShortening(program)
    #expect(ProgramValidator(result.program).problems == [])
    return result
  }

  @Test("two layers of each kind are kept, and both functions still run")
  func runs() throws {
    let text = """
      block layer(width: Int, wide: Bool) {
        let map = linear(width, width, bias: wide)
        forward(x: [B, width]) -> [B, width] { return map(x) }
      }
      model stack {
        dim B >= 1
        let h = repeat 9 as i layer(4, i < 5)
        forward(x: [B, 4]) -> y: [B, 4] { return h(x) }
      }
      """
    let program = try #require(try VerificationSamples.load(text).model).program
    let result = shortened(program)
    #expect(result.changes.map(\.before) == [9])
    #expect(result.changes.map(\.after) == [4])
    let names = Array(Unfolding(result.program).parameters).map(\.name)
    #expect(
      names == [
        "h.0.map.weight", "h.0.map.bias", "h.1.map.weight", "h.1.map.bias", "h.2.map.weight",
        "h.3.map.weight",
      ])
    #expect(try Verifier().verify(result.program).agrees)
  }

  @Test("a list of which one late layer is used by itself stays whole")
  func pinned() throws {
    let text = """
      block layer(width: Int) {
        let map = linear(width, width)
        forward(x: [B, width]) -> [B, width] { return map(x) }
      }
      model stack {
        dim B >= 1
        let h = repeat 6 layer(4)
        forward(x: [B, 4]) -> y: [B, 4] { return h(x) + h[4](x) }
      }
      """
    let program = try #require(try VerificationSamples.load(text).model).program
    #expect(shortened(program).changes == [])
  }

  @Test("a chain whose layers read a table of their owner is shortened with its references")
  func chain() throws {
    let program = try SamplePrograms.chain(7, embedded: true)
    let result = shortened(program)
    #expect(result.changes.map(\.after) == [2])
    #expect(try Verifier().verify(result.program).agrees)
  }

  @Test("a model that is too large is run with fewer layers, and says so")
  func large() throws {
    let loaded = try VerificationSamples.load(
      VerificationSamples.text, "layers=3000", "width=48", "vocab=5000")
    let program = try #require(loaded.model).program
    let report = try Verifier(VerificationOptions(gradientBudget: 1)).verify(program)
    #expect(report.agrees, "\(VerificationText(report).text)")
    #expect(report.notes.first?.hasPrefix("h: 2 of 3,000 layers are run") == true)
  }

  @Test("a model that stays too large is refused with what would help")
  func refused() throws {
    let loaded = try VerificationSamples.load(VerificationSamples.text, "width=49152")
    let program = try #require(loaded.model).program
    let refusal = #expect(throws: VerificationRefusal.self) { try Verifier().verify(program) }
    #expect(refusal?.help?.contains("--set width=…") == true)
  }

  @Test("rows for padding, which learn nothing by definition, are not looked up in a step")
  func padding() throws {
    let text = """
      model m {
        dim B >= 1, T >= 1

        let table = embedding(3, 8, padding: 1)
        let head  = linear(8, 3)

        forward(ids: i32[B, T]) -> logits: [B, T, 3] {
          return head(table(ids))
        }
      }
      """
    let program = try #require(Workspace.load(path: "m.model", text: text).model).program
    for seed in 0..<4 {
      var options = VerificationOptions()
      options.seed = UInt64(seed)
      let report = try Verifier(options).verify(program)
      #expect(report.agrees, "\(VerificationText(report).text)")
    }
  }
}
