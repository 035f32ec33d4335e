// SweepRepeatsValue: an axis of a study that holds one value twice.
// Apart from axes whose different values make the same model.
import Diagnostics
import Language

/// An axis of a study lists the same value more than once.
///
/// With the seed fixed the runs are the same to the bit; their agreement says nothing.
///
/// - Example: vary rate = 1e-4, 3e-4, 0.0001
/// - Remedy: Remove the repeat, or vary the seed.
/// - Catalogue: T20
enum SweepRepeatsValue: Rule {
  static let id = "sweep-repeats-value"
  static let readsModel = false

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    var found: [Diagnostic] = []
    for axis in subject.plan?.variations ?? [] {
      for (index, value) in axis.values.enumerated() {
        let isSame: (StaticValue) -> Bool = { other in
          value.asDouble.map { $0 == other.asDouble } ?? (value == other)
        }
        guard let first = axis.values[..<index].firstIndex(where: isSame) else { continue }
        found.append(
          finding(
            "`\(axis.name.text)` takes \(subject.text(axis.ranges[index])) twice",
            at: axis.ranges[index],
            notes: [Note(message: "the same value stands here", range: axis.ranges[first])]))
      }
    }
    return found
  }
}
