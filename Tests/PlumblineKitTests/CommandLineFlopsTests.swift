// CommandLineFlopsTests: `plumbline flops` as people and scripts call it.
// What is counted is tested in FlopsTests; here it is what the command line makes of it.
import Commands
import PlumblineKit
import Testing

@Suite struct CommandLineFlopsTests {
  private func run(_ arguments: String...) -> Outcome {
    CommandLineFlopsTests.run(arguments)
  }

  private static func run(_ arguments: [String]) -> Outcome {
    CommandLineTool.run(
      ["flops", "-"] + arguments,
      in: Surroundings(color: false) { () throws(UnreadableFile) -> String in SampleModel.sound })
  }

  @Test("FLOPs are formulas until sizes are given")
  func symbolic() {
    let open = run()
    #expect(open.status == .clean)
    #expect(open.output.contains("aten.addmm") && open.output.contains("B·T"))
    let closed = run("--set", "B=2", "--set", "T=4")
    #expect(!closed.output.contains("·"))
  }

  @Test("the JSON has the promised keys, and passes add up")
  func document() throws {
    let document = try json(
      run("--backward", "--set", "B=2", "--set", "T=4", "--format", "json").output)
    for key in ["model", "convention", "source", "total", "by_operator", "parts", "modules"] {
      #expect(document[key] != nil, "\(key)")
    }
    let total = try #require(document["total"] as? [String: Int])
    #expect(total["forward_backward"] == (total["forward"] ?? 0) + (total["backward"] ?? 0))
    #expect((total["backward"] ?? 0) > 0)
  }

  @Test("every convention and division prints a table", arguments: ["operator", "work", "module"])
  func views(_ view: String) {
    for convention in ["torch", "fvcore", "calflops", "6N", "palm"] {
      let outcome = CommandLineFlopsTests.run(["--by", view, "--convention", convention])
      #expect(outcome.status == .clean, "\(convention)")
      #expect(outcome.output.contains("total") || view == "module")
    }
  }

  @Test("another convention is explained against FlopCounterMode's")
  func explained() {
    let output = run("--convention", "fvcore", "--backward").output
    #expect(output.contains("1 for each multiply-add, not 2"))
    #expect(output.contains("fvcore counts no backward pass"))
  }
}
