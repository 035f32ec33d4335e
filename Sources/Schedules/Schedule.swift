// Schedule: the learning rate of every update, made from phases under a convention.
// Data, so that plans are checked, drawn and printed from what training uses.

/// The learning rate as a function of the step.
///
/// `rate(at: i)` is in force for update `i`, counted from zero. Under the house's own convention
/// `warmup 200 steps` has the rate `peak · i / 200`, so that step 200 is the first with the whole
/// peak; a phase reaches its final rate at its end, where the next begins.
package struct Schedule: Hashable, Sendable {
  /// A phase as it is asked for.
  package struct Phase: Sendable {
    package var form: ScheduleForm
    package var arguments: [String: ScheduleValue]
    package var from: Double?
    package var to: Double?
    /// How many steps it has; `nil` for a last phase that goes on for ever.
    package var length: Int?

    package init(
      _ form: ScheduleForm, _ arguments: [String: ScheduleValue] = [:], from: Double? = nil,
      to: Double? = nil, length: Int? = nil
    ) {
      self.form = form
      self.arguments = arguments
      self.from = from
      self.to = to
      self.length = length
    }
  }

  /// A phase that can't be made.
  package struct PhaseFault: Error, Hashable, Sendable, CustomStringConvertible {
    package var phase: Int
    package var fault: ScheduleFault

    package var description: String { fault.message }
  }

  /// The highest rate that the schedule means to reach.
  package let peak: Double
  /// The rate at which it means to end; `nil` where it does not say.
  package let floor: Double?
  /// The step at which it means to end; `nil` where it does not say.
  package let end: Int?
  package let convention: StepConvention
  /// The steps at which one phase hands over to the next.
  package let joints: [Int]
  /// The name of each phase.
  package let names: [String]
  private let joined: JoinedCurve

  /// Joins phases.
  ///
  /// - Throws: ``PhaseFault`` for the first phase that can't be.
  package init(
    peak: Double, _ phases: [Phase], convention: StepConvention = .plumbline
  ) throws(PhaseFault) {
    guard peak.isFinite, peak >= 0 else {
      throw PhaseFault(
        phase: 0,
        fault: ScheduleFault("the peak rate must be a number of at least 0, found \(peak)"))
    }
    var builder = ScheduleBuilder(peak: peak, convention: convention)
    for (index, phase) in phases.enumerated() {
      do {
        try builder.add(phase, isLast: index == phases.count - 1)
      } catch {
        throw PhaseFault(phase: index, fault: error)
      }
    }
    joined = JoinedCurve(
      builder.parts.isEmpty ? [.init(ConstantCurve(peak), from: 0)] : builder.parts)
    self.peak = builder.highest
    self.convention = convention
    end = builder.end
    floor = builder.floor
    joints = builder.parts.dropFirst().map(\.begin)
    names = phases.map(\.form.name)
  }

  /// The rate in force for a step; that of step 0 before it.
  package func rate(at step: Int) -> Double { joined.rate(at: max(step, 0)) }

  /// The momentum of SGD, or Adam's first beta, in force for a step; `nil` where the optimiser's own
  /// stays, as under most schedules.
  package func momentum(at step: Int) -> Double? { joined.momentum(at: max(step, 0)) }

  /// The rates of steps `0 ..< count`.
  package func rates(_ count: Int) -> [Double] { joined.rates(count) }

  /// The parts that are joined, for proofs about their joints.
  package var parts: [JoinedCurve.Part] { joined.parts }

  /// Stretches in each of which the rate moves one way; `nil` where no closed form tells.
  package func pieces(until horizon: Int) -> [RatePiece]? { joined.pieces(until: horizon) }

  /// The last step that has a rate; `nil` when every step has one.
  package var lastStep: Int? { joined.lastStep }
}

/// What is known while phases are joined.
private struct ScheduleBuilder {
  let peak: Double
  let convention: StepConvention
  var parts: [JoinedCurve.Part] = []
  /// Steps as they are written, before the phase that comes next.
  var before = 0
  /// The rate at which the last phase ended.
  var rate: Double
  var highest: Double
  var end: Int?
  var floor: Double?
  /// Whether the convention puts what follows a warm-up one update later.
  var isLate = false

