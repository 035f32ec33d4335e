// AnalysisLedgerTests: counts, ties and views against published numbers and hand-made sums.
// The model is GPT-2 small, built without the language.
import Dimensions
import IR
import Operations
import Testing

@testable import Analysis

@Suite struct ParameterLedgerTests {
  // Published: HF gpt2, its tied weights apart, its block, and Kaplan's non-embedding count.
  @Test("GPT-2 small has its published numbers of parameters")
  func published() throws {
    let program = try HandmadeGPT2().program()
    let ledger = try ParameterLedger(program)
    #expect(ledger.totals.total == 124_439_808)
    #expect(ledger.totals.trainable == 124_439_808)
    #expect(ledger.totals.frozen == 0)
    #expect(ledger.totals.tiedApart == 163_037_184)
    let embedding = ledger.byEmbedding
    #expect(embedding.map(\.elements) == [38_597_376, 786_432, 85_056_000])
    let decay = try ledger.byDecay(.rank(atLeast: 2))
    #expect(decay.map(\.weights) == [50, 98])
    #expect(decay.map(\.elements) == [124_318_464, 121_344])
  }

  @Test("a head of its own adds one table and leaves nothing tied")
  func untied() throws {
    let ledger = try ParameterLedger(HandmadeGPT2(tied: false).program())
    #expect(ledger.totals.total == 163_037_184)
    #expect(ledger.totals.tiedApart == 163_037_184)
    #expect(ledger.ties.isEmpty)
    // The head is no table, so the embedding share does not grow.
    #expect(ledger.byEmbedding.map(\.elements) == [38_597_376, 786_432, 123_653_376])
  }

  @Test("a named head is tied once, though its forward reads the weight as well")
  func named() throws {
    let ledger = try ParameterLedger(HandmadeGPT2(namesHead: true).program())
    #expect(ledger.totals.total == 124_439_808)
    #expect(ledger.totals.tiedApart == 163_037_184)
    #expect(ledger.ties.count == 1)
    #expect(ledger.ties.first?.path.description == "wte.weight")
    #expect(ledger.ties.first?.members.map(\.path.description) == ["lm_head.weight"])
    let tensors = try ledger.tensors()
    #expect(tensors.count == 149)
    #expect(tensors.last?.name == "lm_head.weight")
    #expect(tensors.last?.tiedTo == "wte.weight")
    #expect(tensors.filter { $0.tiedTo == nil }.count == 148)
  }

  @Test(
    "every view sums to the total", arguments: ParameterView.allCases, [true, false])
  func viewsSum(view: ParameterView, tied: Bool) throws {
    let ledger = try ParameterLedger(HandmadeGPT2(tied: tied).program())
    let shares = try ledger.shares(by: view)
    #expect(shares.reduce(0) { $0 + $1.elements } == ledger.totals.total)
    #expect(shares.reduce(0) { $0 + $1.weights } == (tied ? 148 : 149))
  }

  @Test("a rule by name sees every unfolded weight")
  func decayByName() throws {
    let ledger = try ParameterLedger(HandmadeGPT2().program())
    let shares = try ledger.byDecay(.named { name, _ in name.hasPrefix("h.3.") })
    #expect(shares[0].elements == 7_087_872)
    #expect(shares[0].weights == 12)
  }

  @Test("folded and unfolded counts agree")
  func unfolded() throws {
    let program = try HandmadeGPT2().program()
    let ledger = try ParameterLedger(program)
    var sum = 0
    for weight in Unfolding(program).parameters {
      sum += try #require(weight.declaration.type.elementCount.constant)
    }
    #expect(sum == ledger.totals.total)
    #expect(ledger.entries.reduce(0) { $0 + $1.count } == 148)
    #expect(ledger.entries.count == 2 + 12 + 2)
  }

  @Test("the formula is the polynomial of the textbooks, and gives the total")
  func formula() throws {
    let program = try HandmadeGPT2().program()
    let ledger = try ParameterLedger(program)
    #expect(
      ledger.formula.description
        == "12·layers·width² + context·width + 13·layers·width + vocab·width + 2·width")
    var values: [Symbol: Int] = [:]
    for value in program.config { values[Symbol(value.name)] = value.integer }
    #expect(ledger.formula.evaluate(values) == 124_439_808)
  }

  @Test("a hundred thousand layers are counted without visiting them")
  func manyLayers() throws {
    let program = try HandmadeGPT2(layers: 100_000).program()
    let ledger = try ParameterLedger(program)
    let expected = 39_385_344 + 100_000 * 7_087_872
    #expect(ledger.totals.total == expected)
    #expect(ledger.entries.count == 16)
    let cost = try CostReport(program, of: #require(program.entry))
    #expect(cost.forward.multiplyAdds != 0)
  }

  @Test("a total beyond 64 bits is an error that names the block")
  func overflow() throws {
    var sketch = ProgramSketch("huge")
    let big = Dimension(4_000_000_000)
    let layer = sketch.define("table", parameters: [.weight("weight", big, big)])
    _ = sketch.define("huge", children: [.layer("a", layer), .list("b", layer, 3)])
    #expect(
      throws: AnalysisError.overflow(quantity: "parameters", block: "table", range: nil)
    ) { try ParameterLedger(sketch.program) }
    var list = ProgramSketch("long")
    let small = list.define("small", parameters: [.weight("weight", Dimension(1 << 40))])
    _ = list.define("long", children: [.list("a", small, 1 << 30)])
    #expect(
      throws: AnalysisError.overflow(quantity: "parameters", block: "long", range: nil)
    ) { try ParameterLedger(list.program) }
  }

  @Test("a tree too wide to list is an error, and its sum is still known")
  func tooManyRows() throws {
    var sketch = ProgramSketch("wide")
    var layer = sketch.define("leaf", parameters: [.weight("weight", 1)])
    for _ in 0..<40 {
      layer = sketch.define("pair", children: [.layer("a", layer), .layer("b", layer)])
    }
    #expect(throws: AnalysisError.tooManyRows(what: "blocks", limit: 1000)) {
      try ParameterLedger(sketch.program, limit: 1000)
    }
    let sums = ParameterSums(sketch.program)
    let leaves = Dimension(1 << 40)
    #expect(sums[sketch.program.root].elements == leaves)
  }

  @Test("each layer that reads a passed weight is one place of it, and a second name another")
  func chain() throws {
    // Five layers read the table by reference; the model's alias `head` names it again.
    let ledger = try ParameterLedger(SamplePrograms.chain(5, embedded: true))
    #expect(ledger.totals.total == 9 + 9 + 5 * 9)
    #expect(ledger.totals.tiedApart == 63 + 5 * 9 + 9)
    let group = try #require(ledger.ties.first)
    #expect(group.path.description == "wte.weight")
    #expect(group.members.map(\.path.description) == ["head.weight", "h[0..<5]"])
    #expect(group.members.map(\.count) == [1, 5])
    #expect(group.added == 54)
    let shares = ledger.byTie
    #expect(shares.map(\.elements) == [9, 54])
  }

  @Test("frozen weights are counted apart, and no optimiser decays them")
  func frozen() throws {
    let ledger = try ParameterLedger(SamplePrograms.adapter())
    #expect(ledger.totals.total == 4 * 9 + 6)
    #expect(ledger.totals.trainable == 6)
    #expect(ledger.totals.frozen == 36)
    let shares = try ledger.byDecay(.rank(atLeast: 2))
    #expect(shares.map(\.elements) == [6, 0, 36])
  }
}
