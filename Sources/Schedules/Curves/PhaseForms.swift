// PhaseForms: the schedules that belong to no tool: warmup, constant, linear, cosine and the like.
// Apart from the curves that they make, of which tools' own schedules make use too.

extension ScheduleForm {
  /// The phases of the language.
  static var phases: [ScheduleForm] {
    [
      warmup, constant, linear, cosine,
      transition("polynomial", [.rate("power", .number(1))]) {
        .polynomial(power: $0.number("power"))
      },
      transition("sqrt", []) { _ in .root }, exponential, step, milestones, inverseRoot, restarts,
      cyclic, oneCycle, formula,
    ]
  }

  static var warmup: ScheduleForm {
    let words = WarmupCurve.Shape.allCases.map(\.rawValue)
    return ScheduleForm(
      "warmup", [ScheduleParameter("shape", .word(words), ScheduleValue.none)], clauses: .warmup
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      WarmupCurve(
        from: request.from ?? request.peak * request.convention.warmupStart, to: request.peak,
        over: request.length ?? 0,
        shape: WarmupCurve.Shape(rawValue: request.word("shape")) ?? request.convention.warmupShape,
        count: request.convention.warmupCount)
    }
  }

  static var constant: ScheduleForm {
    ScheduleForm("constant", clauses: .start) {
      (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      ConstantCurve(request.from ?? request.start)
    }
  }

  static func transition(
    _ name: String, _ parameters: [ScheduleParameter],
    _ shape: @escaping @Sendable (ScheduleRequest) -> TransitionCurve.Shape
  ) -> ScheduleForm {
    ScheduleForm(name, parameters, clauses: .excursion) {
      (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      let shape = shape(request)
      return TransitionCurve(
        shape, from: request.from ?? request.start, to: request.to ?? 0,
        over: request.length ?? 0,
        ending: request.isLast ? request.convention.ending(of: shape) : .hold)
    }
  }

  static var linear: ScheduleForm {
    transition("linear", []) { $0.convention.isComplement ? .complement : .linear }
  }

  static var cosine: ScheduleForm {
    transition("cosine", [.rate("cycles", .number(0.5))]) {
      .cosine(cycles: $0.number("cycles"))
    }
  }

  private static var exponential: ScheduleForm {
    ScheduleForm("exponential", [.rate("gamma", ScheduleValue.none)], clauses: .floor) {
      (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      let start = request.from ?? request.start
      if let gamma = request.numberIfAny("gamma") {
        guard request.to == nil else {
          throw ScheduleFault(
            "`gamma` and `to` both say how fast the rate falls", argument: "to",
            help: "leave one of them out")
        }
        return ExponentialCurve(start, gamma: gamma)
      }
      guard let end = request.to, let length = request.length else {
        throw ScheduleFault(
          "`exponential` needs `gamma`, or the rate and the step at which it ends",
          help: "write `exponential(gamma: 0.999)` or `exponential to 1e-5 at step 1_000`")
      }
      guard end > 0, start > 0 else {
        throw ScheduleFault(
          "an exponential never reaches 0: it goes between rates above 0", argument: "to")
      }
      return TransitionCurve(.geometric, from: start, to: end, over: length)
    }
  }

  private static var step: ScheduleForm {
    ScheduleForm(
      "step", [.steps("every", atLeast: 1), .rate("gamma", .number(0.1))], clauses: .start
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      StaircaseCurve(
        request.from ?? request.start, .every(request.steps("every")),
        gamma: request.number("gamma"))
    }
  }

  private static var milestones: ScheduleForm {
    ScheduleForm(
      "milestones", [ScheduleParameter("at", .milestones), .rate("gamma", .number(0.1))],
      clauses: .start
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      StaircaseCurve(
        request.from ?? request.start, .milestones(request.milestones("at")),
        gamma: request.number("gamma"))
    }
  }

  private static var inverseRoot: ScheduleForm {
    ScheduleForm(
      "inverse_sqrt", [.steps("timescale", atLeast: 1, ScheduleValue.none)], clauses: .start
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      // Without a warm-up to measure it by, transformers' own default.
      let timescale =
        request.stepsIfAny("timescale") ?? (request.before > 0 ? request.before : 10_000)
      return InverseRootCurve(request.from ?? request.start, timescale: timescale)
    }
  }

  private static var restarts: ScheduleForm {
    ScheduleForm(
      "restarts", [.steps("period", atLeast: 1), .steps("factor", atLeast: 1, .integer(1))],
      clauses: .floor
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      RestartsCurve(
        request.from ?? request.start, floor: request.to ?? 0, period: request.steps("period"),
        factor: request.steps("factor"))
    }
  }

  private static var cyclic: ScheduleForm {
    let modes = CyclicCurve.Mode.allCases.map(\.rawValue)
    return ScheduleForm(
      "cyclic",
      [
        .steps("up", atLeast: 1), .steps("down", atLeast: 1, ScheduleValue.none),
        ScheduleParameter("mode", .word(modes), .text("triangular")), .rate("gamma", .number(1)),
      ], clauses: .start
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      CyclicCurve(
        from: request.from ?? 0, to: request.peak, up: request.steps("up"),
        down: request.stepsIfAny("down") ?? request.steps("up"),
        mode: CyclicCurve.Mode(rawValue: request.word("mode")) ?? .triangular,
        gamma: request.number("gamma"))
    }
  }

  private static var oneCycle: ScheduleForm {
    ScheduleForm(
      "one_cycle",
      [
        .fraction("rise", 0.3),
        ScheduleParameter("shape", .word(["linear", "cosine"]), .text("linear")),
      ],
      clauses: .excursion
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      let floor = request.from ?? request.peak / 25
      let length = Double(request.length ?? 0)
      return OneCycleCurve(
        from: floor,
        [
          .init(end: length * request.number("rise"), rate: request.peak),
          .init(end: length, rate: request.to ?? floor),
        ], isCosine: request.word("shape") == "cosine")
    }
  }

  private static var formula: ScheduleForm {
    ScheduleForm("formula", [ScheduleParameter("factor", .formula)], clauses: .start) {
      (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      FormulaCurve(request.from ?? request.peak, request.formula("factor"))
    }
  }
}
