// InitialisationAudit+Text: the audit for a terminal and for machines.
// Apart from the drawing; Foundation only for the JSON.
import Analysis
import Diagnostics
import Foundation
import Validation

extension InitialisationAudit {
  /// The whole audit.
  package var text: String {
    var table = TextTable([.left, .right, .right, .left, .right, .right, .right, .left])
    table.add(
      ["weight", "tensors", "elements", "declared", "planned std", "drawn std", "drawn mean", ""])
    for row in rows {
      table.add([
        row.pattern, Figures.grouped(row.tensors), Figures.grouped(row.elements), row.declared,
        InitialisationAudit.number(row.planned), InitialisationAudit.number(row.drawn),
        InitialisationAudit.number(row.mean), row.agrees ? "" : "DIFFERS",
      ])
    }
    var lines = ["\(model): first weights, drawn with seed \(seed)", ""] + table.rendered + [""]
    lines += branchLines
    lines.append(lossLine)
    return lines.map { DisplayText.trimmed(DisplayText.safe($0)) + "\n" }.joined()
  }

  /// What residual branches start at, and what GPT-2 would start them at.
  private var branchLines: [String] {
    let ends = rows.filter { $0.endsBranch && $0.planned > 0 }
    guard branches > 1, !ends.isEmpty else { return [] }
    let usual = 0.02 / Double(branches).squareRoot()
    return ends.map { row in
      let planned =
        "\(row.pattern) ends a residual branch: planned \(InitialisationAudit.number(row.planned)),"
      if (row.planned / usual - 1).magnitude < 1e-3 {
        return planned + " which is GPT-2's 0.02/√\(branches)"
      }
      return planned + " over √\(branches) it is \(InitialisationAudit.number(scaled(row)));"
        + " GPT-2's is 0.02/√\(branches) = \(InitialisationAudit.number(usual))"
    } + [""]
  }

  private var lossLine: String {
    guard let loss, let classes else {
      return "first loss: not computed: \(lossNote ?? "no loss")"
    }
    let found =
      "first loss: \(RateText.rate(loss)), guessing among \(Figures.grouped(classes.classes))"
      + " costs ln \(classes.classes) = \(RateText.rate(classes.expected))"
    switch lossAgrees {
    case true?: return found + ": as it should be"
    case false?: return found + ": FAR FROM IT"
    case nil: return found + ": not judged, \(lossNote ?? "no tolerance")"
    }
  }

  private static func number(_ value: Double) -> String {
    value.isNaN ? "by formula" : value == 0 ? "0" : RateText.rate(value, digits: 4)
  }

  /// Whether nothing differs from its plan.
  package var agrees: Bool { rows.allSatisfy(\.agrees) && lossAgrees != false }

  private struct Document: Encodable {
    struct Weight: Encodable {
      let pattern: String
      let tensors: Int
      let elements: Int
      let declared: String
      let planned: Double?
      let drawn: Double
      let mean: Double
      let agrees: Bool
      let endsResidualBranch: Bool
      let scaledAsGPT2: Double?
    }

    let model: String
    let seed: UInt64
    let weights: [Weight]
    let residualBranches: Int
    let firstLoss: Double?
    let expectedLoss: Double?
    let agrees: Bool
  }

  /// One object.
  package func json() throws -> String {
    let document = Document(
      model: model, seed: seed,
      weights: rows.map { row in
        Document.Weight(
          pattern: row.pattern, tensors: row.tensors, elements: row.elements,
          declared: row.declared, planned: row.planned.isNaN ? nil : row.planned,
          drawn: row.drawn, mean: row.mean, agrees: row.agrees,
          endsResidualBranch: row.endsBranch,
          scaledAsGPT2: row.endsBranch && row.planned > 0 ? scaled(row) : nil)
      }, residualBranches: branches, firstLoss: loss, expectedLoss: classes?.expected,
      agrees: agrees)
    let encoder = JSONEncoder.report
    return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
  }
}
