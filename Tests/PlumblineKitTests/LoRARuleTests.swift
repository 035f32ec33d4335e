// LoRARuleTests: each mistake in an adapter is reported as reviewed, its neighbour not at all.
// `UPDATE_SNAPSHOTS=1 swift test --filter LoRARule` rewrites reports and pages; the diff is the review.
import Commands
import Diagnostics
import Foundation
import PlumblineKit
import Testing
import Validation

@Suite struct LoRARuleTests {
  static let folder = packagePath("Fixtures/lora/rules") + "/"
  static var updates: Bool { ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] == "1" }

  /// The mistakes: files of arguments that have a legal neighbour.
  static let names: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    .filter { $0.hasSuffix(".arguments") && !$0.hasSuffix(".legal.arguments") }
    .map { String($0.dropLast(".arguments".count)) }.sorted()

  static func run(_ name: String) throws -> Outcome {
    let text = try String(contentsOfFile: Self.folder + name + ".arguments", encoding: .utf8)
    let words = text.split(whereSeparator: \.isWhitespace).map { word in
      word.hasPrefix("models/") || word.hasPrefix("Fixtures/")
        ? packagePath(String(word)) : String(word)
    }
    return CommandLineTool.run(
      ["lora"] + words,
      in: Surroundings(color: false) { () throws(UnreadableFile) -> String in "" })
  }

  /// The findings alone, without the report above them.
  static func findings(_ outcome: Outcome) -> String {
    let text = outcome.output.replacing(packagePath("") + "/", with: "")
      .replacing(packagePath(""), with: "")
    let start = ["error[", "warning[", "note["].compactMap { text.firstRange(of: $0)?.lowerBound }
      .min()
    return start.map { String(text[$0...]) } ?? ""
  }

  @Test("a mistake is reported as it was reviewed", arguments: names)
  func reported(_ name: String) throws {
    let outcome = try Self.run(name)
    let found = Self.findings(outcome)
    if Self.updates {
      try Data(found.utf8).write(to: URL(fileURLWithPath: Self.folder + name + ".expected"))
      return
    }
    let expected = try String(contentsOfFile: Self.folder + name + ".expected", encoding: .utf8)
    #expect(found == expected)
    #expect(outcome.status == (found.contains("error[") ? .findings : .clean))
  }

  @Test("the legal neighbour of a mistake has no finding", arguments: names)
  func legal(_ name: String) throws {
    let outcome = try Self.run(name + ".legal")
    #expect(outcome.status == .clean, "\(outcome.errors)")
    #expect(Self.findings(outcome) == "")
    #expect(outcome.output.contains("trainable params: "))
  }

  @Test(
    "a check tells what is wrong with the adapters that a file makes itself",
    arguments: ["nothing-trainable", "adapter-decays-away", "adapter-keeps-base-rate"])
  func checked(_ name: String) {
    let model = packagePath("Fixtures/lora/models/\(name)")
    #expect(plumbline("check", model + ".model").output.contains("[\(name)]"))
    let legal = plumbline("check", "--strict", model + ".legal.model")
    #expect(legal.status == .clean && !legal.output.contains("["), "\(legal.output)")
  }

  @Test("every rule has a mistake that shows it")
  func everyRule() throws {
    let shown = try Self.names.map {
      try String(contentsOfFile: Self.folder + $0 + ".expected", encoding: .utf8)
    }.joined()
    for rule in AdapterRules.all { #expect(shown.contains("[\(rule.id)]"), "\(rule.id)") }
  }
}
