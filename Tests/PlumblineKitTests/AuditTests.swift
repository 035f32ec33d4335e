// AuditTests: the first weights as drawn, the ends of residual branches, and the first loss.
// Branches are counted on models whose layers are known by hand.
import Foundation
import PlumblineKit
import Testing

@Suite struct AuditTests {
  private func audit(_ name: String, _ settings: [String] = []) throws -> InitialisationAudit {
    let loaded = try Workspace.load(
      packagePath("models/\(name).model"), settings: settings.compactMap { Setting(parsing: $0) })
    let model = try #require(loaded.model)
    let sizes = try SampleSizes(model.program, given: loaded.sizes).sizes
    return try InitialisationAudit(model.program, sizes: sizes, seed: 7)
  }

  @Test("drawn deviations are the declared ones, and every element is counted")
  func drawn() throws {
    let audit = try audit("tinystories")
    #expect(audit.rows.allSatisfy { $0.agrees })
    #expect(audit.rows.reduce(0) { $0 + $1.elements } == 2_997_504)
    let table = try #require(audit.rows.first { $0.pattern == "wte.weight" })
    #expect(table.declared == "normal(0.02)" && (table.drawn - 0.02).magnitude < 1e-4)
    let norm = try #require(audit.rows.first { $0.pattern == "h[*].ln_1.weight" })
    #expect(norm.tensors == 8 && norm.planned == 0 && norm.mean == 1)
  }

  @Test(
    "the matrices that end residual branches are found by the sums, before and after norms",
    arguments: [
      ("tinystories", 16, ["h[*].attn.c_proj.weight", "h[*].mlp.c_proj.weight"]),
      (
        "encoder-decoder", 36,
        [
          "decoder[*].attend.out.weight", "decoder[*].cross.out.weight",
          "decoder[*].ffn.third.weight", "encoder[*].attend.out.weight",
          "encoder[*].ffn.third.weight",
        ]
      ),
    ])
  func branches(_ name: String, _ count: Int, _ ends: [String]) throws {
    let small = name == "tinystories" ? [] : ["vocab=64", "width=32", "hidden=16", "head_width=8"]
    let audit = try audit(name, small)
    #expect(audit.branches == count)
    #expect(audit.rows.filter { $0.endsBranch }.map { $0.pattern }.sorted() == ends)
    let end = try #require(audit.rows.first { $0.endsBranch })
    #expect(audit.scaled(end) == end.planned / Double(count).squareRoot())
  }

  @Test("GPT-2 plans residual projections at 0.02 over the root of their number and draws them so")
  func scaledBranches() throws {
    let audit = try audit("gpt2", ["layers=3", "vocab=64", "width=32", "heads=2", "context=16"])
    let ends = audit.rows.filter { $0.endsBranch }
    #expect(audit.branches == 6 && ends.count == 2)
    for end in ends {
      #expect((end.planned - 0.02 / 6.0.squareRoot()).magnitude < 1e-9)
      #expect((end.drawn / end.planned - 1).magnitude < 0.05 && end.agrees)
    }
    #expect(audit.text.contains("planned 8.165e-3, which is GPT-2's 0.02/√6"))
  }

  @Test("the first loss is that of guessing, and is not judged where logits start wide")
  func loss() throws {
    let fresh = try audit("tinystories")
    #expect(fresh.lossAgrees == true)
    #expect(((fresh.loss ?? 0) - 9.2103).magnitude < 0.5)
    let text = """
      model wide {
        dim B >= 1

        param weight: [50, 64] = normal(1.0)

        let norm = layer_norm(64)

        forward(x: [B, 64]) -> logits: [B, 50] {
          return affine(norm(x), weight)
        }
      }

      train wide {
        loss cross_entropy(logits : b [v], targets: i32[B])
      }
      """
    let program = try #require(Workspace.load(path: "wide.model", text: text).model).program
    let wide = try InitialisationAudit(
      program, sizes: try SampleSizes(program, given: [:]).sizes, seed: 7)
    #expect((wide.loss ?? 0) > 10)
    #expect(wide.lossAgrees == nil)
    #expect(wide.text.contains("not judged"))
  }

  @Test("people get a table, machines one object, and a seed gives the same numbers again")
  func command() throws {
    let path = packagePath("models/tinystories.model")
    let text = plumbline("audit", path, "--seed", "3")
    #expect(text.status == .clean, "\(text.errors)")
    for part in [
      "planned std", "normal(0.02)", "0.02/√16 = 5e-3", "ln 10000 = 9.2103: as it should be",
    ] {
      #expect(text.output.contains(part), "\(part) is missing from\n\(text.output)")
    }
    #expect(plumbline("audit", path, "--seed", "3").output == text.output)
    #expect(plumbline("audit", path, "--seed", "4").output != text.output)
    let object = try json(plumbline("audit", path, "--format", "json").output)
    #expect(object["residual_branches"] as? Int == 16)
    #expect(plumbline("audit", path, "--seed", "-1").status == .usage)
  }
}
