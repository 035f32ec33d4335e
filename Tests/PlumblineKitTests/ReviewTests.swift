// ReviewTests: each rule on finished runs finds its mistake and is silent beside it.
// `UPDATE_SNAPSHOTS=1 swift test --filter ReviewTests` rewrites the words; the diff is the review.
import Diagnostics
import Foundation
import PlumblineKit
import Testing
import Validation

@Suite struct ReviewTests {
  private static let folder = packagePath("Fixtures/reviews") + "/"

  private static let rules: [String] = ReviewBook.all.map { $0.id }

  /// The logs of a fixture, `bad` or `legal`.
  static func logs(_ rule: String, _ kind: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0.hasPrefix(rule + "." + kind + ".") && $0.hasSuffix(".jsonl") }
      .sorted().map { folder + $0 }
  }

  /// The plan of the fixtures, without its rates where each run of a study has its own.
  static func report(_ paths: [String]) throws -> ReviewReport {
    var plan = try Workspace.load(folder + "plan.model").plannedRun
    if paths.count > 1 {
      plan.rate = nil
      plan.steps = nil
    }
    return try ReviewReport(paths, plan: plan)
  }

  @Test("a rate in a log that is no number is told in JSON too, and stops nothing")
  func infiniteRate() throws {
    let folder = try TemporaryFolder()
    let log = try folder.file(
      "log.jsonl",
      "{\"step\":0,\"loss\":2.0,\"lr\":Infinity}\n{\"step\":1,\"loss\":2.0,\"lr\":1e-3}\n")
    let runs = try json(plumbline("review", log, "--format", "json").output)["runs"]
    #expect((runs as? [[String: Any]])?.first?["peak_rate"] as? String == "Infinity")
  }

  @Test("a run's folder is judged by the plan that it holds, and a sweep's by all of its runs")
  func folders() throws {
    let sweep = try TemporaryFolder()
    func run(_ name: String, _ log: String) throws -> String {
      for (from, to) in [(log, "log.jsonl"), ("plan.model", "model.model")] {
        let path = sweep.path + "/" + name
        try FileManager.default.createDirectory(
          atPath: path, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: Self.folder + from, toPath: path + "/" + to)
      }
      return sweep.path + "/" + name
    }
    let wrong = try run("a", "rate-differs-from-plan.bad.jsonl")
    let right = try run("b", "rate-differs-from-plan.legal.jsonl")
    #expect(plumbline("review", wrong).output.contains("warning[rate-differs-from-plan]"))
    #expect(!plumbline("review", right).output.contains("warning["))
    let study = try json(plumbline("review", sweep.path, "--format", "json").output)["runs"]
    #expect((study as? [[String: Any]])?.count == 2)
  }

  @Test("a mistake is reported as it was reviewed", arguments: rules)
  func mistake(_ rule: String) throws {
    let report = try Self.report(Self.logs(rule, "bad"))
    #expect(report.diagnostics.map(\.id) == [rule])
    let text = TerminalRenderer(color: false).render(report.diagnostics, in: report.sources)
      .replacingOccurrences(of: Self.folder, with: "")
    let path = Self.folder + rule + ".expected"
    if ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] == "1" {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      return
    }
    #expect(try text == String(contentsOfFile: path, encoding: .utf8))
  }

  @Test("the legal neighbour of a mistake has no finding", arguments: rules)
  func legal(_ rule: String) throws {
    let logs = try Self.logs(rule, "legal")
    #expect(!logs.isEmpty)
    let report = try Self.report(logs)
    #expect(report.diagnostics.isEmpty, "\(report.diagnostics.map(\.message))")
  }

  private func review(_ text: String, _ plan: PlannedRun = PlannedRun()) throws -> ReviewReport {
    try ReviewReport(["log"], plan: plan) { (_: String) throws(UnreadableFile) -> String in text }
  }

  @Test("logs are read under the names of several trainers, as JSON Lines and as CSV")
  func names() throws {
    let logs = [
      "{\"iter\": 3, \"train/loss\": 2.5, \"lr\": 1e-3, \"val/loss\": 2.75}\n",
      "{\"step\": 3, \"loss\": 2.5, \"learning_rate\": 0.001, \"epoch\": 0.1}\n"
        + "{\"step\": 3, \"eval_loss\": 2.75}\n{\"step\": 9, \"train_loss\": 9, \"train_runtime\": 1}",
      "step,loss,lr,val_loss\r\n3,2.5,1e-3,2.75\r\n", "Step;Loss;LR;val_loss\n3;2.5;0.001;2.75",
      // As a spreadsheet, Weights & Biases, a tool with remarks, and transformers' state write them.
      "\u{FEFF}Step,Train Loss,LR,Val Loss\n3,2.5,0.001,2.75\n",
      "\"Step\",\"run-1 - train/loss\",\"run-1 - train/lr\",\"run-1 - val/loss\"\n"
        + "\"3\",\"2.5\",\"0.001\",\"2.75\"\n",
      "# run 1\nstep,loss,lr,val_loss\n3,2.5,1e-3,2.75\n",
      "{\"step\": 3, \"loss\": \"2.5\", \"lr\": \"1e-3\", \"val_loss\": \"2.75\"}\n",
      "{\"log_history\": [\n  {\"step\": 3, \"loss\": 2.5, \"learning_rate\": 1e-3},\n"
        + "  {\"step\": 3, \"eval_loss\": 2.75}, {\"step\": 9, \"train_runtime\": 1}]}\n",
      "\"iteration\"\t\"loss\"\t\"rate\"\t\"valid_loss\"\n3\t2.5\t.001\t2.75\n4\t\t\t",
    ]
    for text in logs {
      let report = try review(text)
      #expect(report.diagnostics.isEmpty, "\(text): \(report.diagnostics.map(\.message))")
      let entry = try #require(report.logs.first?.entries.first)
      #expect(report.logs.first?.entries.count == 1, "\(text)")
      #expect(entry.step == 3 && entry.loss == 2.5 && entry.rate == 1e-3)
      #expect(entry.validation == 2.75)
    }
  }

  @Test(
    "a log that can't be read says where and why",
    arguments: [
      ("", 1, "empty"), ("\n \n", 1, "empty"),
      ("{\"step\": 1, \"loss\": 2}\n{\"step\": }\n", 2, "one JSON object"),
      ("loss,lr\n2,1\n", 1, "no column `step`"),
      ("step,loss\n1,2\n2,many\n3,1\n", 3, "must be a number"),
      ("{\"loss\": 2}\n", 1, "no line of the log has a step"),
      ("PK\u{3}\u{4}binary", 1, "no column `step`"),
    ])
  func unreadable(_ text: String, _ line: Int, _ says: String) throws {
    let report = try review(text)
    let finding = try #require(report.diagnostics.first)
    #expect(finding.id == "log-unreadable")
    #expect(finding.message.contains(says), "\(finding.message)")
    let range = try #require(finding.range)
    #expect(report.sources[range.source].position(ofUTF8Offset: range.lower).line == line)
  }

  @Test("half a line at the end of a killed run is passed over")
  func killed() throws {
    let report = try review("{\"step\": 1, \"loss\": 2}\n{\"step\": 2, \"lo")
    #expect(report.diagnostics.isEmpty)
    #expect(report.logs.first?.lastStep == 1)
  }

  @Test("rates that are printed with few digits are those of the plan, and a shift by one is too")
  func rates() throws {
    var plan = PlannedRun()
    plan.rate = { 6e-4 * Double($0) / 1_000 }
    func log(_ text: (Int) -> String) -> String {
      "step,lr\n" + stride(from: 7, to: 900, by: 31).map { "\($0),\(text($0))\n" }.joined()
    }
    func found(_ text: (Int) -> String) throws -> [String] {
      try review(log(text), plan).diagnostics.map { $0.id + " " + ($0.facts.last?.text ?? "") }
    }
    func printed(_ value: Double) -> String { String(format: "%.2e", value) }
    #expect(try found { printed(6e-4 * Double($0) / 1_000) } == [])
    #expect(try found { printed(6e-4 * Double($0 - 1) / 1_000) } == [])
    #expect(try found { printed(6e-4 * Double($0 + 1) / 1_000) } == [])
    #expect(try found { _ in "6e-4" }.first?.contains("no schedule was attached") == true)
    #expect(
      try found { printed(6e-4 * Double($0 * 8) / 1_000) }.first?.contains("stepped 8 times")
        == true)
    #expect(try found { printed(3.3e-4 * Double($0) / 1_000) }.first?.contains("0.55") == true)
  }

  @Test("people get a table and what is undecided, machines get one object, and status says errors")
  func command() throws {
    let bad = try Self.logs("loss-not-finite", "bad")[0]
    let plan = Self.folder + "plan.model"
    let text = plumbline("review", bad, "--plan", plan)
    #expect(text.status == .findings)
    #expect(text.output.contains("best validation") && text.output.contains("[loss-not-finite]"))
    let good = try Self.logs("loss-not-finite", "legal")[0]
    let clean = plumbline("review", good, "--plan", plan, "--strict")
    #expect(clean.status == .clean && !clean.output.contains("undecided"), "\(clean.output)")
    #expect(plumbline("review", good).output.contains("undecided: whether the rates"))
    let json = try json(plumbline("review", bad, "--plan", plan, "--format", "json").output)
    let finding = try #require((json["findings"] as? [[String: Any]])?.first)
    #expect(finding["line"] as? Int == 9)
    let sarif = plumbline("review", bad, "--format", "sarif").output
    #expect(sarif.contains("\"loss-not-finite\""))
    #expect(plumbline("review", good, "--clip", "0").status == .usage)
    #expect(plumbline("review", "no-such-file").status == .usage)
  }
}
