// AnalysisReportTests: the text and the JSON of reports.
// What people and services read is checked as text, line by line where it matters.
import Autodiff
import Dimensions
import Foundation
import IR
import Testing

@testable import Analysis

@Suite struct ReportTests {
  private func report(
    _ program: Program, options: ShapeOptions = ShapeOptions()
  ) throws -> ShapeReport {
    try ShapeReport(program, of: program.entry, options: options)
  }

  @Test("the tree of GPT-2 small")
  func tree() throws {
    let text = try report(HandmadeGPT2().program(), options: ShapeOptions(depth: 2)).text()
    #expect(
      text == """
        layer         block              inputs       outputs            parameters
        ───────────────────────────────────────────────────────────────────────────────────
        gpt2                             i32[B, T]    [B, T, 50257]     124,439,808
        ├─ wte        embedding          i32[B, T]    [B, T, 768]        38,597,376  (tied)
        ├─ wpe        embedding          i32[T]       [T, 768]              786,432
        ├─ h[0..<12]  transformer_block  [B, T, 768]  [B, T, 768]    12 × 7,087,872
        │  ├─ ln_1    layer_norm         [B, T, 768]  [B, T, 768]             1,536
        │  ├─ attn    attention          [B, T, 768]  [B, T, 768]         2,362,368
        │  ├─ ln_2    layer_norm         [B, T, 768]  [B, T, 768]             1,536
        │  └─ mlp     mlp                [B, T, 768]  [B, T, 768]         4,722,432
        └─ ln_f       layer_norm         [B, T, 768]  [B, T, 768]             1,536
        ───────────────────────────────────────────────────────────────────────────────────
        parameters         124,439,808
          trainable        124,439,808
          with ties apart  163,037,184
        FLOPs forward   36,864·B·T² + 247,064,064·B·T
        (2 FLOPs for each multiply-add of a contraction)

        """)
  }

  @Test("no line of a report is wider than asked when it can be narrower", arguments: [100, 80])
  func narrow(width: Int) throws {
    let options = ShapeOptions(sizes: [Symbol("B"): 8, Symbol("T"): 1024])
    let lines = try report(HandmadeGPT2().program(), options: options).text(width: width)
      .split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= width })
  }

  @Test("the JSON of shapes has a row for each block, with formulas for symbols")
  func shapesJSON() throws {
    let json = try report(HandmadeGPT2().program()).json()
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    let rows = try #require(object["rows"] as? [[String: Any]])
    #expect(rows.count == 13)
    let block = try #require(rows.first { $0["path"] as? String == "h[0..<12]" })
    #expect(block["parameters"] as? Int == 7_087_872)
    #expect(block["count"] as? Int == 12)
    #expect(block["block"] as? String == "transformer_block")
    let inputs = try #require(block["inputs"] as? [[Any]])
    #expect(inputs.first?.first as? String == "B")
    #expect(inputs.first?.last as? Int == 768)
  }

  @Test("gradients have the shapes of what they belong to")
  func gradients() throws {
    var program = try HandmadeGPT2().program(loss: true)
    let derivative = try program.differentiateLoss()
    let report = try ShapeReport(
      program, of: program.loss, backward: derivative,
      options: ShapeOptions(values: true))
    for row in report.rows {
      for signature in row.signatures {
        let gradients = try #require(signature.gradients)
        for (input, gradient) in zip(signature.inputs, gradients.inputs) {
          if let gradient { #expect(gradient == input.type) }
        }
      }
    }
    let linear = try #require(report.rows.first { "\($0.path)" == "h[0..<12].mlp.c_fc" })
    let gradients = try #require(linear.signatures.first?.gradients)
    #expect(gradients.parameters.map(\.name) == ["weight", "bias"])
    #expect(gradients.parameters.first?.type.shape == [3072, 768])
    let text = report.text()
    #expect(text.contains("∂ weight"))
    #expect(text.contains("scores"))
    #expect(try report.json().contains("\"gradients\""))
  }

  @Test("the formula is derived block by block and ends in the total")
  func formula() throws {
    let text = CountReport(try ParameterLedger(HandmadeGPT2().program())).formula
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    #expect(
      lines.prefix(13) == [
        "parameters = 12·layers·width² + context·width + 13·layers·width + vocab·width + 2·width",
        "",
        "gpt2",
        "  wte        vocab·width                 38,597,376  = 50257·768",
        "  wpe        context·width                  786,432  = 1024·768",
        "  h[0..<12]  layers × transformer_block  85,054,464  = 12 × 7,087,872",
        "  ln_f       2·width                          1,536  = 768 + 768",
        "",
        "embedding(50257, 768) = vocab·width = 38,597,376",
        "  weight  vocab·width  38,597,376  = 50257·768",
        "",
        "embedding(1024, 768) = context·width = 786,432",
        "  weight  context·width  786,432  = 1024·768",
      ])
    #expect(lines.contains("  ln_1, ln_2  4·width                 3,072  = 2 × (768 + 768)"))
    #expect(
      lines.suffix(4) == [
        "with vocab = 50,257, context = 1,024, width = 768, layers = 12",
        "parameters = 12·12·768² + 1024·768 + 13·12·768 + 50257·768 + 2·768",
        "           = 124,439,808", "",
      ])
  }

  @Test("the table of weights and its divisions")
  func tables() throws {
    let report = CountReport(try ParameterLedger(HandmadeGPT2().program()))
    let lines = report.text.split(separator: "\n").map(String.init)
    #expect(
      lines[0] == "weight                        shape               elements       total")
    #expect(
      lines[2]
        == "wte.weight                    [50257, 768]      38,597,376  38,597,376"
        + "  tied: read by gpt2")
    #expect(
      lines[6] == "h[0..<12].attn.c_attn.weight  [2304, 768]   12 × 1,769,472  21,233,664")
    #expect(
      try report.text(by: .embedding) == """
        embedding           weights     elements   share
        ────────────────────────────────────────────────
        token embedding           1   38,597,376  31.02%
        position embedding        1      786,432   0.63%
        non-embedding           146   85,056,000  68.35%
        ────────────────────────────────────────────────
        total                   148  124,439,808

        """)
  }

  @Test("the JSON of counts lists every tensor under its unfolded name")
  func countsJSON() throws {
    let report = CountReport(try ParameterLedger(HandmadeGPT2(namesHead: true).program()))
    let json = try report.json(by: .trainable)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    let totals = try #require(object["parameters"] as? [String: Any])
    #expect(totals["total"] as? Int == 124_439_808)
    #expect(totals["tied_apart"] as? Int == 163_037_184)
    let tensors = try #require(object["tensors"] as? [[String: Any]])
    #expect(tensors.count == 149)
    #expect(tensors[2]["name"] as? String == "h.0.ln_1.weight")
    #expect(tensors[2]["tied_to"] is NSNull)
    #expect(throws: AnalysisError.self) { try report.json(limit: 10) }
  }

  @Test("numbers and bytes are grouped and rounded")
  func figures() {
    #expect(Figures.grouped(7_087_872) == "7,087,872")
    #expect(Figures.grouped(Dimension(7_087_872), by: "_") == "7_087_872")
    #expect(Figures.bytes(497_759_232) == "497,759,232 B (497.759 MB, 474.700 MiB)")
    #expect(Figures.fixed(-0.25, places: 1) == "-0.3")
    #expect(Figures.fixed(2.5, places: 3) == "2.500")
  }
}
