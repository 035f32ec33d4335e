// CommandLineCheckTests: `plumbline check`: verdicts, exit statuses and the four formats.
// The JSON keys are a contract with scripts, so they are spelt out here.
import Commands
import Foundation
import Testing

@Suite struct CommandLineCheckTests {
  @Test("a sound model exits with 0 and says what was proved")
  func sound() {
    let outcome = plumbline("check", "-", input: SampleModel.sound)
    #expect(outcome.status == .clean)
    #expect(outcome.errors.isEmpty)
    // 8 × 16 + 16 weights; one input, one call's result, and the layer's own values.
    #expect(outcome.output.hasPrefix("tiny is sound  (<stdin>)\n  parameters  144\n"))
    #expect(outcome.output.contains("dimensions  B >= 1, 1 <= T <= 16\n"))
    #expect(outcome.output.contains(" shapes, for every B and T\n"))
  }

  @Test("claims are counted when they hold, and fail the check when they do not")
  func claims() {
    let outcome = plumbline("check", "-", input: SampleModel.claiming)
    #expect(outcome.status == .clean)
    #expect(outcome.output.hasSuffix("  claims      1 holds\n"))
    let changed = plumbline("check", "-", "--set", "width=9", input: SampleModel.claiming)
    #expect(changed.status == .findings)
    #expect(changed.output.contains("error[expectation-failed]"))
  }

  @Test("a mistake exits with 1 and stands on standard output")
  func mistake() {
    let outcome = plumbline("check", "-", input: SampleModel.mismatched)
    #expect(outcome.status == .findings)
    #expect(outcome.output.hasPrefix("error[shape-mismatch]: "))
    #expect(outcome.output.hasSuffix("<stdin>: 1 error\n"))
    #expect(!outcome.output.contains("is sound"))
  }

  @Test("every model of a file is checked, not only the last")
  func everyModel() {
    func file(_ width: Int) -> String {
      """
      model first {
        let layer = linear(4, 5)
        forward(x: [B, \(width)]) -> [B, 5] { return layer(x) }
      }
      model second {
        let layer = linear(4, 5)
        forward(x: [B, 4]) -> [B, 5] { return layer(x) }
      }
      """
    }
    let sound = plumbline("check", "-", input: file(4))
    #expect(sound.status == .clean)
    #expect(sound.output.contains("first is sound"))
    #expect(sound.output.contains("second is sound"))
    let wrong = plumbline("check", "-", input: file(6))
    #expect(wrong.status == .findings)
    #expect(wrong.output.hasPrefix("error[shape-mismatch]: "))
    #expect(!wrong.output.contains("is sound"))
  }

  @Test("warnings fail a check only with --strict")
  func strict() {
    let tolerant = plumbline("check", "-", input: SampleModel.wasteful)
    #expect(tolerant.status == .clean)
    #expect(tolerant.output.contains("warning[unused-layer]"))
    #expect(plumbline("check", "-", "--strict", input: SampleModel.wasteful).status == .findings)
    #expect(plumbline("check", "-", "--strict", input: SampleModel.sound).status == .clean)
  }

  @Test("of several files each is checked, and the worst decides the exit status")
  func several() throws {
    let folder = try TemporaryFolder()
    let good = try folder.file("good.model", SampleModel.sound)
    let bad = try folder.file("bad.model", SampleModel.mismatched)
    let missing = folder.path + "/missing.model"
    #expect(plumbline("check", good, good).status == .clean)
    let outcome = plumbline("check", bad, missing, good)
    #expect(outcome.status == .usage)
    #expect(outcome.output.contains("bad.model: 1 error"))
    #expect(outcome.output.contains("tiny is sound"))
    #expect(outcome.errors == "plumbline: \(missing): there is no such file\n")
    #expect(plumbline("check", good, bad).status == .findings)
  }

