// StudyRunsRepeat: runs of a study that train the same weights in the same way.
// Apart from values that are written twice: here the names differ and the layers do not.
import Diagnostics
import Language

/// Two sets of targets of a study adapt the same layers, so their runs are repeats.
///
/// A name that matches nothing is passed over by PEFT without a word: `q_proj, v_proj` beside
/// `c_attn` on GPT-2 adds nothing. With the seed fixed, the runs differ in nothing.
///
/// - Example: vary targets = "c_attn", "q_proj, v_proj, c_attn"
/// - Remedy: Remove the set, or name the layers that were meant.
/// - Catalogue: L02
enum StudyRunsRepeat: Rule {
  static let id = "study-runs-repeat"

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    let sets = subject.studySets
    guard let plan = subject.plan, sets.count > 1 else { return [] }
    let others = plan.variations.filter { $0.name.text != "targets" }
    let each = others.reduce(1) { count, axis in
      let (product, overflow) = count.multipliedReportingOverflow(by: max(axis.values.count, 1))
      return overflow ? Int(Int32.max) : product
    }
    var found: [Diagnostic] = []
    for (index, set) in sets.enumerated() where !set.sites.isEmpty {
      guard let first = sets[..<index].first(where: { $0.sites == set.sites }) else { continue }
      found.append(
        finding(
          "\(subject.grouped(each)) of the \(subject.grouped(each * sets.count)) runs are repeats:"
            + " these names adapt the same \(set.sites.count) layers as another set",
          at: set.range,
          facts: others.map { "\($0.name.text): \($0.values.count) values" }
            + ["targets: \(sets.count) sets"],
          notes: [Note(message: "the same layers", range: first.range)]))
    }
    return found
  }
}
