// SweepValuesAlike: two values of a study that make one and the same model.
// Apart from values that are written twice: these differ in the file, and not in what is trained.
import Diagnostics
import Language

/// Two values of a config field that a study varies make the same model.
///
/// Rounding does it: with a feed-forward width rounded up to a multiple of 256, two factors come to
/// one width. With the seed fixed, the runs are the same to the bit. A field that nothing in the
/// file reads, such as a share of dropout, stays silent: it may act elsewhere.
///
/// - Example: vary multiple = 64, 128 where both round 2,048 to itself
/// - Remedy: Remove one of the values, or space them further apart.
/// - Catalogue: T20
enum SweepValuesAlike: Rule {
  static let id = "sweep-values-alike"

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    subject.studyTrials.compactMap { trial in
      guard let twin = trial.twin, let setting = trial.settings.last, trial.settings.count == 1
      else { return nil }
      return finding(
        "`\(setting.name) = \(setting.text)` makes the same model as `\(twin.name) = \(twin.text)`",
        at: setting.range,
        facts: ["every weight and every operation is the same"],
        notes: [Note(message: "the other value stands here", range: twin.range)])
    }
  }
}
