// PlanReport+JSON: the report of a plan for machines.
// The only file of plans with Foundation.
import Foundation
import Validation

extension PlanReport {
  private struct Document: Encodable {
    struct Point: Encodable {
      let step: Int
      let rate: Double
      let what: String
    }

    struct Group: Encodable {
      let tensors: Int
      let parameters: Int
    }

    struct Work: Encodable {
      let forward: Double
      let backward: Double
      let update: Double
      let run: Double?
    }

    struct Bytes: Encodable {
      let kind: String
      let bytes: Int
      let exact: Bool
    }

    struct Memory: Encodable {
      let sizes: [String: Int]
      let rows: [Bytes]
      let total: Int
      let exact: Bool
      let limit: Double?
      let fits: Bool?
      let logits: Int?
    }

    struct Idle: Encodable {
      let what: String
      let parameters: Int
    }

    let model: String
    let tokensPerStep: Int?
    let steps: Double?
    let epochs: Double?
    let tokens: Double?
    let parameters: Int?
    let trainableParameters: Int?
    let tokensPerParameter: Double?
    let warmUpSteps: Int?
    let rates: [Point]
    let decayed: Group?
    let notDecayed: Group?
    let neverTrained: [Idle]
    let flops: Work?
    let flopsNote: String?
    let memory: Memory?
    let memoryNote: String?
    let seconds: Double?
    let devices: Int
  }

  /// One object.
  package func json() throws -> String {
    func group(_ group: PlanForecast.Group?) -> Document.Group? {
      group.map { Document.Group(tensors: $0.tensors, parameters: $0.elements) }
    }
    let document = Document(
      model: model, tokensPerStep: forecast.tokensPerStep, steps: forecast.steps,
      epochs: forecast.epochs, tokens: forecast.tokens, parameters: forecast.totals?.total,
      trainableParameters: forecast.totals?.trainable,
      tokensPerParameter: forecast.tokensPerParameter, warmUpSteps: forecast.warmUp,
      rates: forecast.points.map { Document.Point(step: $0.step, rate: $0.rate, what: $0.what) },
      decayed: group(forecast.decayed), notDecayed: group(forecast.spared),
      neverTrained: forecast.idle.map { Document.Idle(what: $0.what, parameters: $0.elements) },
      flops: forecast.work.map {
        Document.Work(
          forward: $0.forward, backward: $0.backward, update: $0.update, run: $0.run)
      }, flopsNote: forecast.workNote, memory: memory.map(document), memoryNote: memoryNote,
      seconds: seconds, devices: machine.count)
    let encoder = JSONEncoder.report
    return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
  }

  private func document(_ memory: StepMemory) -> Document.Memory {
    Document.Memory(
      sizes: Dictionary(uniqueKeysWithValues: memory.sizes.map { ($0.key.name, $0.value) }),
      rows: memory.rows.map {
        Document.Bytes(kind: $0.name, bytes: $0.bytes, exact: $0.isExact)
      }, total: memory.total, exact: memory.isExact, limit: machine.memory, fits: fits,
      logits: memory.logits?.bytes)
  }
}
