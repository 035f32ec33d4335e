// CommandLineMemoryTests: `plumbline memory` as scripts call it: texts, files and exit statuses.
// The report's numbers are tested beside the planner; here it is what the command line makes of them.
import Commands
import Foundation
import PlumblineKit
import Testing

@Suite struct CommandLineMemoryTests {
  @Test("the table adds up, and says which sizes nobody gave")
  func table() throws {
    let chosen = plumbline("memory", "-", "--threads", "3", input: SampleModel.sound)
    #expect(chosen.status == .clean, "\(chosen.errors)")
    #expect(chosen.output.hasPrefix("tiny at B = 2, T = 5: one training step on 3 threads"))
    #expect(chosen.output.contains("note: B = 2, T = 5 are a choice of ours"))
    let given = plumbline(
      "memory", "-", "--set", "B=2", "--set", "T=4", "--format", "json", input: SampleModel.sound)
    let document = try json(given.output)
    #expect((document["notes"] as? [Any])?.isEmpty == true)
    let peak = try #require((document["peak"] as? [String: Any])?["bytes"] as? Int)
    let memory = try #require(document["memory"] as? [[String: Any]])
    #expect(memory.reduce(0) { $0 + ($1["bytes_at_peak"] as? Int ?? 0) } == peak)
    let gap = try #require(document["gap_bytes"] as? Int)
    #expect(document["arena_bytes"] as? Int == peak + gap)
    // 144 weights of four bytes, which no plan can lose.
    #expect(memory.first { $0["name"] as? String == "weights" }?["bytes_at_peak"] as? Int == 576)
  }

  @Test("a forward pass needs less than a step, and a longer one more")
  func forward() throws {
    func arena(_ more: String...) throws -> Int {
      let outcome = CommandLineTool.run(
        ["memory", packagePath("models/tinystories.model"), "--format", "json", "--set", "B=1"]
          + more, in: plumblineSurroundings)
      return try #require(try json(outcome.output)["arena_bytes"] as? Int)
    }
    let step = try arena("--set", "T=16")
    #expect(try arena("--set", "T=16", "--forward") < step)
    #expect(try arena("--set", "T=128") > step)
  }

  @Test("the picture is written whole, in place of an old one, and nothing lies beside it")
  func plot() throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("memory.svg", "old")
    let outcome = plumbline("memory", "-", "--plot", path, input: SampleModel.sound)
    #expect(outcome.status == .clean, "\(outcome.errors)")
    let svg = try folder.text(path)
    #expect(MemoryReportTests.Seen.parsing(svg) != nil)
    #expect(svg.contains("tiny at B = 2, T = 5"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["memory.svg"])
    let nowhere = plumbline(
      "memory", "-", "--plot", folder.path + "/none/memory.svg", input: SampleModel.sound)
    #expect(nowhere.status == .usage)
    #expect(nowhere.errors.contains("can't be written"))
  }

  @Test("what can't be planned is refused: 2, and a model with mistakes has no report: 1")
  func refused() {
    let text = SampleModel.sound.replacingOccurrences(of: "  config", with: "  dtype f64\n  config")
    let wide = plumbline("memory", "-", input: text)
    #expect(wide.status == .usage)
    #expect(wide.errors.contains("help: declare `dtype f32`"))
    #expect(plumbline("memory", "-", "--threads", "0", input: SampleModel.sound).status == .usage)
    #expect(plumbline("memory", "-", "--set", "T=99", input: SampleModel.sound).status == .findings)
    #expect(plumbline("memory", "-", input: SampleModel.mismatched).status == .findings)
    let large = plumbline(
      "memory", "-", "--set", "B=1000000000000", "--set", "width=1000000", input: SampleModel.sound)
    #expect(large.status == .usage)
  }
}
