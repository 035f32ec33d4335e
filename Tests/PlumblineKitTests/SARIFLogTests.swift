// SARIFLogTests: what SARIF 2.1.0 asks of a log, held against the findings of all mistakes.
// The standard's schema is not kept here; these are its requirements on what we fill in.
import Diagnostics
import Foundation
import PlumblineKit
import Testing

@Suite struct SARIFLogTests {
  private typealias Object = [String: Any]

  private func log(_ name: String) throws -> (log: Object, findings: [Diagnostic]) {
    let loaded = try Workspace.load(RuleFixtureTests.folder + name)
    let text = SARIFRenderer(toolVersion: "1.0").render(loaded.diagnostics, in: loaded.sources)
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8))
    return (try #require(object as? Object), loaded.diagnostics)
  }

  @Test("a log names its version, its schema and its rules", arguments: RuleFixtureTests.names)
  func heads(_ name: String) throws {
    let (log, findings) = try log(name)
    #expect(log["version"] as? String == "2.1.0")
    #expect((log["$schema"] as? String)?.hasSuffix("sarif-2.1.0.json") == true)
    let run = try #require((log["runs"] as? [Object])?.first)
    let driver = try #require((run["tool"] as? Object)?["driver"] as? Object)
    #expect((driver["name"] as? String)?.isEmpty == false)
    let rules = try #require(driver["rules"] as? [Object])
    let ids = rules.compactMap { $0["id"] as? String }
    #expect(ids.count == rules.count && Set(ids).count == ids.count)
    let results = try #require(run["results"] as? [Object])
    #expect(results.count == findings.count)
    for result in results {
      let index = try #require(result["ruleIndex"] as? Int)
      #expect(ids.indices.contains(index) && ids[index] == result["ruleId"] as? String)
      #expect(["error", "warning", "note"].contains(result["level"] as? String))
      #expect(text(result)?.isEmpty == false)
    }
  }

  @Test(
    "places are counted from one and named by URI references", arguments: RuleFixtureTests.names)
  func places(_ name: String) throws {
    let run = try #require((try log(name).log["runs"] as? [Object])?.first)
    for result in run["results"] as? [Object] ?? [] {
      for key in ["locations", "relatedLocations"] {
        for place in result[key] as? [Object] ?? [] {
          if place["message"] != nil { #expect(text(place)?.isEmpty == false) }
          let physical = try #require(place["physicalLocation"] as? Object)
          let artifact = try #require(physical["artifactLocation"] as? Object)
          let uri = try #require(artifact["uri"] as? String)
          #expect(!uri.isEmpty && uri.allSatisfy { $0.isASCII && $0 != " " && $0 != "\\" })
          try expectRegion(physical["region"])
        }
      }
      for fix in result["fixes"] as? [Object] ?? [] {
        let changes = try #require(fix["artifactChanges"] as? [Object])
        #expect(!changes.isEmpty)
        for change in changes {
          let replacements = try #require(change["replacements"] as? [Object])
          #expect(!replacements.isEmpty)
          for replacement in replacements { try expectRegion(replacement["deletedRegion"]) }
        }
      }
    }
  }

  private func text(_ object: Object) -> String? {
    (object["message"] as? Object)?["text"] as? String
  }

  private func expectRegion(_ value: Any?) throws {
    let region = try #require(value as? [String: Int])
    let start = (region["startLine"] ?? 0, region["startColumn"] ?? 0)
    let end = (region["endLine"] ?? 0, region["endColumn"] ?? 0)
    #expect(start.0 >= 1 && start.1 >= 1 && start <= end)
  }
}
