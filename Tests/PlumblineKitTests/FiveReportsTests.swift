// FiveReportsTests: the five reports: what holds is proved in silence, what is wrong is told as reviewed.
// `UPDATE_SNAPSHOTS=1 swift test --filter FiveReportsTests` rewrites the words; the diff is the review.
import Foundation
import PlumblineKit
import Testing

@Suite struct FiveReportsTests {
  private static func files(_ folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: packagePath(folder))) ?? [])
      .filter { $0.hasSuffix(".model") }.sorted()
  }

  @Test(
    "what holds in a report is proved, and nothing of it is flagged",
    arguments: files("models/reports"))
  func holds(_ name: String) {
    let outcome = plumbline("check", "--strict", packagePath("models/reports/\(name)"))
    #expect(outcome.status == .clean, "\(outcome.output)")
    #expect(!outcome.output.contains("["), "\(outcome.output)")
  }

  @Test(
    "what is wrong in a report is told as it was reviewed", arguments: files("Fixtures/reports"))
  func wrong(_ name: String) throws {
    let folder = packagePath("Fixtures/reports") + "/"
    let outcome = plumbline("check", "--strict", folder + name)
    #expect(outcome.status == .findings)
    let text = outcome.output.replacingOccurrences(of: folder, with: "")
      .replacingOccurrences(of: packagePath("models") + "/", with: "models/")
    let path = folder + name.replacingOccurrences(of: ".model", with: ".expected")
    if ProcessInfo.processInfo.environment["UPDATE_SNAPSHOTS"] == "1" {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
      return
    }
    #expect(try text == String(contentsOfFile: path, encoding: .utf8))
  }

  @Test("all five reports have a file of what holds and one of what is wrong")
  func complete() {
    for number in 1...5 {
      for folder in ["models/reports", "Fixtures/reports"] {
        #expect(Self.files(folder).contains { $0.hasPrefix("r\(number)-") }, "\(folder) r\(number)")
      }
    }
  }

  @Test("the files are in the one layout")
  func layout() {
    for folder in ["models/reports", "Fixtures/reports"] {
      for file in Self.files(folder) {
        #expect(
          plumbline("format", "--check", packagePath("\(folder)/\(file)")).status == .clean,
          "\(file)")
      }
    }
  }
}
