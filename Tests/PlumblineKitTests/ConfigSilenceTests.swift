// ConfigSilenceTests: configs with nothing wrong in them, in which nothing may be found.
// Every key that transformers writes for a family is tried, also where the keys that matter are missing.
import Diagnostics
import Foundation
import Interchange
import PlumblineKit
import Testing

@Suite struct ConfigSilenceTests {
  /// The default config of each family's class, from transformers 4.57.6.
  static let defaults: [(family: String, config: JSONNode)] = {
    let data = FileManager.default.contents(
      atPath: packagePath("Fixtures/huggingface/defaults.json"))
    let document = try? JSONDocument(utf8: [UInt8](data ?? Data()))
    return (document?.root.members ?? []).map { ($0.key, $0.node) }
  }()

  /// What is rightly found: the class's own defaults name tokens beyond its own vocabulary.
  static let known = ["starcoder2": "token-outside-vocabulary"]

  private func findings(_ json: String) -> [Diagnostic] {
    Workspace.load(path: "config.json", text: json).diagnostics
  }

  @Test("the default config of every family's class gives no finding")
  func whole() {
    #expect(ConfigSilenceTests.defaults.count == 47)
    for (family, config) in ConfigSilenceTests.defaults {
      let found = findings(config.compactText).filter { $0.id != ConfigSilenceTests.known[family] }
      #expect(found.isEmpty, "\(family): \(found.map(\.message))")
    }
  }

  @Test("no key of a class is called a slip for one that is missing")
  func unread() throws {
    for (family, config) in ConfigSilenceTests.defaults {
      let keys = try #require(
        Workspace.load(path: "config.json", text: config.compactText).config?.binding.keys)
      let unread = (config.members ?? []).filter {
        !keys.contains($0.key) && $0.key != "model_type"
      }
      let rest = unread.map {
        "\(JSONText.quoted($0.key)): \($0.node.compactText)"
      }
      #expect(rest.count > 20)
      let found = findings(
        "{\"model_type\": \(JSONText.quoted(family)), " + rest.joined(separator: ", ") + "}")
      #expect(found.isEmpty, "\(family): \(found.map(\.message))")
    }
  }

  @Test(
    "a slip in any key that is read is found",
    arguments: ["llama", "gpt2", "bert", "t5", "whisper", "mixtral"])
  func slips(_ family: String) throws {
    let config = try #require(ConfigSilenceTests.defaults.first { $0.family == family }?.config)
    let keys = try #require(
      Workspace.load(path: "config.json", text: config.compactText).config?.binding.keys)
    for key in keys where key.count > 5 && key != "architectures" {
      // The fourth and fifth letter in the wrong order.
      var letters = Array(key)
      letters.swapAt(3, 4)
      guard String(letters) != key, !letters[3...4].contains("_") else { continue }
      let value = config.member(key)?.node.compactText ?? "null"
      let found = findings(
        "{\"model_type\": \(JSONText.quoted(family)), \"\(String(letters))\": \(value)}")
      #expect(found.map(\.id) == ["misspelt-config-key"], "\(String(letters)) for \(key)")
    }
  }
}
