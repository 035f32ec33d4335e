// LoRAOracleTests: adapters counted by PEFT 0.21 on models of transformers, every case of them.
// Models whose family has no file yet are known by the list of their layers; see Fixtures/lora.
import Diagnostics
import Foundation
import Interchange
import Language
import PlumblineKit
import Testing
import Validation

@Suite struct LoRAOracleTests {
  /// One case as PEFT left it.
  struct Case: Sendable, CustomTestStringConvertible {
    var set: String
    var number: Int
    var node: JSONNode

    var testDescription: String { "\(set) \(number)" }
  }

  static let cases: [Case] = {
    let root = document("Fixtures/lora/peft.json")
    return ["gpt2_small", "variants", "tiny", "real", "rules"].flatMap { set in
      (root[set]?.elements ?? []).enumerated().map {
        Case(set: set, number: $0.offset, node: $0.element)
      }
    }
  }()

  static let lists = document("Fixtures/lora/modules.json")

  private static func document(_ path: String) -> JSONNode {
    let data = FileManager.default.contents(atPath: packagePath(path)) ?? Data()
    return (try? JSONDocument(utf8: [UInt8](data)).root)
      ?? JSONNode(value: .null, range: 0..<0)
  }

  @Test("the fixture holds every case")
  func isComplete() {
    #expect(Self.cases.count == 28 + 6 + 36 + 36 + 60)
  }

  @Test("an adapter has PEFT's counts, layers, shapes, warnings and errors", arguments: cases)
  func agrees(_ sample: Case) throws {
    let inventory = try Self.inventory(sample)
    let description = try Self.description(sample)
    let subject = try AdapterSubject(description, on: inventory)
    let node = sample.node
    if let error = node["error"]?.string {
      let refusal = try #require(subject.resolution.refusal)
      #expect(Self.ordered(refusal.text) == Self.ordered(error))
      #expect(refusal.type == node["error_type"]?.string)
      let findings = AdapterRules.findings(in: subject)
      #expect(findings.contains { $0.severity == .error }, "the refusal is told")
      return
    }
    #expect(subject.resolution.refusal == nil, "\(subject.resolution.refusal?.text ?? "")")
    let counts = try #require(subject.counts)
    #expect(counts.trainable == node["trainable"]?.integer)
    #expect(counts.all == node["all"]?.integer)
    #expect(subject.resolution.sites.count == node["n_adapted_modules"]?.integer)
    if let printed = node["printed"]?.string { #expect(counts.printed == printed) }
    let warnings = node["warnings"]?.elements?.compactMap(\.string) ?? []
    let found = subject.resolution.warnings.filter { !$0.hasPrefix("Model has `tie_word") }
    #expect(
      found.map(Self.ordered)
        == warnings.filter { !$0.hasPrefix("Model has `tie_word") }
        .map(Self.ordered))
    if let after = node["fan_in_fan_out_after"]?.bool {
      #expect(subject.resolution.fanInFanOutAfter == after)
    }
    guard let shapes = node["adapter_shapes"]?.members else { return }
    let wanted = Dictionary(
      uniqueKeysWithValues: shapes.map { ($0.key, $0.node.elements?.compactMap(\.integer) ?? []) })
    #expect(AdapterReport.tensors(of: subject) == wanted)
  }

  /// The members of a set that Python printed, in one order.
  private static func ordered(_ text: String) -> String {
    guard let open = text.firstIndex(of: "{"), let close = text.firstIndex(of: "}") else {
      return text
    }
    let members = text[text.index(after: open)..<close].split(separator: ",")
      .map { String($0.drop { $0 == " " }) }.sorted()
    return text[...open] + members.joined(separator: ", ") + text[close...]
  }

  /// The description, through the reader of `adapter_config.json`.
  private static func description(_ sample: Case) throws -> AdapterDescription {
    var fields: [String] = []
    let own = sample.node["kwargs"]?.members ?? sample.node.members ?? []
    for member in own
    where ["kwargs", "target_modules", "r"].contains(member.key)
      || sample.node["kwargs"] != nil
    {
      fields.append("\(JSONText.quoted(member.key)): \(text(of: member.node))")
    }
    var sources = SourceMap()
    let source = sources.add(
      path: "adapter_config.json", text: "{" + fields.joined(separator: ", ") + "}")
    let reader = AdapterConfigReader(source, in: sources)
    #expect(reader.diagnostics.isEmpty, "\(reader.diagnostics.map(\.message))")
    return reader.description
  }

  private static func text(of node: JSONNode) -> String {
    switch node.value {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let text, _, _): text
    case .string(let text): JSONText.quoted(text)
    case .array(let elements): "[" + elements.map(text).joined(separator: ", ") + "]"
    case .object(let members):
      "{"
        + members.map { JSONText.quoted($0.key) + ": " + text(of: $0.node) }
        .joined(separator: ", ") + "}"
    }
  }

  /// The model: through its family's file where there is one, else as a list of layers.
  private static func inventory(_ sample: Case) throws -> ModuleInventory {
    switch sample.set {
    case "gpt2_small", "variants": return try cached(#"{"model_type": "gpt2"}"#)
    case "tiny", "rules":
      let config = try #require(sample.node["config"])
      let family = try #require(config["model_type"]?.string)
      let families = ModelFamilies(besideConfig: "config.json").names
      if families.contains(family) { return try cached(text(of: config)) }
      return try listed(family)
    default:
      let id = try #require(sample.node["id"]?.string)
      if id == "gpt2-xl" {
        return try cached(#"{"model_type": "gpt2", "n_embd": 1600, "n_layer": 48, "n_head": 25}"#)
      }
      return try listed(id)
    }
  }

  private static func cached(_ config: String) throws -> ModuleInventory {
    let loaded = Workspace.load(path: "config.json", text: config)
    #expect(loaded.diagnostics.isEmpty)
    return try ModuleInventory(try #require(loaded.model).program, family: loaded.family)
  }

  private static func listed(_ id: String) throws -> ModuleInventory {
    let entry = try #require(lists[id])
    var layers: [(name: String, shape: ModuleShape)] = []
    for row in entry["modules"]?.elements ?? [] {
      let cells = row.elements ?? []
      let name = try #require(cells[0].string)
      let kind = try #require(ModuleShape.Kind(rawValue: cells[1].string ?? ""))
      let shape = ModuleShape(
        kind: kind, input: try #require(cells[2].integer), output: try #require(cells[3].integer),
        hasBias: cells[4].bool == true, isTied: false)
      var names = [name]
      for range in cells[5].elements ?? [] {
        let ends = range.elements?.compactMap(\.integer) ?? []
        names = names.flatMap { name in
          (ends[0]...ends[1]).map { index in
            name.replacing("#", with: String(index), maxReplacements: 1)
          }
        }
      }
      layers += names.map { ($0, shape) }
    }
    let vocabulary = layers.filter { $0.shape.kind == .embedding }.map(\.shape.input).max()
    let head = layers.last { $0.shape.kind == .linear && $0.shape.output == vocabulary }
    return ModuleInventory(
      model: id, family: entry["family"]?.string, layers: layers,
      total: try #require(entry["total"]?.integer), head: head?.name)
  }
}
