// AdapterReport+JSON: the report for machines, with every site and the shapes of its matrices.
// Stable keys in snake case; what PEFT prints, warns and raises stands under `peft`.
import Diagnostics
import Foundation
import Validation

extension AdapterReport {
  private struct Document: Encodable {
    struct Site: Encodable {
      let name: String
      let kind: String
      let input: Int
      let output: Int
      let pattern: String
      let rank: Int
      let alpha: Double
      let scaling: Double
      let breakEven: Double
      let parameters: Int
    }

    struct Pattern: Encodable {
      let pattern: String
      let sites: Int
      let named: Int
    }

    struct Saved: Encodable {
      let name: String
      let parameters: Int
    }

    struct Counts: Encodable {
      let base: Int
      let adapters: Int
      let biases: Int
      let saved: Int
      let trainable: Int
      let all: Int
    }

    struct Refusal: Encodable {
      let type: String
      let text: String
      let module: String?
    }

    struct PEFT: Encodable {
      let printed: String?
      let warnings: [String]
      let error: Refusal?
      let fanInFanOutAfter: Bool
    }

    struct Work: Encodable {
      let sizes: [String: Int]
      let forward: Int
      let adapted: Int
      let full: Int
    }

    struct Bytes: Encodable {
      let weights: Int
      let gradients: Int
      let moments: Int
      let total: Int
    }

    struct Memory: Encodable {
      let adapted: Bytes
      let full: Bytes
    }

    struct Finding: Encodable {
      let id: String
      let severity: String
      let message: String
      let facts: [String]
      let help: [String]
    }

    let model: String
    let family: String?
    let counts: Counts?
    let patterns: [Pattern]
    let sites: [Site]
    let saved: [Saved]
    let tensors: [String: [Int]]
    let peft: PEFT
    let flops: Work?
    let bytes: Memory?
    let explanations: Explanations?
    let findings: [Finding]
  }

  private struct Explanations: Encodable {
    struct Adapter: Encodable {
      let rank: Int
      let targets: [String]
      let parameters: Int
    }

    struct Answer: Encodable {
      let countsModel: Bool
      let adapters: [Adapter]
      let extra: String
      let extraParameters: Int

      init(_ explanation: TotalExplanation) {
        countsModel = explanation.countsModel
        adapters = explanation.adapters.map {
          Adapter(rank: $0.rank, targets: $0.targets, parameters: $0.parameters)
        }
        extra = explanation.extra.rawValue
        extraParameters = explanation.extraParameters
      }
    }

    let stated: Int
    let isModelAlone: Bool
    let answers: [Answer]
    let complete: Bool
  }

  /// The report, the findings and an explained total as one object.
  package func json(findings: [Diagnostic], explaining search: TotalSearch?) throws -> String {
    let resolution = subject.resolution
    let encoder = JSONEncoder.report
    let document = Document(
      model: subject.inventory.model, family: subject.inventory.family, counts: counts,
      patterns: resolution.patterns.enumerated().map { index, match in
        Document.Pattern(
          pattern: match.pattern.value, sites: resolution.sites.count { $0.pattern == index },
          named: match.named.count)
      },
      sites: resolution.sites.map { site in
        Document.Site(
          name: site.name, kind: site.shape.kind.rawValue, input: site.shape.input,
          output: site.shape.output, pattern: resolution.patterns[site.pattern].pattern.value,
          rank: site.rank, alpha: site.alpha, scaling: site.scaling, breakEven: site.breakEven,
          parameters: AdapterCounts.elements(of: site, subject.description) ?? 0)
      },
      saved: resolution.saved.map { Document.Saved(name: $0.name, parameters: $0.elements) },
      tensors: AdapterReport.tensors(of: subject),
      peft: Document.PEFT(
        printed: subject.counts?.printed, warnings: resolution.warnings,
        error: resolution.refusal.map {
          Document.Refusal(type: $0.type, text: $0.text, module: $0.module)
        }, fanInFanOutAfter: resolution.fanInFanOutAfter),
      flops: work.map { work in
        Document.Work(
          sizes: Dictionary(uniqueKeysWithValues: sizes.sizes.map { ($0.key.name, $0.value) }),
          forward: work.forward, adapted: work.adapted, full: work.full)
      }, bytes: memory, explanations: search.map { answers($0) },
      findings: findings.map { finding in
        Document.Finding(
          id: finding.id, severity: finding.severity.rawValue, message: finding.message,
          facts: finding.facts.map(\.text), help: finding.fixes.map(\.message))
      })
    return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
  }

  private var counts: Document.Counts? {
    subject.counts.map {
      Document.Counts(
        base: $0.base, adapters: $0.adapters, biases: $0.biases, saved: $0.saved,
        trainable: $0.trainable, all: $0.all)
    }
  }

  private var memory: Document.Memory? {
    func bytes(_ memory: AdapterMemory) -> Document.Bytes {
      Document.Bytes(
        weights: memory.weights, gradients: memory.gradients, moments: memory.moments,
        total: memory.total)
    }
    guard let counts = subject.counts,
      let adapted = AdapterMemory(held: counts.all, trained: counts.trainable),
      let full = AdapterMemory(held: counts.base, trained: counts.base)
    else { return nil }
    return Document.Memory(adapted: bytes(adapted), full: bytes(full))
  }

  private func answers(_ search: TotalSearch) -> Explanations {
    Explanations(
      stated: search.stated, isModelAlone: search.isBase,
      answers: (search.singles + search.pairs).map(Explanations.Answer.init),
      complete: !search.hasMorePairs)
  }

  /// The adapter's tensors under the names that PEFT gives them, with their shapes.
  package static func tensors(of subject: AdapterSubject) -> [String: [Int]] {
    guard subject.counts != nil else { return [:] }
    let description = subject.description
    var tensors: [String: [Int]] = [:]
    for site in subject.resolution.sites {
      let prefix = "base_model.model.\(site.name)."
      switch site.shape.kind {
      case .embedding:
        tensors[prefix + "lora_embedding_A.default"] = [site.rank, site.shape.input]
        tensors[prefix + "lora_embedding_B.default"] = [site.shape.output, site.rank]
      default:
        tensors[prefix + "lora_A.default.weight"] = [site.rank, site.shape.input]
        tensors[prefix + "lora_B.default.weight"] = [site.shape.output, site.rank]
      }
      if description.addsBias.value {
        tensors[prefix + "lora_B.default.bias"] = [site.shape.output]
      }
      if description.isDoRA.value {
        tensors[prefix + "lora_magnitude_vector.default.weight"] = [site.shape.output]
      }
    }
    return tensors
  }
}
