// AnalysisModelTests: the reports on models that were written in the language.
// The claims of the example files are the published or hand-computed numbers.
import Architectures
import Dimensions
import Foundation
import IR
import PlumblineKit
import Testing

@testable import Analysis

@Suite struct AnalysisModelTests {
  private func program(fixture name: String) throws -> Program {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Fixtures/language/\(name)")
    let loaded = try Workspace.load(file.path)
    return try #require(loaded.model?.program)
  }

  private func parameters(_ program: Program, _ path: String) throws -> Int? {
    try FoldedTree(program).parameters(
      at: FoldedPath(parsing: path), sums: ParameterSums(program)
    ).total.constant
  }

  @Test("an encoder and decoder with one table and three uses of it")
  func encoderDecoder() throws {
    let program = try program(fixture: "encoder-decoder.model")
    let ledger = try ParameterLedger(program)
    #expect(ledger.totals.total == 120_499_712)
    // One of the three uses is another block's: the head of the model itself.
    #expect(ledger.totals.tiedApart == 120_499_712 + 32_768_000)
    #expect(try parameters(program, "encoder[0]") == 4_465_920)
    #expect(try parameters(program, "decoder[0]") == 7_617_024)
    #expect(try parameters(program, "encoder") == 6 * 4_465_920)
    let report = try ShapeReport(program, of: program.entry)
    let table = try #require(report.rows.first { "\($0.path)" == "embed" })
    let shapes = table.signatures.map { $0.outputs.map(\.type.shapeText) }
    #expect(shapes == [["[B, S, 1024]"], ["[B, T, 1024]"]])
    #expect(table.isTied)
    let values = try FoldedTree(program).values(
      named: "scores", at: FoldedPath(parsing: "decoder[0].cross"))
    #expect(values.map(\.value.type.shapeText) == ["[B, 6, T, S]"])
  }

  @Test("a failed count is explained by four alike layers")
  func derivation() throws {
    // The third diagnostic that sets the bar: heads = 8 makes every linear layer square.
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Fixtures/language/encoder-decoder.model")
    let text = try String(contentsOf: file, encoding: .utf8)
      .replacing("heads = 6", with: "heads = 8")
    let loaded = Workspace.load(path: "eight.model", text: text)
    let program = try #require(loaded.model?.program)
    let derivation = try FoldedTree(program).parameters(
      at: FoldedPath(parsing: "decoder[0]"), sums: ParameterSums(program), separator: "_")
    #expect(derivation.total == 9_715_712)
    #expect(derivation.rows.first?.formula == "q, k, v, out: 4 × (1024·1024 + 1024)")
    let norms = try #require(derivation.rows.first { $0.names.count == 3 })
    #expect(norms.formula == "3 × (1024 + 1024)")
    let ffn = try #require(derivation.rows.first { $0.names == ["ffn"] })
    #expect(ffn.formula == "524_800 + 262_656 + 525_312")
    var others: [Symbol: Dimensions.Dimension] = [:]
    for value in program.config where value.name != "heads" {
      others[Symbol(value.name)] = value.integer.map { Dimensions.Dimension($0) }
    }
    let inHeads = Figures.grouped(derivation.formula.substituting(others), by: "_")
    #expect(inHeads == "1_049_344·heads + 1_320_960")
  }

  // PEFT's own print: 294,912 of 124,734,720.
  @Test("an adapter trains its own weights and freezes the rest")
  func adapter() throws {
    let program = try program(fixture: "gpt2-lora.model")
    let ledger = try ParameterLedger(program)
    #expect(ledger.totals.total == 124_734_720)
    #expect(ledger.totals.trainable == 294_912)
    let text = try ShapeReport(program, of: program.entry).text()
    #expect(text.contains("│  │  │  └─ (base)"))
    // A block that was only applied, without weights, is no layer.
    #expect(!text.contains("mask_future"))
  }

  @Test("GPT-2's family file has the checkpoint's names")
  func family() throws {
    let file = try #require(Architectures.file(named: "gpt2.model"))
    let program = try #require(Workspace.load(path: file.name, text: file.text).model?.program)
    let ledger = try ParameterLedger(program)
    #expect(ledger.totals.total == 124_439_808)
    #expect(ledger.totals.tiedApart == 163_037_184)
    let tensors = try ledger.tensors()
    #expect(tensors.count == 149)
    #expect(tensors.last?.name == "lm_head.weight")
    #expect(tensors.last?.tiedTo == "transformer.wte.weight")
    let tree = ledger.blockTree
    #expect(tree.first?.elements == 124_439_808)
    #expect(tree.first { $0.name == "h[0..<12]" }?.elements == 85_054_464)
    let cost = try CostReport(program, of: #require(program.entry))
    let sizes = [Symbol("B"): 1, Symbol("T"): 1024]
    #expect(cost.forward.flops.evaluate(sizes) == 291_648_307_200)
  }

  @Test("a layer applied many times is listed once, with how often it runs")
  func shared() throws {
    let text = """
      block layer(width: Int) {
        let inner = linear(width, width)
        forward(x: [B, width]) -> [B, width] { return inner(x) }
      }
      model albert {
        dtype f32
        config width = 4, layers = 12
        dim B >= 1
        let h = repeat shared layers layer(width)
        forward(x: [B, width]) -> y: [B, width] { return h(x) }
      }
      """
    let loaded = Workspace.load(path: "albert.model", text: text)
    #expect(loaded.diagnostics.isEmpty, "\(loaded.diagnostics.map(\.message))")
    let program = try #require(loaded.model?.program)
    let report = try ShapeReport(program, of: program.entry)
    #expect(report.totals.total == 20)
    #expect(report.text().contains("(applied 12 times)"))
    #expect(report.forward?.multiplyAdds.evaluate([Symbol("B"): 1]) == 192)
    let cost = try CostReport(program, of: #require(program.entry))
    #expect(try cost.flops(at: FoldedPath(parsing: "h.inner")).evaluate([Symbol("B"): 1]) == 384)
  }
}
