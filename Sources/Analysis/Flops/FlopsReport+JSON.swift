// FlopsReport+JSON: the FLOPs for programs.
// The only file of the report with Foundation.
import Dimensions
import Foundation
import IR

extension FlopsReport {
  /// FLOPs in JSON: a number, or its formula.
  private struct Amount: Encodable {
    let flops: Dimensions.Dimension

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      if let constant = flops.constant {
        try container.encode(constant)
      } else {
        try container.encode(flops.description)
      }
    }
  }

  private struct Document: Encodable {
    struct Totals: Encodable {
      let forward: Amount
      let backward: Amount?
      let forwardBackward: Amount?

      enum CodingKeys: String, CodingKey {
        case forward, backward
        case forwardBackward = "forward_backward"
      }
    }

    struct Operators: Encodable {
      let forward: [String: Amount]
      let backward: [String: Amount]?
      let forwardBackward: [String: Amount]?

      enum CodingKeys: String, CodingKey {
        case forward, backward
        case forwardBackward = "forward_backward"
      }
    }

    struct Part: Encodable {
      let pass: String
      let `operator`: String
      let work: String
      let flops: Amount
    }

    struct Difference: Encodable {
      let term: String
      let flops: Amount
    }

    struct Module: Encodable {
      let path: String
      let block: String
      let count: Amount
      let operators: Operators

      enum CodingKeys: String, CodingKey {
        case path, block, count
        case operators = "by_operator"
      }
    }

    let model: String
    let convention: String
    let source: String
    let summary: String
    let attention: String
    let total: Totals
    let operators: Operators
    let parts: [Part]
    /// What the forward pass counts otherwise than FlopCounterMode does.
    let differences: [Difference]
    let modules: [Module]

    enum CodingKeys: String, CodingKey {
      case model, convention, source, summary, attention, total, parts, differences, modules
      case operators = "by_operator"
    }
  }

  /// The report as JSON; `by_operator` of a module is that of all its instances together.
  package func json() throws -> String {
    let countsBackward = hasBackward && options.convention.backward != nil
    let document = Document(
      model: program.name, convention: options.convention.name,
      source: options.convention.source, summary: options.convention.summary,
      attention: options.attention.rawValue,
      total: Document.Totals(
        forward: Amount(flops: total(.forward)),
        backward: countsBackward ? Amount(flops: total(.backward)) : nil,
        forwardBackward: countsBackward ? Amount(flops: total) : nil),
      operators: operators(of: lines, countsBackward),
      parts: lines.map {
        Document.Part(
          pass: $0.pass.rawValue, operator: $0.name, work: $0.kind?.rawValue ?? $0.name,
          flops: Amount(flops: $0.flops))
      },
      differences: differences.map {
        Document.Difference(term: $0.name, flops: Amount(flops: $0.flops))
      },
      modules: layers.map {
        Document.Module(
          path: $0.path.description, block: $0.block, count: Amount(flops: $0.count),
          operators: operators(of: $0.lines, countsBackward))
      })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
  }

  private func operators(of lines: [Line], _ countsBackward: Bool) -> Document.Operators {
    func sums(_ passes: [WorkPass]) -> [String: Amount] {
      var sums: [String: Dimensions.Dimension] = [:]
      for line in lines where passes.contains(line.pass) {
        sums[line.name, default: 0] += line.flops
      }
      return sums.mapValues { Amount(flops: $0) }
    }
    return Document.Operators(
      forward: sums([.forward]), backward: countsBackward ? sums([.backward]) : nil,
      forwardBackward: countsBackward ? sums(WorkPass.allCases) : nil)
  }
}
