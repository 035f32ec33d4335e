// CommandLineReportTests: `plumbline shapes` and `plumbline count` as scripts call them.
// What the reports say is tested beside Analysis; here it is what the command line makes of them.
import Commands
import Testing

@Suite struct CommandLineReportTests {
  @Test("shapes are symbolic until sizes are given")
  func shapes() {
    let symbolic = plumbline("shapes", "-", input: SampleModel.sound)
    #expect(symbolic.status == .clean)
    #expect(symbolic.output.contains("[B, T, 16]"))
    let concrete = plumbline(
      "shapes", "-", "--set", "B=2", "--set", "T=4", input: SampleModel.sound)
    #expect(concrete.output.contains("[2, 4, 16]"))
    #expect(!concrete.output.contains("B, T"))
  }

  @Test("rows of shapes have the promised keys; a dimension is a number or a formula")
  func shapeRows() throws {
    let text = plumbline(
      "shapes", "-", "--format", "json", "--set", "B=2", input: SampleModel.sound)
    let rows = try #require(try json(text.output)["rows"] as? [[String: Any]])
    let row = try #require(rows.first { $0["path"] as? String == "proj" })
    #expect(row["block"] as? String == "linear")
    #expect(row["parameters"] as? Int == 144)
    let output = try #require((row["outputs"] as? [[Any]])?.first)
    #expect(output[0] as? Int == 2 && output[1] as? String == "T" && output[2] as? Int == 16)
    #expect(row["inputs"] != nil)
  }

  @Test("--depth cuts the tree, --all shows values and --backward gradients")
  func depth() {
    let flat = plumbline("shapes", "-", "--depth", "0", input: SampleModel.sound)
    #expect(!flat.output.contains("proj"))
    let all = plumbline("shapes", "-", "--all", input: SampleModel.sound)
    #expect(all.output.contains("affine"))
    let backward = plumbline("shapes", "-", "--backward", input: SampleModel.sound)
    #expect(backward.status == .clean)
    #expect(backward.output.contains("∂ weight"))
  }

  @Test("counts have the promised keys")
  func counts() throws {
    let document = try json(
      plumbline("count", "-", "--format", "json", input: SampleModel.sound).output)
    let parameters = try #require(document["parameters"] as? [String: Any])
    for key in ["total", "trainable", "tied_apart"] { #expect(parameters[key] as? Int == 144) }
    let tensors = try #require(document["tensors"] as? [[String: Any]])
    #expect(tensors.map { $0["name"] as? String } == ["proj.weight", "proj.bias"])
    for key in ["shape", "dtype", "trainable", "tied_to"] { #expect(tensors[0][key] != nil) }
  }

  @Test("counts divide by every group and derive a formula")
  func divisions() {
    for group in ["block", "tie", "trainable", "decay", "embedding"] {
      let outcome = plumbline("count", "-", "--by", group, input: SampleModel.sound)
      #expect(outcome.status == .clean)
      #expect(outcome.output.contains("144"), "\(group)")
    }
    let formula = plumbline("count", "-", "--formula", input: SampleModel.sound)
    #expect(formula.output.hasPrefix("parameters = 2·width² + 2·width\n"))
  }

  @Test(
    "a model with errors has no report: its findings are printed", arguments: ["shapes", "count"])
  func errors(_ command: String) throws {
    let outcome = plumbline(command, "-", input: SampleModel.mismatched)
    #expect(outcome.status == .findings)
    #expect(outcome.output.hasPrefix("error[shape-mismatch]"))
    let document = plumbline(command, "-", "--format", "json", input: SampleModel.mismatched)
    #expect(try json(document.output)["files"] != nil)
    #expect(plumbline(command, "missing.model").status == .usage)
  }

  @Test("warnings do not mix with a report")
  func warnings() {
    let outcome = plumbline("count", "-", "--format", "json", input: SampleModel.wasteful)
    #expect(throws: Never.self) { try json(outcome.output) }
    #expect(outcome.errors.hasPrefix("warning[unused-layer]"))
  }
}