  @Test("JSON has the promised keys")
  func document() throws {
    let outcome = plumbline("check", "-", "--format", "json", input: SampleModel.mismatched)
    #expect(outcome.status == .findings)
    let files = try #require(try json(outcome.output)["files"] as? [[String: Any]])
    #expect(files.count == 1)
    let file = try #require(files.first)
    #expect(file["path"] as? String == "<stdin>")
    #expect(file["model"] as? String == "tiny")
    #expect(file["verdict"] as? String == "refuted")
    let finding = try #require((file["findings"] as? [[String: Any]])?.first)
    #expect(finding["id"] as? String == "shape-mismatch")
    #expect(finding["severity"] as? String == "error")
    #expect(finding["file"] as? String == "<stdin>")
    #expect(finding["line"] as? Int == 8)
    for key in ["message", "column", "endLine", "endColumn", "notes", "fixes"] {
      #expect(finding[key] != nil, "\(key)")
    }
  }

  @Test(
    "the verdict is proved, undecided when something is left open, and refuted with errors",
    arguments: [
      (SampleModel.sound, "proved"), (SampleModel.wasteful, "undecided"),
      (SampleModel.undecided, "undecided"),
      (SampleModel.mismatched, "refuted"), (SampleModel.unparsable, "refuted"),
    ])
  func verdict(_ text: String, _ verdict: String) throws {
    let outcome = plumbline("check", "-", "--format=json", input: text)
    let files = try json(outcome.output)["files"] as? [[String: Any]]
    #expect(files?.first?["verdict"] as? String == verdict)
  }

  @Test("SARIF is one log, and its places name the right file")
  func sarif() throws {
    let folder = try TemporaryFolder()
    let good = try folder.file("wasteful.model", SampleModel.wasteful)
    let bad = try folder.file("bad.model", SampleModel.mismatched)
    let log = try json(plumbline("check", good, bad, "--format", "sarif").output)
    #expect(log["version"] as? String == "2.1.0")
    let runs = try #require(log["runs"] as? [[String: Any]])
    let results = try #require(runs.first?["results"] as? [[String: Any]])
    #expect(results.map { $0["ruleId"] as? String } == ["unused-layer", "shape-mismatch"])
    let places = results.map { "\($0["locations"] ?? "")" }
    #expect(places[0].contains("wasteful.model") && places[1].contains("bad.model"))
  }

  @Test(
    "findings about a config point into the JSON in every format",
    arguments: ["text", "json", "github", "sarif"])
  func configPlaces(_ format: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.file(
      "config.json", "{\n  \"model_type\": \"llama\",\n  \"num_key_value_heads\": 5\n}\n")
    let outcome = plumbline("check", path, "--format", format)
    #expect(outcome.status == .findings)
    let places = [
      "text": "config.json:3:26", "github": "config.json,line=3,col", "sarif": "\"startLine\" : 3",
    ]
    if let place = places[format] {
      #expect(outcome.output.contains(place), "\(outcome.output)")
    } else {
      let files = try #require(try json(outcome.output)["files"] as? [[String: Any]])
      let found = try #require(files.first?["findings"] as? [[String: Any]])
      #expect((found.first?["file"] as? String)?.hasSuffix("config.json") == true)
      #expect(found.first?["line"] as? Int == 3)
      #expect(found.first?["column"] as? Int == 26)
    }
  }

  @Test("GitHub annotations are one command a finding")
  func annotations() {
    let outcome = plumbline("check", "-", "--format", "github", input: SampleModel.mismatched)
    #expect(outcome.output.hasPrefix("::error file=<stdin>,line=8,"))
    #expect(outcome.output.split(separator: "\n").count == 1)
  }

  @Test("--set changes a config field, and a size outside its bounds is a finding")
  func settings() {
    let wide = plumbline("check", "-", "--set", "width=16", input: SampleModel.sound)
    #expect(wide.output.contains("parameters  544\n"))
    let long = plumbline("check", "-", "--set", "T=17", input: SampleModel.sound)
    #expect(long.status == .findings)
    #expect(long.output.contains("error[size-out-of-range]: T = 17 is not admitted"))
    #expect(plumbline("check", "-", "--set", "T=16", input: SampleModel.sound).status == .clean)
    let unknown = plumbline("check", "-", "--set", "Q=1", input: SampleModel.sound)
    #expect(unknown.output.contains("error[unknown-dimension]: there is no dimension `Q`"))
  }

  @Test("colours are used only when they are wanted")
  func colors() {
    #expect(!plumbline("check", "-", input: SampleModel.mismatched).output.contains("\u{1B}["))
    let colored = plumbline("check", "-", input: SampleModel.mismatched, color: true)
    #expect(colored.output.contains("\u{1B}[1;31m"))
  }
}