  init(peak: Double, convention: StepConvention) {
    self.peak = peak
    self.convention = convention
    rate = peak
    highest = peak
  }

  mutating func add(_ phase: Schedule.Phase, isLast: Bool) throws(ScheduleFault) {
    let form = phase.form
    if let length = phase.length, length < 0 {
      throw ScheduleFault("a phase can't have \(length) steps", argument: "steps")
    }
    if form.needsLength, phase.length == nil {
      throw ScheduleFault(
        "`\(form.name)` does not say when it ends", argument: nil,
        help:
          "give a length or a last step: `\(form.name) 1_000 steps`, `\(form.name) at step 1_000`"
      )
    }
    if form.name == "warmup", !parts.isEmpty {
      throw ScheduleFault(
        "a warm-up can only come first: it leads to the peak",
        help: "use `linear to` a rate to rise later")
    }
    if phase.from != nil, !form.allowsFrom {
      throw ScheduleFault("`\(form.name)` takes no `from`", argument: "from")
    }
    if phase.to != nil, !form.allowsTo {
      throw ScheduleFault("`\(form.name)` takes no `to`", argument: "to")
    }
    var request = ScheduleRequest(peak: peak, start: rate)
    request.arguments = phase.arguments
    request.from = phase.from
    request.to = phase.to
    request.length = phase.length
    request.before = before
    request.convention = convention
    request.isLast = isLast
    try convention.check(request, form: form.name)
    let curve = try form.make(request)
    let late = isLate ? 1 : 0
    parts.append(
      JoinedCurve.Part(
        curve, from: Mathematics.sum(before, late),
        origin: Mathematics.sum(before, isLate ? convention.delay(of: form.name) : 0)))
    if let warmup = curve as? WarmupCurve, warmup.count == .late { isLate = true }
    highest = max(highest == peak ? 0 : highest, declaredPeak(request) ?? peak)
    if isLast { close(phase, request, curve) }
    guard let length = phase.length else {
      if isLast { return }
      throw ScheduleFault(
        "`\(form.name)` never ends, so the next phase never begins",
        help: "give it a length, as in `\(form.name) 1_000 steps`")
    }
    rate = form.name == "warmup" ? peak : curve.rate(at: length)
    before = Mathematics.sum(before, length)
  }

  private func declaredPeak(_ request: ScheduleRequest) -> Double? {
    ["max_lr", "warmup_max_lr", "cycle_max_lr"].lazy
      .compactMap { request.numberIfAny($0) }.first
  }

  /// Where the schedule means to end: its last phase's end, or the steps that a tool is told.
  private mutating func close(
    _ phase: Schedule.Phase, _ request: ScheduleRequest, _ curve: any RateCurve
  ) {
    if let length = phase.length {
      end = Mathematics.sum(before, length)
      if phase.form.name != "warmup" { floor = curve.rate(at: length) }
      return
    }
    let names = [
      "num_training_steps", "total_steps", "T_max", "training_steps", "lr_decay_iters",
      "lr_decay_steps", "total_num_steps", "total_iters",
    ]
    guard phase.form.clauses == .none else { return }
    var steps = names.lazy.compactMap { request.arguments[$0] }.compactMap { value -> Int? in
      if case .integer(let steps) = value { steps } else { nil }
    }.first
    if let stable = request.stepsIfAny("num_stable_steps") {
      steps = Mathematics.sum(
        Mathematics.sum(request.steps("num_warmup_steps"), stable),
        request.steps("num_decay_steps"))
    }
    if let epochs = request.stepsIfAny("epochs"), let each = request.stepsIfAny("steps_per_epoch") {
      steps = steps ?? Mathematics.product(epochs, each)
    }
    // Megatron counts what its step is told.
    if let increment = request.stepsIfAny("increment"), let told = steps {
      let each = max(increment, 1)
      steps = Mathematics.sum(told, each - 1) / each
    }
    guard let steps else { return }
    end = Mathematics.sum(before, steps)
    let rates = [steps - 1, steps].filter { $0 >= 0 }.map { curve.rate(at: $0) }
    floor = rates.filter { !$0.isNaN }.min()
  }
}
