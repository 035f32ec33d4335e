// Elaborator+Schedule: the schedule of a `train` section, from its phases to the rate of any step.
// What a schedule is stands in Schedules; this only reads names, arguments, clauses and lengths.
import Diagnostics
import Schedules

/// The `schedule` line of a section.
struct ScheduleSyntax {
  var phases: [SchedulePhase]
  var convention: Name?
}

/// The lengths of one phase, as far as they are written.
private struct PhaseSpan {
  var length: Int?
  var until: Int?
}

extension Elaborator {
  /// Reads the phases, and joins them where everything is sound.
  mutating func elaborate(
    _ syntax: ScheduleSyntax, into plan: inout TrainingPlan, frame outer: Frame
  ) {
    let before = findings.count
    var frame = self.frame(naming: plan, in: outer)
    if let name = syntax.convention {
      let names = StepConvention.allCases.map(\.rawValue)
      if let convention = StepConvention(rawValue: name.text) {
        plan.convention = convention
      } else {
        reportUnknown(name, kind: "step convention", candidates: names)
      }
    }
    var requests: [Schedule.Phase] = []
    let spans = spans(of: syntax.phases, frame: &frame)
    var start = 0
    for (index, phase) in syntax.phases.enumerated() {
      let end = end(of: index, from: start, spans, syntax.phases)
      guard let form = form(of: phase.kind) else { continue }
      let arguments = arguments(phase.arguments, of: form, peak: plan.peak, frame: &frame)
      var planned = PlannedPhase(
        kind: phase.kind.text, start: start, end: end, from: nil, to: nil,
        arguments: arguments.compactMapValues(\.asNumber), range: phase.range)
      if let from = phase.from { planned.from = number(from, frame: &frame) }
      if let to = phase.to { planned.to = number(to, frame: &frame) }
      plan.schedule.append(planned)
      requests.append(
        Schedule.Phase(
          form, arguments, from: planned.from, to: planned.to, length: end.map { $0 - start }))
      start = end ?? start
    }
    // A negative peak is told where it is written.
    guard findings.count == before, let peak = plan.peak, peak >= 0 else { return }
    do throws(Schedule.PhaseFault) {
      plan.rates = try Schedule(peak: peak, requests, convention: plan.convention)
      plan.phases = requests
      // Cycled, PyTorch's SGD has a momentum also where it was made without one.
      if let momentum = plan.rates?.momentum(at: 0), plan.optimizer?.name == "sgd",
        plan.optimizer?.momentum == 0
      {
        plan.optimizer?.momentum = momentum
      }
    } catch {
      report(error, syntax.phases)
    }
    checkWarmup(syntax, plan)
  }

  /// The frame in which `peak` is the optimiser's rate, unless the model has a name of its own.
  ///
  /// A floor that is a share of it moves along where a study varies the rate.
  private func frame(naming plan: TrainingPlan, in frame: Frame) -> Frame {
    guard frame.statics["peak"] == nil else { return frame }
    var frame = frame
    if let peak = plan.peak {
      frame.statics["peak"] = StaticBinding(value: .float(peak), range: nil)
    } else if plan.faults.contains("optimizer") {
      // Its line has been reported, and is all that is wrong.
      frame.statics["peak"] = StaticBinding(value: .invalid, range: nil)
    }
    return frame
  }

  /// A run that ends before its warm-up never trains at the rate that it was planned with.
  private mutating func checkWarmup(_ syntax: ScheduleSyntax, _ plan: TrainingPlan) {
    guard let rates = plan.rates, rates.peak > 0, let first = syntax.phases.first,
      let planned = plan.schedule.first
    else { return }
    // A tool's own schedule is told how long the run is.
    let told = first.kind.text.contains(".") ? rates.end.map(Double.init) : nil
    guard let steps = plan.optimizerSteps(in: program) ?? told, steps >= 1, steps < 1e15 else {
      return
    }
    let names = [
      "num_warmup_steps", "warmup_iters", "lr_warmup_steps", "warmup_steps", "warmup_num_steps",
    ]
    let argument = first.arguments.first { names.contains($0.label?.text ?? "") }
    let length =
      first.kind.text == "warmup"
      ? planned.end
      : argument?.label.flatMap { planned.arguments[$0.text] }.flatMap { Int(exactly: $0) }
    let run = Int(steps.rounded(.up))
    guard let length, length >= run else { return }
    let reached = rates.rate(at: run - 1) / rates.peak
    guard reached < 1 - 1e-9 else { return }
    report(
      Diagnostic(
        id: "warmup-outlives-run", severity: .error,
        message: "the warm-up lasts \(length) steps, but the run has \(run)",
        range: argument?.value.range ?? first.range,
        facts: [
          .line(
            "the last update runs at \(Self.percent(reached * 100)) of the peak, the highest rate of all"
          )
        ]))
  }

