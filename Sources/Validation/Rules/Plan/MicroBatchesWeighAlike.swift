// MicroBatchesWeighAlike: means of micro-batches that rest on different numbers of targets.
// Apart from the size of a step, which counts tokens whether they are graded or not.
import Diagnostics
import Language

/// Gradients are accumulated over micro-batches whose losses leave out some of the targets.
///
/// The loss is a mean over the targets that count. Micro-batches with few of them, because of
/// padding or masked prompts, then weigh as much as full ones, unless the sums are divided by the
/// targets of the whole update. `plumbline run` does that, and transformers since 4.46; a loop that
/// divides each loss by the number of micro-batches does not.
///
/// - Example: batch B = 8, T = 256, accumulate 4 with ignore: -100
/// - Remedy: Divide by the targets of the whole update, and allow the finding with that reason.
/// - Catalogue: T15
enum MicroBatchesWeighAlike: Rule {
  static let id = "micro-batches-weigh-alike"
  static let severity = Severity.note

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let plan = subject.plan, plan.accumulate > 1, let ignored = subject.ignoredTarget else {
      return []
    }
    return [
      finding(
        "\(plan.accumulate) micro-batches may weigh alike, though each has its own number of"
          + " targets that count",
        at: subject.line("batch"),
        facts: [
          "the loss is a mean over targets that are not \(ignored.value)",
          "a mean of \(plan.accumulate) means is the mean of all only where the numbers are equal",
        ],
        notes: [Note(message: "targets are left out here", range: ignored.range)])
    ]
  }
}

extension RuleSubject {
  /// The target that the loss of the plan leaves out, as far as the plan writes one.
  var ignoredTarget: (value: Int, range: SourceRange)? {
    for case .loss(let expression, _)? in train?.members.reversed() ?? [] {
      guard case .call(let call) = expression.kind,
        let argument = call.arguments.last(where: { $0.label?.text == "ignore" }),
        let value = LossReading(self)?.ignored
      else { return nil }
      return (value, argument.value.range)
    }
    return nil
  }
}
