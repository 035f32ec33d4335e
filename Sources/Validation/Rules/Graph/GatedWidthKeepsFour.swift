// GatedWidthKeepsFour: a gated feed-forward as wide as an ungated one.
// Apart from shapes, which are all right: only the count is half as much again.
import Diagnostics
import Dimensions
import IR

/// A gated feed-forward layer keeps the hidden width of an ungated one, four times the model's.
///
/// A gate is a third matrix: 3 · 4d² = 12d² weights where two matrices have 8d². Keeping the count
/// means a hidden width of 8d/3, rounded to a multiple of 64 (Shazeer 2020, arXiv 2002.05202). The
/// rule sees the gate in the graph: an activated layer times another layer, and a third behind
/// them. Other widths are taken as chosen, and so is what a `config.json` says.
///
/// - Example: gate and up are linear(768, 3_072), down is linear(3_072, 768)
/// - Remedy: Use 8/3 of the width, or allow it if the larger layer is meant.
/// - Catalogue: A22
enum GatedWidthKeepsFour: Rule {
  static let id = "gated-width-keeps-four"

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard !subject.isFromConfigFile else { return [] }
    var told: Set<SourceRange?> = []
    return subject.sites.layers.compactMap { layer in
      guard case .gate(let gate) = layer.operand, let hidden = layer.from.constant,
        let width = layer.to.constant, width > 1, hidden == 4 * width,
        gate.weight.declaration.type.shape.contains(Dimension(hidden)),
        told.insert(layer.site.range).inserted
      else { return nil }
      let fitting = max(64, (8 * width / 3 + 32) / 64 * 64)
      let excess = 3 * width * (hidden - fitting)
      return finding(
        "the gated feed-forward is \(subject.grouped(hidden)) wide, 4 × \(subject.grouped(width)),"
          + " which is usual without a gate",
        at: layer.site.range,
        facts: [
          "3 matrices of \(subject.grouped(width)) × \(subject.grouped(hidden)):"
            + " \(subject.grouped(3 * width * hidden)) weights, where an ungated layer has"
            + " \(subject.grouped(2 * width * hidden))",
          "8/3 × \(subject.grouped(width)), rounded to a multiple of 64, is"
            + " \(subject.grouped(fitting)): \(subject.grouped(excess)) fewer",
        ])
    }
  }
}
