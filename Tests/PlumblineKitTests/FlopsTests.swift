// FlopsTests: FLOPs by operator, pass and layer, against what tools counted on published models.
// Apart from the tests of costs, whose numbers are this project's own.
import Analysis
import Dimensions
import Foundation
import IR
import Interchange
import PlumblineKit
import Testing

/// What tools counted of one model: `flops.json` and `flops-variants.json`.
struct CountedModel: CustomTestStringConvertible, Sendable {
  /// Counts by operator, without the `aten.` before them.
  struct Step: Sendable {
    var forward: [String: Int]
    /// Forward and backward together.
    var both: [String: Int]
  }

  var id: String
  var config: String
  var architecture: String
  var sizes: [Symbol: Int]
  /// FlopCounterMode by the form of attention.
  var steps: [AttentionForm: Step]
  var fvcore: [String: Int]?
  var calflops: Int?
  /// FlopCounterMode's forward by module; parts of a name may be ranges, `h.0..11.attn`.
  var modules: [String: [String: Int]]

  var testDescription: String { id }

  static func all(_ file: String) -> [CountedModel] {
    let path = Fixture.path("Fixtures/huggingface/\(file)")
    guard let text = try? String(contentsOfFile: path, encoding: .utf8),
      let members = try? JSONDocument(text).root.members
    else { return [] }
    let published = Dictionary(
      PublishedModelTests.published.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    return members.compactMap { CountedModel($0, text: text, published) }
  }

  private init?(_ member: JSONMember, text: String, _ published: [String: PublishedModel]) {
    let node = member.node
    id = member.key
    if let config = node["config"], let architecture = node["class"]?.string {
      self.config = String(decoding: Array(text.utf8)[config.range], as: UTF8.self)
      self.architecture = architecture
    } else if let model = published[member.key] {
      config = model.config
      architecture = model.architecture
    } else {
      return nil
    }
    sizes = [:]
    for name in ["B", "N", "S", "T"] {
      if let size = node[name]?.integer { sizes[Symbol(name)] = size }
    }
    steps = [:]
    for form in [AttentionForm.eager, .cpu] {
      guard let step = node[form.rawValue], let forward = step["forward"], let both = step["both"]
      else { continue }
      steps[form] = Step(
        forward: CountedModel.counts(forward), both: CountedModel.counts(both))
    }
    fvcore = node["fvcore"].map(CountedModel.counts)
    calflops = node["calflops"]?.integer
    modules = [:]
    for member in node["modules"]?.members ?? [] {
      modules[member.key] = CountedModel.counts(member.node)
    }
  }

  private static func counts(_ node: JSONNode) -> [String: Int] {
    Dictionary(
      (node.members ?? []).map { ($0.key, $0.node.integer ?? -1) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The model of the config, under the class that was counted.
  var program: Program? { PublishedModelTests.load(config, architecture).model?.program }

  /// The report under a convention, at the sizes of the count.
  func report(
    _ convention: CountingConvention, _ form: AttentionForm = .eager, backward: Bool = false
  ) throws -> FlopsReport {
    try FlopsReport(
      counting: try #require(program), backward: backward,
      options: FlopsOptions(
        convention: convention, attention: form, sizes: sizes.mapValues { Dimension($0) }))
  }
}

@Suite struct FlopsTests {
  // torch 2.15 FlopCounterMode, fvcore 0.1.5, calflops 0.3.2 on transformers 4.57.6:
  // Fixtures/huggingface/README.md says how the files were made.
  static let published = CountedModel.all("flops.json")
  static let variants = CountedModel.all("flops-variants.json")

  private func counts(
    _ report: FlopsReport, _ passes: [WorkPass], dropping prefix: String = "aten."
  ) -> [String: Int] {
    var sums: [String: Int] = [:]
    for pass in passes {
      for (name, flops) in report.operators(pass) {
        let name = name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : name
        sums[name, default: 0] += flops.constant ?? -1
      }
    }
    return sums
  }

  @Test("the fixtures are read")
  func fixtures() {
    #expect(FlopsTests.published.count == 20)
    #expect(FlopsTests.published.count { $0.steps[.cpu] != nil } == 7)
    #expect(FlopsTests.published.count { $0.calflops != nil } == 11)
    #expect(FlopsTests.variants.count > 100)
  }

  @Test(
    "every operator counts what FlopCounterMode counted, forward and backward",
    arguments: published + variants)
  func matchesFlopCounter(_ model: CountedModel) throws {
    #expect(model.steps[.eager] != nil)
    for (form, step) in model.steps {
      let report = try model.report(.torch(form), form, backward: true)
      #expect(counts(report, [.forward]) == step.forward, "\(form)")
      #expect(counts(report, WorkPass.allCases) == step.both, "\(form)")
    }
  }

  @Test("every module counts what FlopCounterMode counted", arguments: published)
  func matchesModules(_ model: CountedModel) throws {
    let report = try model.report(.torch())
    var found: [String: [String: Int]] = [:]
    for layer in report.layers {
      let whole = FlopsReport.operators(layer.lines, .forward)
      let count = layer.count.constant ?? 0
      var each: [String: Int] = [:]
      for (name, flops) in whole {
        let (quotient, rest) = (flops.constant ?? -1).quotientAndRemainder(dividingBy: count)
        #expect(rest == 0, "\(layer.path)")
        each[String(name.dropFirst("aten.".count))] = quotient
      }
      for name in layer.path.unfolded { found[name] = each }
    }
    #expect(!model.modules.isEmpty)
    for (pattern, expected) in model.modules {
      for name in PublishedModel.names(of: pattern) {
        #expect(found[name] == expected, "\(name)")
      }
    }
  }

  @Test(
    "fvcore's count is met by operator, and its difference is a sum of named terms",
    arguments: published.filter { $0.fvcore != nil })
  func matchesFVCore(_ model: CountedModel) throws {
    let report = try model.report(.fvcore)
    #expect(counts(report, [.forward], dropping: "") == model.fvcore)
    try explains(report, model)
  }

  @Test(
    "calflops's count is met, and its difference is a sum of named terms",
    arguments: published.filter { $0.calflops != nil })
  func matchesCalflops(_ model: CountedModel) throws {
    let report = try model.report(.calflops)
    #expect(report.total(.forward).constant == model.calflops)
    try explains(report, model)
  }

  private func explains(_ report: FlopsReport, _ model: CountedModel) throws {
    let torch = try #require(model.steps[.eager]).forward.values.reduce(0, +)
    let terms = report.differences.map { $0.flops.constant ?? 0 }
    #expect(terms.reduce(torch, +) == report.total(.forward).constant)
    #expect(report.differences.allSatisfy { $0.flops != 0 && !$0.name.isEmpty })
    #expect(Set(report.differences.map(\.name)).count == report.differences.count)
  }

  @Test("a frozen weight gets no product of its own, and what stands before it still does")
  func frozen() throws {
    func step(_ freeze: String) throws -> FlopsReport {
      let text = """
        model m {
          dim B >= 1
          let first  = linear(4, 8)
          let second = linear(8, 2)
          \(freeze)
          forward(x: [B, 4]) -> y: [B, 2] {
            return second(first(x))
          }
        }
        """
      let loaded = Workspace.load(path: "m.model", text: text)
      return try FlopsReport(
        counting: try #require(loaded.model).program, backward: true,
        options: FlopsOptions(sizes: [Symbol("B"): 3]))
    }
    // 2 FLOPs × 3 rows: the first layer's 32 weights and the second's 16.
    let all = try step("")
    #expect(all.total(.forward) == 288)
    // The input wants no gradient, so the first layer has one product and the second two.
    #expect(all.total(.backward).constant == 2 * 3 * (32 + 2 * 16))
    #expect(try step("freeze second").total(.backward).constant == 2 * 3 * (32 + 16))
    #expect(try step("freeze first").total(.backward).constant == 2 * 3 * 16)
  }

  @Test("formulas of papers are parameters, tokens and attention")
  func formulas() throws {
    let model = try #require(FlopsTests.published.first { $0.id == "gpt2" })
    let torch = try #require(model.steps[.eager])
    let bmm = try #require(torch.both["bmm"])
    let whole = 6 * 124_439_808 * 256
    #expect(try model.report(try #require(.named("6N")), backward: true).total == Dimension(whole))
    let palm = try model.report(try #require(.named("palm")), backward: true).total
    #expect(palm == Dimension(whole + bmm))
  }
}

extension FoldedPath {
  /// The names in a checkpoint's form: `h.0.attn`, `h.1.attn`.
  var unfolded: [String] {
    components.reduce([""]) { names, component in
      let parts =
        component.elements.map { elements in elements.map { "\(component.name).\($0)" } }
        ?? [component.name]
      return names.flatMap { name in parts.map { name.isEmpty ? $0 : "\(name).\($0)" } }
    }
  }
}
