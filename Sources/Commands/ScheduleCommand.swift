// ScheduleCommand: `plumbline schedule`, the learning rate of every update, drawn and proved.
// What is true of a schedule is decided in Validation; this chooses steps, names and formats.
import Diagnostics
import Language
import PlumblineKit
import Schedules
import Validation

extension Command {
  /// `plumbline schedule FILE…`.
  static var schedule: Command {
    Command(
      CommandSpecification(
        name: "schedule", summary: "Draw the learning rate and decide what is true of it",
        operand: .models,
        options: [
          .set,
          OptionSpecification(
            "steps", .integer("N"), summary: "updates of the run; the plan's unless told"),
          OptionSpecification(
            "as", .choice("CONVENTION", StepConvention.allCases.map(\.rawValue)),
            isRepeatable: true,
            summary: "count steps as this tool does; again to compare several"),
          OptionSpecification(
            "with", .text("SCHEDULE"), isRepeatable: true,
            summary: "add a schedule, as its line in a `train` section says it"),
          OptionSpecification(
            "plot", .text("FILE.svg"), summary: "draw all schedules over one another"),
          .reportFormat,
        ],
        details: [
          "What is said of a run is proved from the closed forms of the schedule where it has",
          "them, and else evaluated at every single step; the report says which.",
          "conventions:",
        ] + StepConvention.allCases.map { "  \($0.rawValue): \($0.summary)" },
        example: "plumbline schedule models/tinystories.model --as nanogpt --plot rates.svg")
    ) { (invocation: Invocation) throws(CommandFailure) -> Outcome in
      try ScheduleRun(invocation).outcome()
    }
  }
}

/// One use of the command.
private struct ScheduleRun {
  private let invocation: Invocation
  private var reports: [ScheduleReport] = []
  private var problems: [FileCheck] = []
  private var warnings = ""
  private let steps: Int?

  init(_ invocation: Invocation) throws(CommandFailure) {
    self.invocation = invocation
    steps = invocation.arguments.integer("steps")
    if let steps, !(1...1_000_000_000_000).contains(steps) {
      throw .usage(UsageError("`--steps` must be from 1 to 1,000,000,000,000, found \(steps)"))
    }
  }

  func outcome() throws(CommandFailure) -> Outcome {
    var copy = self
    try copy.collect()
    guard copy.problems.isEmpty else { return copy.findings }
    let reports = copy.reports
    if let path = invocation.arguments.value("plot") {
      let title = reports.count == 1 ? "\(reports[0].name): \(reports[0].phases)" : "Learning rates"
      let svg = RatePlot(title: title, reports.map(\.series)).svg
      do throws(UnreadableFile) {
        try Workspace.write(svg, to: path)
      } catch {
        throw .unreadable(error)
      }
    }
    return Outcome(
      output: invocation.wantsJSON
        ? ScheduleReport.json(reports) : reports.map(\.text).joined(separator: "\n"),
      errors: copy.warnings)
  }

  private var findings: Outcome {
    let output =
      invocation.wantsJSON
      ? JSONRenderer.render(CheckReport(files: problems.map(\.report)))
      : problems.compactMap { $0.text(color: invocation.surroundings.color) }.joined()
    return Outcome(.findings, output: output)
  }

  // MARK: Reading

  private mutating func collect() throws(CommandFailure) {
    let settings = try invocation.settings()
    var first: TrainingPlan?
    for path in invocation.arguments.operands {
      let check = FileCheck(path, settings: settings, invocation)
      if let file = check.unreadable { throw .unreadable(file) }
      guard let loaded = check.loaded, loaded.model != nil, !loaded.isUnsound else {
        problems.append(check)
        continue
      }
      let plans = (Workspace.others(of: loaded) + [loaded]).compactMap { $0.model?.plan }
        .filter { $0.peak != nil }
      guard !plans.isEmpty else {
        throw .usage(
          UsageError("\(check.path): no `train` section with an optimizer, so no learning rate"))
      }
      for plan in plans {
        first = first ?? plan
        try add(plan, path: check.path)
      }
    }
    for text in invocation.arguments.all("with") {
      guard let first else { continue }
      try add(text, like: first)
    }
  }

  private mutating func add(_ plan: TrainingPlan, path: String) throws(CommandFailure) {
    let isKnown = reports.contains { $0.name == plan.model }
    let name = isKnown ? "\(plan.model) (\(path))" : plan.model
    let conventions = invocation.arguments.all("as").compactMap { StepConvention(rawValue: $0) }
    guard !conventions.isEmpty else {
      guard let schedule = plan.trainingSchedule else { return }
      return append(schedule, name, plan)
    }
    for convention in conventions {
      do throws(Schedule.PhaseFault) {
        let schedule = try Schedule(peak: plan.peak ?? 0, plan.phases, convention: convention)
        append(schedule, conventions.count > 1 ? "\(name) as \(convention.rawValue)" : name, plan)
      } catch {
        throw .usage(
          UsageError(
            "\(name) can't be counted as \(convention.rawValue) does: \(error.description)"))
      }
    }
  }

  /// A schedule of the command line, with the rate and the run of the first plan.
  private mutating func add(_ text: String, like plan: TrainingPlan) throws(CommandFailure) {
    let schedule: Schedule
    do throws(LearningRates.Refusal) {
      schedule = try LearningRates.plan(text, peak: plan.peak ?? 0).schedule
    } catch {
      throw .usage(UsageError("`--with \(text)`: \(error.description)"))
    }
    append(schedule, text, plan)
  }

  private mutating func append(_ schedule: Schedule, _ name: String, _ plan: TrainingPlan) {
    var note: String?
    var run = steps
    if run == nil, let planned = plan.optimizerSteps, planned.isFinite, planned < 1e15 {
      run = max(Int(planned.rounded(.up)), 1)
    }
    if run == nil {
      if let end = schedule.end, end > 0 {
        run = end
        note = "the schedule's own end; the plan does not say"
      } else {
        run = 1_000
        note = "a choice of ours; choose with --steps"
      }
    }
    reports.append(
      ScheduleReport(
        name: name, audit: ScheduleAudit(schedule, steps: run ?? 1), note: note))
  }
}
