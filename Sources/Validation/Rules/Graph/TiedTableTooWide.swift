// TiedTableTooWide: an embedding that starts too large for the head that shares it.
// The loss of the first step is computed from the initialisers alone.
import Diagnostics
import Dimensions
import IR
import Kernels

/// A table that is both embedding and head starts so large that the first loss is far above ln V.
///
/// A head reads features of size 1 behind a norm, so its logits start with the deviation √d · σ,
/// where σ is the deviation of the table's initialiser and d the width. The first loss is about
/// ln V + d·σ²/2 instead of ln V. PyTorch's embeddings start with σ = 1, right for an embedding and
/// far too large for a head. A constant factor between the norm and the head, as T5's 1/√d, is
/// counted in. The rule speaks when the first loss is more than twice ln V.
///
/// - Example: param weight: [50_257, 768] = normal(1.0), read by `gather` and by the head
/// - Remedy: Start the table with normal(0.02), untie the head, or scale what the head reads.
/// - Catalogue: N07
enum TiedTableTooWide: Rule {
  static let id = "tied-table-too-wide"

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    let tables = Set(subject.sites.lookups.filter { !$0.inputs.isEmpty }.map(\.table))
    var told: Set<WeightFact> = []
    return subject.heads.compactMap { head in
      guard tables.contains(head.weight), head.isNormalised, let factor = head.factor,
        case .normal(let deviation) = head.weight.declaration.initialiser,
        let width = head.from.constant, let rows = head.to.constant, rows > 1,
        told.insert(head.weight).inserted
      else { return nil }
      let logits = Double(width).squareRoot() * deviation * factor.magnitude
      let fair = Double.logarithm(Double(rows))
      guard logits * logits / 2 > fair else { return nil }
      let first = fair + logits * logits / 2
      let good = 0.02
      return finding(
        "the first loss is about \(subject.grouped(rounded(first))), expected ln"
          + " \(subject.grouped(rows)) = \(subject.grouped(rounded(fair)))",
        at: head.site.range,
        facts: [
          "the table starts with deviation \(deviation), and the head reads \(width) features of"
            + " size 1",
          "logits start with deviation √\(width) × \(deviation)"
            + (factor == 1 ? "" : " × \(factor)") + " = \(subject.grouped(rounded(logits)))",
          "with \(good) it would be \(subject.grouped(rounded(logits / deviation * good)))",
        ],
        notes: head.weight.declaration.range.map {
          [Note(message: "the table is declared here", range: $0)]
        } ?? [])
    }
  }

  private static func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
