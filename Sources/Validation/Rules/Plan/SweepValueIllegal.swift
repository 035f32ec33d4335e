// SweepValueIllegal: a value of a study with which no run could start.
// Apart from values that are legal and say nothing, such as repeats.
import Diagnostics
import Language

/// An axis of a study holds a value with which there is no model, or no training.
///
/// Every value of a config field is tried before the sweep starts: the model is elaborated with it,
/// and what it breaks is told here instead of in the twelfth run. Values that are legal one by one
/// are tried together too, since a study trains every combination. Rates, steps, epochs and ranks
/// must be above 0.
///
/// - Example: vary heads = 8, 10, 12 for a width of 768
/// - Remedy: Remove the value, or use the nearest legal one.
/// - Catalogue: T20
enum SweepValueIllegal: Rule {
  static let id = "sweep-value-illegal"
  static let severity = Severity.error
  static let readsModel = false

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    plainValues(subject) + subject.studyTrials.flatMap { refused($0, subject) }
  }

  /// Numbers that are wrong whatever the model is.
  private static func plainValues(_ subject: RuleSubject) -> [Diagnostic] {
    let positive: Set<String> = ["rate", "steps", "epochs", "rank"]
    var found: [Diagnostic] = []
    for axis in subject.plan?.variations ?? [] where positive.contains(axis.name.text) {
      for (value, range) in zip(axis.values, axis.ranges) {
        guard let number = value.asDouble, number <= 0 else { continue }
        found.append(
          finding("`\(axis.name.text)` is \(value.text), expected more than 0", at: range))
      }
    }
    return found
  }

  private static func refused(_ trial: StudyTrial, _ subject: RuleSubject) -> [Diagnostic] {
    guard let mistake = trial.mistake, let place = trial.settings.last?.range else { return [] }
    let words = trial.settings.map { "\($0.name) = \($0.text)" }.joined(separator: ", ")
    let alike =
      trial.alike == 0
      ? []
      : [
        trial.alike == 1
          ? "one more combination fails in the same way"
          : "\(trial.alike) more combinations fail in the same way"
      ]
    return [
      finding(
        "`\(words)` makes no model: \(mistake.message)", at: place,
        facts: mistake.facts.map(\.text).filter { !$0.isEmpty } + alike,
        notes: (mistake.range.map { [Note(message: "it fails here", range: $0)] } ?? [])
          + trial.settings.dropLast().map {
            Note(message: "together with `\($0.name) = \($0.text)`", range: $0.range)
          })
    ]
  }
}
