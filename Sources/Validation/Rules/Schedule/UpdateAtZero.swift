// UpdateAtZero: updates that change nothing, because their rate is exactly 0.
// Apart from a rate of zero that was written as the optimiser's, which learns nothing at all.
import Diagnostics
import Schedules

/// An update runs at a rate of exactly zero: it reads data and changes nothing.
///
/// Warm-up counted as i/n starts at 0, as transformers and Megatron do; nanoGPT counts (i+1)/(n+1).
/// One lost update of thousands is no matter, so the rule tells of it only where the file names the
/// convention that counts so, or a tool's schedule that does, or asks with
/// `treat update-at-zero as note because …`. A warm-up of a
/// single update, which is nothing but an update at zero, and more than a hundredth of the run at
/// zero are always told.
///
/// - Example: schedule warmup 100 steps, then cosine to 6e-5 at step 1_000 as transformers
/// - Remedy: Start above zero, `warmup 100 steps from 1e-6`, or count as nanogpt does.
/// - Catalogue: T10
enum UpdateAtZero: Rule {
  static let id = "update-at-zero"
  static let severity = Severity.note
  static let readsModel = false

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let plan = subject.plan, let audit = subject.scheduleAudit, audit.schedule.peak > 0 else {
      return []
    }
    let zero = audit.zeroRanges
    let count = zero.reduce(0) { $0 + $1.count }
    guard let first = zero.first, count > 0 else { return [] }
    let isFirst = first.lowerBound == 0
    // A decay that ends at zero ends there; what is spent at zero behind it is another matter.
    let isMuch = count > 1 && Double(count) > Double(audit.steps) / 100
    let warmUp = plan.schedule.first.flatMap { $0.kind == "warmup" ? $0.end : nil }
    let isNamed = subject.namesConvention && isFirst
    guard isMuch || isFirst && warmUp == 1 || isNamed || subject.asks(for: id) else { return [] }
    var result = finding(
      count == 1
        ? "update \(first.lowerBound) has a rate of 0 and changes nothing"
        : "\(subject.grouped(count)) updates have a rate of 0 and change nothing",
      at: subject.line("schedule"),
      facts: isFirst
        ? ["counted as \(subject.convention.rawValue) does: \(subject.convention.summary)"]
        : ["from step \(subject.grouped(first.lowerBound)) on"])
    if isMuch { result.severity = .warning }
    return [result]
  }
}

extension RuleSubject {
  /// Whether the plan says whose counting of steps is meant, alone or by a schedule of that tool.
  fileprivate var namesConvention: Bool {
    if plan?.schedule.first?.kind.contains(".") == true { return true }
    for case .schedule(_, let convention, _)? in train?.members ?? [] where convention != nil {
      return true
    }
    return false
  }

  /// The convention, or that of the tool whose schedule is named.
  fileprivate var convention: StepConvention {
    let tool = plan?.schedule.first?.kind.split(separator: ".").dropLast().first.map(String.init)
    let named = tool.flatMap { $0 == "torch" ? .pytorch : StepConvention(rawValue: $0) }
    return named ?? plan?.convention ?? .plumbline
  }

  /// Whether the file asks to hear of findings that are otherwise kept quiet.
  func asks(for id: String) -> Bool {
    (model.policies.map(\.policy) + (plan?.policies ?? [])).contains {
      $0.id.text == id && $0.severity != nil
    }
  }
}
