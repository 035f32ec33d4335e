// PlanForecast: what a `train` section comes to: steps, tokens, rates, decay, work and idle weights.
// Numbers only; memory, which needs the executor's plan, and the printing are made elsewhere.
import Analysis
import Autodiff
import Dimensions
import IR
import Language
import Schedules

/// A training plan in numbers.
package struct PlanForecast: Sendable {
  /// Some of the weights.
  package struct Group: Hashable, Sendable {
    package var tensors: Int
    package var elements: Int
  }

  /// The rate at a step that says something.
  package struct Point: Hashable, Sendable {
    package var step: Int
    package var rate: Double
    package var what: String
  }

  /// FLOPs of contractions.
  package struct PlannedWork: Hashable, Sendable {
    /// One update, all its micro-batches together.
    package var forward: Double
    package var backward: Double
    /// The whole run; `nil` when its length is not known.
    package var run: Double?

    package var update: Double { forward + backward }
  }

  /// Weights that the run leaves as they are.
  package struct Idle: Hashable, Sendable {
    package var what: String
    package var elements: Int
  }

  package let plan: TrainingPlan
  /// `B = 48, T = 512`.
  package let batchText: String
  package let tokensPerStep: Int?
  package let examplesPerStep: Int?
  /// The length of the run and how it comes about.
  package let steps: Double?
  package let stepsDerivation: String?
  /// How often the data is read; `nil` without a `data` line.
  package let epochs: Double?
  /// Tokens that the run reads.
  package let tokens: Double?
  package let totals: ParameterLedger.Totals?
  package let points: [Point]
  /// Updates of warm-up; `nil` without one.
  package let warmUp: Int?
  package let decayed: Group?
  package let spared: Group?
  package let idle: [Idle]
  /// `nil` when a dimension has no size or the loss can't be differentiated.
  package let work: PlannedWork?
  /// Why there is no figure of work.
  package let workNote: String?
  /// What generating with the trained model keeps; `nil` when it does not generate token by token.
  package let cache: KeyValueCache?

  /// Whether the section says no more than how the loss is computed.
  package var isEmpty: Bool {
    plan.batch.isEmpty && plan.optimizer == nil && plan.length == nil && plan.dataAmount == nil
  }

  /// Tokens read for each parameter.
  package var tokensPerParameter: Double? {
    guard let tokens, let total = totals?.total, total > 0 else { return nil }
    return tokens / Double(total)
  }

  /// - Returns: `nil` when the model has no `train` section.
  package init?(_ subject: RuleSubject) {
    guard let plan = subject.plan else { return nil }
    self.plan = plan
    batchText = subject.batchText
    tokensPerStep = plan.tokensPerStep
    examplesPerStep = subject.examplesPerStep
    let planned = subject.plannedSteps
    steps = planned?.count
    stepsDerivation = planned?.derivation
    totals = subject.ledger?.totals
    if let steps = planned?.count, let each = subject.dataPerStep, let amount = plan.dataAmount,
      amount > 0
    {
      epochs = steps * Double(each) / amount
    } else {
      epochs = plan.lengthUnit == "epochs" ? plan.length.map(Double.init) : nil
    }
    tokens = planned.flatMap { steps in plan.tokensPerStep.map { steps.count * Double($0) } }
    points = PlanForecast.points(of: plan, steps: planned?.count)
    warmUp = plan.schedule.first.flatMap { $0.kind == "warmup" ? $0.end : nil }
    (decayed, spared) = PlanForecast.groups(of: subject, plan)
    idle = subject.idleWeights
    (work, workNote) = PlanForecast.work(of: subject, plan, steps: planned?.count)
    let generates = subject.sites.attentions.contains(where: \.hidesFuture)
    cache = generates ? KeyValueCache(subject.program) : nil
  }

  // MARK: Rates

  /// The rates at the start, at the end of each phase, at quarters of the run and at its last step.
  private static func points(of plan: TrainingPlan, steps: Double?) -> [Point] {
    guard let schedule = plan.trainingSchedule else { return [] }
    let last = steps.flatMap { Int(exactly: $0.rounded(.up)) }.map { max($0 - 1, 0) }
    var what: [Int: String] = [0: "first update"]
    if let last, last > 0 {
      for (share, name) in [(1, "a quarter"), (2, "half"), (3, "three quarters")] {
        let (product, overflow) = last.multipliedReportingOverflow(by: share)
        what[overflow ? last / 4 * share : product / 4] = "\(name) of the run"
      }
    }
    for (joint, phase) in zip(schedule.joints.prefix(6), schedule.names) {
      what[joint] = "\(phase) ends"
    }
    if let last { what[last] = "last update" }
    return what.keys.sorted().filter { $0 <= last ?? .max }.map {
      Point(step: $0, rate: schedule.rate(at: $0), what: what[$0] ?? "")
    }
  }

  // MARK: Weights

  private static func groups(
    of subject: RuleSubject, _ plan: TrainingPlan
  ) -> (decayed: Group?, spared: Group?) {
    guard let ledger = subject.ledger, let groups = DecayGroups(plan.decay, ledger) else {
      return (nil, nil)
    }
    func group(_ isDecayed: Bool) -> Group {
      let sum = DecayGroups.total(groups.members.filter { $0.isDecayed == isDecayed })
      return Group(tensors: sum.tensors, elements: sum.elements)
    }
    return (group(true), group(false))
  }

  // MARK: Work

  private static func work(
    of subject: RuleSubject, _ plan: TrainingPlan, steps: Double?
  ) -> (PlannedWork?, String?) {
    var program = subject.program
    guard program.loss != nil else { return (nil, "the model has no loss") }
    let derivative: DerivativeID
    do {
      derivative = try program.differentiateLoss()
    } catch {
      return (nil, "the backward pass can't be built: \(error.message)")
    }
    guard let loss = program.loss else { return (nil, "the model has no loss") }
    let sums = WorkSums(program)
    guard let forward = sums[loss].flops.evaluate(plan.batch),
      let backward = sums[derivative].flops.evaluate(plan.batch)
    else {
      let open = program.dimensions.map(\.symbol).filter { plan.batch[$0] == nil }
      let names = open.map { "`\($0.name)`" }.joined(separator: ", ")
      return (nil, "the `batch` line gives no size for \(names)")
    }
    let times = Double(plan.accumulate)
    var work = PlannedWork(
      forward: Double(forward) * times, backward: Double(backward) * times, run: nil)
    work.run = steps.map { $0 * work.update }
    return (work, nil)
  }
}

extension RuleSubject {
  /// Weights that the plan never changes: frozen ones, and rows that no sequence reaches.
  var idleWeights: [PlanForecast.Idle] {
    var found = idleRows.map { rows in
      PlanForecast.Idle(
        what: "rows \(rows.asked)...\(rows.rows - 1) of `\(text(rows.lookup.site.range))`",
        elements: rows.elements)
    }
    if let frozen = ledger?.totals.frozen, frozen > 0 {
      found.append(PlanForecast.Idle(what: "frozen weights", elements: frozen))
    }
    return found
  }
}
