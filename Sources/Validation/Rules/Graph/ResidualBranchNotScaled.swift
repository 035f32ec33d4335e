// ResidualBranchNotScaled: the last matrices of residual branches, as their initialisers draw them.
// Apart from the audit, which draws the weights; here their declarations are enough.
import Analysis
import Autodiff
import Diagnostics
import IR
import Language

/// The matrices that end residual branches are not drawn smaller by the root of the branches.
///
/// Each branch adds to the stream, whose variance grows with their number; GPT-2 draws the last
/// matrix of each branch with 0.02/√(2L), L layers with two branches each. The rule tells of a
/// model that scales some of its branches and leaves others, or scales for twice or half of its
/// branches, or by their number instead of its root. Models that scale none, most of those
/// published, are told only where a file asks with `treat residual-branch-not-scaled as note
/// because …`. It looks at plans that train all weights.
///
/// - Example: attn.c_proj drawn with normal(0.00408), mlp.c_proj with normal(0.02), in 12 layers
/// - Remedy: Draw both with `normal(0.02 / sqrt(2 * layers))`; `std:` of `conv1d` and `linear` does.
/// - Catalogue: N06
enum ResidualBranchNotScaled: Rule {
  static let id = "residual-branch-not-scaled"

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard subject.trainsEverything, subject.model.plan?.optimizer != nil,
      let usual = subject.usualDeviation, subject.asks(for: id) || usual.isMixed,
      let entry = subject.program.entry, let graph = try? subject.program.flattened(entry)
    else { return [] }
    let branches = ResidualBranches(graph).weights
    guard branches.count > 1 else { return [] }
    var ends: [(pattern: String, deviation: Double, range: SourceRange?)] = []
    for index in branches {
      let parameter = graph.parameters[index]
      let pattern = NamePattern.folded(parameter.name)
      guard case .normal(let deviation) = parameter.declaration.initialiser, deviation > 0,
        !ends.contains(where: { $0.pattern == pattern })
      else { continue }
      ends.append((pattern, deviation, parameter.declaration.range))
    }
    let scaled = usual.value / Double(branches.count).squareRoot()
    func isClose(_ first: Double, _ second: Double) -> Bool {
      (first - second).magnitude <= 0.005 * second
    }
    let right = ends.filter { isClose($0.deviation, scaled) }
    let wrong = ends.filter { end in
      if isClose(end.deviation, scaled) { return false }
      if isClose(end.deviation, usual.value) { return !right.isEmpty || subject.asks(for: id) }
      // Twice or half as many, or their number instead of its root: slips. Any other is a choice.
      let count = (usual.value / end.deviation) * (usual.value / end.deviation)
      let own = Double(branches.count)
      return [own / 2, own * 2, own * own].contains { $0 > 1 && isClose(count, $0) }
    }
    guard let first = wrong.first else { return [] }
    let place = subject.model.range
    return [
      finding(
        "`\(first.pattern)` ends a residual branch and is drawn with"
          + " \(RateText.rate(first.deviation)), expected \(RateText.rate(scaled))",
        at: place,
        facts: [
          "\(branches.count) branches are added to the stream:"
            + " \(RateText.rate(usual.value))/√\(branches.count) = \(RateText.rate(scaled))"
        ]
          + ends.map {
            "\($0.pattern): \(RateText.rate($0.deviation))" + implied($0.deviation, usual.value)
          })
    ]
  }

  private static func implied(_ deviation: Double, _ usual: Double) -> String {
    let count = (usual / deviation) * (usual / deviation)
    guard count > 1.5, (count - count.rounded()).magnitude < 0.005 * count,
      let whole = Int(exactly: count.rounded())
    else { return "" }
    return ", as for \(whole) branches"
  }
}

extension RuleSubject {
  /// The deviation of most matrices, and whether other matrices have another one.
  fileprivate var usualDeviation: (value: Double, isMixed: Bool)? {
    var counts: [Double: Int] = [:]
    // Tables have deviations of their own.
    for entry in ledger?.entries ?? []
    where entry.declaration.type.rank >= 2 && entry.table == nil {
      guard case .normal(let deviation) = entry.declaration.initialiser, deviation > 0 else {
        continue
      }
      counts[deviation, default: 0] += 1
    }
    // The larger of two that are as frequent: what is scaled is smaller.
    let usual = counts.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key
    return usual.map { ($0, counts.count > 1) }
  }
}
