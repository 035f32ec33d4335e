// ModuleShapeTests: what every module of published models gives, against torch's own calls.
// Apart from the tests of names and counts: a module without weights has a shape, and no name there.
import Analysis
import Dimensions
import Foundation
import IR
import Interchange
import PlumblineKit
import Testing

/// The calls of a model's modules, written down by hooks: `modules.json`, `modules-variants.json`.
struct ObservedModel: CustomTestStringConvertible, Sendable {
  var id: String
  var config: String
  var architecture: String
  var sizes: [Symbol: Dimensions.Dimension]
  /// For each module its distinct calls, and for each call the shapes of what it gave, in order.
  var modules: [String: [[[Int]]]]

  var testDescription: String { id }

  static let published = models(in: "modules.json")
  static let variants = models(in: "modules-variants.json")

  private static func models(in file: String) -> [ObservedModel] {
    let path = Fixture.path("Fixtures/huggingface/\(file)")
    guard let text = try? String(contentsOfFile: path, encoding: .utf8),
      let members = try? JSONDocument(text).root.members
    else { return [] }
    return members.compactMap { ObservedModel($0, text: text) }
  }

  private init?(_ member: JSONMember, text: String) {
    id = member.key
    if let config = member.node["config"], let architecture = member.node["class"]?.string {
      self.config = String(decoding: Array(text.utf8)[config.range], as: UTF8.self)
      self.architecture = architecture
    } else if let model = PublishedModelTests.published.first(where: { $0.id == member.key }) {
      config = model.config
      architecture = model.architecture
    } else {
      return nil
    }
    sizes = [:]
    for name in ["B", "S", "T"] {
      if let size = member.node[name]?.integer { sizes[Symbol(name)] = Dimensions.Dimension(size) }
    }
    modules = [:]
    for module in member.node["modules"]?.members ?? [] {
      let calls = (module.node.elements ?? []).map { call in
        (call.elements ?? []).map { ($0.elements ?? []).compactMap(\.integer) }
      }
      for name in PublishedModel.names(of: module.key) { modules[name] = calls }
    }
  }
}

/// What a report says of one layer.
private struct ReportedLayer {
  /// The outputs of each way in which it is called.
  var outputs: [[[Int]]] = []
  /// Every value within it, the layers below included.
  var values: Set<[Int]> = []
}

@Suite struct ModuleShapeTests {
  private func layers(_ report: ShapeReport) -> [String: ReportedLayer] {
    func shape(_ type: TensorType) -> [Int] { type.shape.map { $0.constant ?? -1 } }
    var layers: [String: ReportedLayer] = [:]
    for row in report.rows {
      for name in row.path.unfolded {
        for signature in row.signatures {
          // A block that was applied where it was written is part of its owner.
          if !row.name.hasPrefix("(") {
            layers[name, default: ReportedLayer()].outputs.append(
              signature.outputs.map { shape($0.type) })
          }
          for value in signature.values {
            let shape = shape(value.type)
            layers[name, default: ReportedLayer()].values.insert(shape)
            // Heads that share a key stand as two axes, groups and their members.
            guard shape.count == 5 else { continue }
            let merged = [shape[0], shape[1] * shape[2], shape[3], shape[4]]
            layers[name, default: ReportedLayer()].values.insert(merged)
          }
        }
      }
    }
    // Owners after what they own.
    for name in layers.keys.sorted(by: { $0.count > $1.count }) where !name.isEmpty {
      guard let inner = layers[name]?.values else { continue }
      var owner = name[...]
      repeat {
        owner = owner.lastIndex(of: ".").map { owner[..<$0] } ?? ""
      } while layers[String(owner)] == nil && !owner.isEmpty
      layers[String(owner), default: ReportedLayer()].values.formUnion(inner)
    }
    return layers
  }

  @Test("the fixture is read")
  func fixture() {
    #expect(ObservedModel.published.count == 29)
    #expect(ObservedModel.published.reduce(0) { $0 + $1.modules.count } > 6_000)
    #expect(ObservedModel.variants.count >= 10)
  }

  @Test(
    "every module is a layer that gives what torch's gives",
    arguments: ObservedModel.published + ObservedModel.variants)
  func matches(_ observed: ObservedModel) throws {
    let program = try #require(
      PublishedModelTests.load(observed.config, observed.architecture).model
    ).program
    let report = try ShapeReport(
      program, of: program.entry, options: ShapeOptions(values: true, sizes: observed.sizes))
    let layers = layers(report)
    for (name, calls) in observed.modules.sorted(by: { $0.key < $1.key }) {
      let layer = layers[name] ?? ReportedLayer()
      for call in calls {
        let found = layer.outputs.contains { $0.first == call.first }
        #expect(found, "\(name): torch \(call), found \(layer.outputs)")
        // What a module hands out beside its result, such as the weights of an attention, is a
        // value that the layer computes.
        let others = call.dropFirst().filter { other in
          !layer.outputs.contains { $0.contains(other) } && !layer.values.contains(other)
        }
        #expect(others.isEmpty, "\(name): \(others)")
      }
    }
  }
}