  private func form(named name: String) -> ScheduleForm? { ScheduleCatalogue.form(name) }

  private mutating func form(of name: Name) -> ScheduleForm? {
    if let form = ScheduleCatalogue.form(name.text) { return form }
    let known = ScheduleCatalogue.forms.map { $0.name }
    // The tool left out, or all of the module's path written.
    let last = name.text.split(separator: ".").last.map(String.init) ?? name.text
    let meant = known.filter { $0.contains(".") && $0.hasSuffix("." + last) }
    if let meant = meant.first {
      report(
        Diagnostic(
          id: "unknown-name", severity: .error,
          message: "there is no schedule phase `\(name.text)`; did you mean `\(meant)`?",
          range: name.range, fixes: [.renaming(name.range, to: meant)]))
      return nil
    }
    let room = name.text.contains(".") ? name.text.prefix { $0 != "." } + "." : ""
    let near = known.filter { room.isEmpty ? !$0.contains(".") : $0.hasPrefix(room) }
    reportUnknown(
      name, kind: "schedule phase",
      candidates: Nearest.match(name.text, in: known).map { [$0] } ?? (near.isEmpty ? known : near))
    return nil
  }

  // MARK: Lengths

  private mutating func spans(of phases: [SchedulePhase], frame: inout Frame) -> [PhaseSpan] {
    phases.map { phase in
      PhaseSpan(
        length: phase.length.flatMap { steps($0, "a number of steps", frame: &frame) },
        until: phase.until.flatMap { steps($0, "a step", frame: &frame) })
    }
  }

  private mutating func steps(
    _ expression: Expression, _ what: String, frame: inout Frame
  ) -> Int? {
    let value = evaluateStatic(expression, frame: &frame)
    if let number = value.integerValue, number >= 0 { return number }
    if value != .invalid {
      report(
        Diagnostic(
          id: "plan-out-of-range", severity: .error,
          message: "\(what) must be a whole number of at least 0, found \(value.text)",
          range: expression.range))
    }
    return nil
  }

  /// Where a phase ends.
  ///
  /// One that does not say ends where the next, which says all, begins.
  private mutating func end(
    of index: Int, from start: Int, _ spans: [PhaseSpan], _ phases: [SchedulePhase]
  ) -> Int? {
    let span = spans[index]
    if let until = span.until {
      if let length = span.length, until - length != start {
        reportOrder(
          "this phase begins at step \(until - length), but the one before it ends at step \(start)",
          phases[index].until?.range, start, index, phases)
      } else if until <= start, span.length != 0 {
        reportOrder(
          "this phase ends at step \(until), but begins at step \(start)",
          phases[index].until?.range, start, index, phases)
      }
      return max(until, start)
    }
    if let length = span.length {
      let (sum, overflow) = start.addingReportingOverflow(length)
      return overflow ? .max : sum
    }
    guard index + 1 < spans.count, let until = spans[index + 1].until,
      let length = spans[index + 1].length
    else { return nil }
    let end = Mathematics.difference(until, length)
    if end < start {
      reportOrder(
        "the phase after this one begins at step \(end), but this one at step \(start)",
        phases[index].range, start, index, phases)
    }
    return max(end, start)
  }

  private mutating func reportOrder(
    _ message: String, _ range: SourceRange?, _ start: Int, _ index: Int, _ phases: [SchedulePhase]
  ) {
    var diagnostic = Diagnostic(
      id: "schedule-out-of-order", severity: .error, message: message, range: range,
      notes: index > 0
        ? [
          Note(
            message: "the phase before it ends at step \(start)", range: phases[index - 1].range)
        ] : [])
    if index == 1, phases[0].kind.text == "warmup", start > 0, range == phases[1].until?.range,
      case .integer(.some(let until), _)? = phases[1].until?.kind, until <= start
    {
      let share = Double(until) / Double(start) * 100
      diagnostic.facts = [
        .line(
          "a run of \(until) steps ends inside the warm-up, at \(Self.percent(share)) of the peak")
      ]
    }
    report(diagnostic)
  }

  private static func percent(_ value: Double) -> String {
    "\((value * 10).rounded() / 10) %"
  }

  // MARK: Arguments

