// MilestonesOutOfOrder: milestones that do not rise, or stand in the list twice.
// Apart from milestones beyond the run, which are in order and never reached.
import Diagnostics
import Language

/// The milestones of a schedule are not in rising order, or one stands there twice.
///
/// PyTorch asks for increasing milestones, sorts them without a word, and lowers the rate twice at
/// one that stands there twice. Mostly a digit is missing.
///
/// - Example: torch.MultiStepLR(milestones: [30_000, 3_000])
/// - Remedy: Write each milestone once, the earliest first.
/// - Catalogue: T07
enum MilestonesOutOfOrder: Rule {
  static let id = "milestones-out-of-order"
  static let readsModel = false

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    var found: [Diagnostic] = []
    for case .schedule(let phases, _, _)? in subject.train?.members ?? [] {
      for phase in phases {
        for argument in phase.arguments where isList(argument, of: phase) {
          found += complaints(about: argument.value)
        }
      }
    }
    return found
  }

  private static func isList(_ argument: Argument, of phase: SchedulePhase) -> Bool {
    guard let label = argument.label?.text else { return phase.kind.text == "milestones" }
    return label == "milestones" || phase.kind.text == "milestones" && label == "at"
  }

  private static func complaints(about list: Expression) -> [Diagnostic] {
    guard case .list(let items) = list.kind else { return [] }
    for (before, item) in zip(items, items.dropFirst()) {
      guard case .integer(.some(let first), _) = before.kind,
        case .integer(.some(let second), _) = item.kind, second <= first
      else { continue }
      return [
        finding(
          first == second
            ? "the milestone \(second) stands there twice"
            : "the milestone \(second) stands behind \(first)",
          at: item.range,
          facts: [
            first == second
              ? "the rate is lowered twice at that step"
              : "they act in rising order, whatever their order here"
          ])
      ]
    }
    return []
  }
}
