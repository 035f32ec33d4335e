// RankAboveBreakEven: an adapter with more weights than the matrix that it adapts.
// A rank that the matrix can't have at all is another finding, and told instead.
import Analysis
import Diagnostics

/// The adapter of a layer has more weights than the layer's own matrix.
///
/// An adapter of rank r has r · (in + out) weights and the matrix has in · out, so beyond
/// r = in · out / (in + out) it would be cheaper to train the matrix. For a square matrix that is
/// half its side.
///
/// - Example: r 512 on a layer [768 → 768], where 384 breaks even
/// - Remedy: Lower the rank, or put the layer among `modules_to_save` and train it in full.
/// - Catalogue: L07
enum RankAboveBreakEven: AdapterRule {
  static let id = "rank-above-break-even"

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    let groups = subject.groups {
      Double($0.rank) > $0.breakEven && $0.rank <= min($0.shape.input, $0.shape.output)
    }
    return groups.map { group in
      let site = group.site
      let (input, output) = (site.shape.input, site.shape.output)
      let limit = Figures.shortest(site.breakEven)
      let (own, _) = input.multipliedReportingOverflow(by: output)
      let (adapter, _) = (input + output).multipliedReportingOverflow(by: site.rank)
      return finding(
        "rank \(site.rank) makes the adapter of `\(group.role)` larger than its matrix",
        at: subject.rankRange(of: site), label: "breaks even at \(limit)",
        facts: [
          "matrix: \(input) × \(output) = \(Figures.grouped(own))",
          "adapter: \(site.rank) × (\(input) + \(output)) = \(Figures.grouped(adapter))",
          "\(group.count) layers \(group.role) \(group.ends)",
        ], help: ["use a rank of at most \(Int(site.breakEven)), or train the layer in full"])
    }
  }
}

extension Figures {
  /// `614.4`, `576`: one decimal where there is one.
  static func shortest(_ value: Double) -> String {
    let rounded = (value * 10).rounded() / 10
    if let whole = Int(exactly: rounded) { return grouped(whole) }
    return fixed(rounded, places: 1)
  }
}