  private mutating func arguments(
    _ syntax: [Argument], of form: ScheduleForm, peak: Double?, frame: inout Frame
  ) -> [String: ScheduleValue] {
    var result: [String: ScheduleValue] = [:]
    for (index, argument) in syntax.enumerated() {
      let parameter: ScheduleParameter?
      if let label = argument.label {
        parameter = form.parameters.first { $0.name == label.text }
        if parameter == nil {
          reportUnknown(
            label, kind: "argument of `\(form.name)`", candidates: form.parameters.map { $0.name })
        }
      } else {
        parameter = index < form.parameters.count ? form.parameters[index] : nil
        if parameter == nil {
          reportArgument(
            "`\(form.name)` takes \(form.parameters.count) arguments, found \(syntax.count)",
            argument.value.range)
        }
      }
      guard let parameter else { continue }
      if result[parameter.name] != nil {
        reportArgument("`\(parameter.name)` is given twice", argument.value.range)
        continue
      }
      guard let value = value(argument.value, for: parameter, peak: peak, frame: &frame) else {
        continue
      }
      if let complaint = parameter.complaint(about: value) {
        reportArgument(
          "`\(parameter.name)` of `\(form.name)` \(complaint)", argument.value.range)
      }
      result[parameter.name] = value
    }
    return result
  }

  private mutating func reportArgument(_ message: String, _ range: SourceRange) {
    report(
      Diagnostic(id: "schedule-argument", severity: .error, message: message, range: range))
  }

  private mutating func value(
    _ expression: Expression, for parameter: ScheduleParameter, peak: Double?, frame: inout Frame
  ) -> ScheduleValue? {
    switch parameter.kind {
    case .formula: return formula(expression, frame: &frame).map { .formula($0) }
    case .schedules:
      guard case .list(let items) = expression.kind else {
        return ScheduleValue.none
      }
      let curves = items.compactMap { curve($0, peak: peak, frame: &frame) }
      return curves.count == items.count ? .list(curves) : nil
    default:
      let value = evaluateStatic(expression, frame: &frame)
      return value == .invalid ? nil : ScheduleValue(value)
    }
  }

  /// A schedule among the arguments of another.
  private mutating func curve(
    _ expression: Expression, peak: Double?, frame: inout Frame
  ) -> ScheduleValue? {
    guard case .call(let call) = expression.kind, call.pattern == nil, call.bindings.isEmpty else {
      reportArgument(
        "expected a schedule such as `torch.StepLR(step_size: 30)`", expression.range)
      return nil
    }
    let before = findings.count
    guard let form = form(of: Name(text(call.callee.range), call.callee.range)) else { return nil }
    guard !form.needsLength else {
      reportArgument(
        "`\(form.name)` is a phase: only tools' own schedules can be arguments",
        call.callee.range)
      return nil
    }
    var request = ScheduleRequest(peak: peak ?? 1)
    request.arguments = arguments(call.arguments, of: form, peak: peak, frame: &frame)
    guard findings.count == before else { return nil }
    do throws(ScheduleFault) {
      return .curve(try form.make(request))
    } catch {
      let place = call.arguments.first { $0.label?.text == error.argument && $0.label != nil }
      reportArgument(error.message, place?.value.range ?? expression.range)
      return nil
    }
  }

  private mutating func report(_ fault: Schedule.PhaseFault, _ phases: [SchedulePhase]) {
    let phase = phases.indices.contains(fault.phase) ? phases[fault.phase] : nil
    let argument = fault.fault.argument
    let labelled = phase?.arguments.first { $0.label != nil && $0.label?.text == argument }
    let range =
      switch argument {
      case "from": phase?.from?.range
      case "to": phase?.to?.range
      case "steps": phase?.length?.range
      default: labelled?.value.range
      }
    report(
      Diagnostic(
        id: "schedule-argument", severity: .error, message: fault.fault.message,
        range: range ?? phase?.range,
        facts: fault.fault.help.map { [.line($0)] } ?? []))
  }
}

extension ScheduleValue {
  /// A static value as an argument.
  fileprivate init(_ value: StaticValue) {
    switch value {
    case .integer(let number, _): self = .integer(number)
    case .float(let number): self = .number(number)
    case .boolean(let flag): self = .flag(flag)
    case .string(let text): self = .text(text)
    case .list(let values): self = .list(values.map { ScheduleValue($0) })
    default: self = .none
    }
  }

  fileprivate var asNumber: Double? {
    switch self {
    case .number(let value): value
    case .integer(let value): Double(value)
    default: nil
    }
  }
}
