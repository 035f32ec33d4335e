// AnalysisPathTests: what a written path names, and what is said of one that names nothing.
// The derivations of counts are here too, since a claim asks for them by path.
import Dimensions
import IR
import Testing

@testable import Analysis

@Suite struct FoldedPathTests {
  @Test(
    "paths are read and printed",
    arguments: [
      ("h[0..<12].attn", "h[0..<12].attn"), ("h[0...2]", "h[0..<3]"), ("h[3].mlp", "h[3].mlp"),
      ("h.3.mlp", "h[3].mlp"), ("h[*].mlp", "h.mlp"), ("", ""), ("wte.weight", "wte.weight"),
    ])
  func reading(text: String, printed: String) throws {
    #expect(try FoldedPath(parsing: text).description == printed)
  }

  @Test(
    "what is no path is refused",
    arguments: ["h[", "h]", "h[3", "h[-1]", "h[a]", ".", "h..a", "[3]", "h[3..<1]", "3"])
  func refused(text: String) {
    #expect(throws: PathFault.self) { try FoldedPath(parsing: text) }
  }

  @Test(
    "the parameters of a path are those of its instances",
    arguments: [
      ("", 124_439_808), ("h", 85_054_464), ("h[0]", 7_087_872), ("h[0..<3]", 21_263_616),
      ("h[0..<3].attn", 7_087_104), ("h.mlp.c_fc", 28_348_416), ("ln_f", 1536),
      ("wte.weight", 38_597_376), ("h[11].ln_1.bias", 768), ("h[2].ln_*", 3072),
    ])
  func counts(path: String, count: Int) throws {
    let program = try HandmadeGPT2().program()
    let derivation = try FoldedTree(program).parameters(
      at: FoldedPath(parsing: path), sums: ParameterSums(program))
    #expect(derivation.total == Dimension(count))
    #expect(Dimension.sum(of: derivation.rows.map(\.total)) == Dimension(count))
    var values: [Symbol: Int] = [:]
    for value in program.config { values[Symbol(value.name)] = value.integer }
    #expect(derivation.formula.evaluate(values) == Int128(count))
  }

  @Test("a misspelt name is answered with the nearest one")
  func nearMiss() throws {
    let program = try HandmadeGPT2().program()
    let tree = FoldedTree(program)
    let fault = #expect(throws: PathFault.self) {
      try tree.target(of: FoldedPath(parsing: "h[0].attm"))
    }
    #expect(fault?.nearest == "attn")
    #expect(fault?.component == 1)
    #expect(fault?.message == "`h[0]` has nothing named `attm`")
    let beyond = #expect(throws: PathFault.self) {
      try tree.target(of: FoldedPath(parsing: "h[12]"))
    }
    #expect(beyond?.message == "there is no `h[12]`: `h` has 12 elements")
    let single = #expect(throws: PathFault.self) {
      try tree.target(of: FoldedPath(parsing: "wte[0]"))
    }
    #expect(single?.message == "`wte` is one layer, not a list")
  }

  @Test("a path through an alias and past an adapter names the original")
  func throughAliases() throws {
    let chain = FoldedTree(try SamplePrograms.chain(3, embedded: true))
    guard case .weights(let weights) = try chain.target(of: FoldedPath(parsing: "head.weight"))
    else {
      Issue.record("head.weight is no weight")
      return
    }
    #expect(weights.map { chain.path(of: $0).description } == ["wte.weight"])
    let adapted = FoldedTree(try SamplePrograms.adapter())
    guard
      case .weights(let inner) = try adapted.target(of: FoldedPath(parsing: "middle.weight"))
    else {
      Issue.record("middle.weight is no weight")
      return
    }
    #expect(inner.map { adapted.path(of: $0).description } == ["middle.weight"])
  }

  @Test("alike layers stand in one row, and leaves are written as products")
  func derivation() throws {
    let program = try HandmadeGPT2().program()
    let derivation = try FoldedTree(program).parameters(
      at: FoldedPath(parsing: "h[0]"), sums: ParameterSums(program), separator: "_")
    #expect(derivation.path == "h[0]")
    #expect(derivation.block == "transformer_block")
    #expect(derivation.rows.map(\.names) == [["ln_1", "ln_2"], ["attn"], ["mlp"]])
    #expect(
      derivation.rows.map(\.formula) == [
        "2 × (768 + 768)", "1_771_776 + 590_592", "2_362_368 + 2_360_064",
      ])
    #expect(derivation.rows[1].block == "attention(768, 12)")
    #expect(derivation.formula.description == "12·width² + 13·width")
  }

  @Test("a named value has the shape that its forward gives it")
  func values() throws {
    let tree = FoldedTree(try HandmadeGPT2().program())
    let logits = try tree.values(named: "logits")
    #expect(logits.map(\.value.type.description) == ["f32[B, T, 50257]"])
    let scores = try tree.values(named: "scores", at: FoldedPath(parsing: "h[0].attn"))
    #expect(scores.map(\.value.type.shapeText) == ["[B, 12, T, T]"])
    let fault = #expect(throws: PathFault.self) {
      try tree.values(named: "score", at: FoldedPath(parsing: "h[0].attn"))
    }
    #expect(fault?.nearest == "scores")
    #expect(fault?.message == "the forward of `h[0].attn` names no value `score`")
  }
}
