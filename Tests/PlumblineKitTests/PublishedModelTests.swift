// PublishedModelTests: counts, names and shapes of published models, against those of transformers.
// Apart from HuggingFaceTests, which is about configs and not about architectures.
import Analysis
import Diagnostics
import Dimensions
import Foundation
import IR
import Interchange
import PlumblineKit
import Testing

/// What transformers makes of a config: `published.json` and `variants.json`.
struct PublishedModel: CustomTestStringConvertible, Sendable {
  var id: String
  /// The text of the config.
  var config: String
  var architecture: String
  var total: Int
  var trainable: Int
  var tiedApart: Int
  /// The forward FLOPs of FlopCounterMode for 2 × 128 tokens, where they were counted.
  var flops: Int?
  /// The shape of each name, written out.
  var shapes: [String: [Int]]

  var testDescription: String { id }

  static func all(_ file: String) -> [PublishedModel] {
    let path = Fixture.path("Fixtures/huggingface/\(file)")
    guard let text = try? String(contentsOfFile: path, encoding: .utf8),
      let members = try? JSONDocument(text).root.members
    else { return [] }
    return members.compactMap { PublishedModel($0, text: text) }
  }

  private init?(_ member: JSONMember, text: String) {
    let node = member.node
    guard let config = node["config"], let architecture = node["class"]?.string,
      let total = node["total"]?.integer, let trainable = node["trainable"]?.integer,
      let tiedApart = node["tied_apart"]?.integer, let tensors = node["tensors"]?.elements
    else { return nil }
    id = member.key
    let bytes = Array(text.utf8)[config.range]
    self.config = String(decoding: bytes, as: UTF8.self)
    self.architecture = architecture
    self.total = total
    self.trainable = trainable
    self.tiedApart = tiedApart
    flops = node["flops"]?.integer
    shapes = [:]
    for tensor in tensors {
      guard let pair = tensor.elements, pair.count == 2, let pattern = pair[0].string else {
        return nil
      }
      let shape = pair[1].elements?.compactMap(\.integer) ?? []
      for name in Self.names(of: pattern) {
        shapes[name] = shape
      }
    }
  }

  /// The names of a pattern, whose parts may be ranges: `layers.0..11.weight`.
  static func names(of pattern: String) -> [String] {
    names(pattern.split(separator: ".", omittingEmptySubsequences: false))
  }

  private static func names(_ parts: [Substring]) -> [String] {
    guard let empty = parts.firstIndex(of: ""), empty > 0, empty + 1 < parts.count,
      let first = Int(parts[empty - 1]), let last = Int(parts[empty + 1])
    else { return [parts.joined(separator: ".")] }
    let tails = names(Array(parts[(empty + 2)...]))
    let head = parts[..<(empty - 1)].joined(separator: ".")
    return (first...last).flatMap { number in
      tails.map { $0.isEmpty ? "\(head).\(number)" : "\(head).\(number).\($0)" }
    }
  }
}

@Suite struct PublishedModelTests {
  // transformers 4.57.6: Fixtures/huggingface/README.md says how the files were made.
  static let published = PublishedModel.all("published.json")
  static let variants = PublishedModel.all("variants.json")
  static let families = ModelFamilies(besideConfig: "").names

  private func isDescribed(_ model: PublishedModel) -> Bool {
    PublishedModelTests.families.contains { model.config.contains("\"model_type\":\"\($0)\"") }
      || PublishedModelTests.families.contains {
        model.config.contains("\"model_type\": \"\($0)\"")
      }
  }

  /// The model of a config, under the class that was counted.
  static func load(_ config: String, _ architecture: String) -> LoadedModel {
    let plain = Workspace.load(path: "config.json", text: config)
    let asked = plain.model?.program.config.contains { $0.name == "architecture" } ?? false
    guard asked, let setting = Setting(parsing: "architecture=\(architecture)") else {
      return plain
    }
    return Workspace.load(path: "config.json", text: config, settings: [setting])
  }

  private static func load(_ model: PublishedModel) -> LoadedModel {
    load(model.config, model.architecture)
  }

  private func compare(_ model: PublishedModel) throws {
    let loaded = PublishedModelTests.load(model)
    let page = TerminalRenderer(color: false).render(loaded.diagnostics, in: loaded.sources)
    // One variant has three layers and experts in every second, which is rightly told; no other.
    let told = model.id == "qwen2_moe 1" ? ["expert-interval-uneven"] : []
    #expect(loaded.diagnostics.map(\.id) == told, "\(page)")
    let ledger = try ParameterLedger(try #require(loaded.model).program)
    let tensors = try ledger.tensors()
    var found: [String: [Int]] = [:]
    for tensor in tensors {
      found[tensor.name] = tensor.declaration.type.shape.compactMap(\.constant)
    }
    func count(_ list: [NamedTensor]) -> Int {
      list.reduce(0) { $0 + $1.declaration.type.shape.compactMap(\.constant).reduce(1, *) }
    }
    let owned = tensors.filter { $0.tiedTo == nil }
    #expect(count(owned) == model.total)
    #expect(count(owned.filter(\.declaration.trainable)) == model.trainable)
    #expect(count(tensors) == model.tiedApart)
    #expect(ledger.totals.tiedApart == model.tiedApart)
    let missing = model.shapes.filter { found[$0.key] != $0.value }.keys.sorted()
    let extra = found.keys.filter { model.shapes[$0] == nil }.sorted()
    #expect(missing.isEmpty, "\(missing.prefix(8))")
    #expect(extra.isEmpty, "\(extra.prefix(8))")
  }

  @Test("the fixtures are read")
  func fixtures() {
    #expect(PublishedModelTests.published.count == 41)
    #expect(PublishedModelTests.variants.count > 40)
  }

  @Test(
    "a published config gives its counts, names and shapes, and no finding", arguments: published)
  func matchesPublished(_ model: PublishedModel) throws {
    guard isDescribed(model) else { return }
    try compare(model)
  }

  @Test(
    "the forward work is FlopCounterMode's",
    arguments: published.filter { $0.flops != nil })
  func matchesFlops(_ model: PublishedModel) throws {
    let program = try #require(PublishedModelTests.load(model).model).program
    let flops = try CostReport(program, of: #require(program.entry)).forward.flops
    let sizes: [Symbol: Int] = [Symbol("B"): 2, Symbol("T"): 128, Symbol("S"): 128]
    let counted = model.flops.map { Int128($0) }
    #expect(flops.evaluate(sizes) == counted)
  }

  @Test("every switch of a family's config is heard", arguments: variants)
  func matchesVariant(_ model: PublishedModel) throws {
    guard isDescribed(model) else { return }
    try compare(model)
  }
}
