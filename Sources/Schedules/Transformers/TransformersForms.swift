// TransformersForms: the schedules of transformers' optimization.py under their own names.
// Each is a factor of the optimiser's rate after a warm-up counted from zero.

extension ScheduleRequest {
  /// A curve behind transformers' warm-up, in whose steps the curve counts from its own zero.
  func afterWarmup(_ curve: any RateCurve) -> any RateCurve {
    let warmup = steps("num_warmup_steps")
    guard warmup > 0 else { return curve }
    return JoinedCurve([
      .init(WarmupCurve(from: 0, to: peak, over: warmup), from: 0), .init(curve, from: warmup),
    ])
  }

  /// The steps between warm-up and end; negative where the warm-up outlives the run.
  var trainingSteps: Int { steps("num_training_steps") - steps("num_warmup_steps") }

  /// The floor of the two cosines that have one.
  func minimumRate() throws(ScheduleFault) -> Double {
    switch (numberIfAny("min_lr"), numberIfAny("min_lr_rate")) {
    case (.some, .some):
      throw ScheduleFault("only one of `min_lr` and `min_lr_rate` can be given", argument: "min_lr")
    case (let rate?, nil): return rate
    case (nil, let share?): return peak * share
    case (nil, nil): throw ScheduleFault("one of `min_lr` and `min_lr_rate` must be given")
    }
  }
}

extension ScheduleForm {
  private static let run: [ScheduleParameter] = [
    .steps("num_warmup_steps"), .steps("num_training_steps"),
  ]

  private static let cycles = ScheduleParameter("num_cycles", .number(0...100_000), .number(0.5))

  /// The schedules of transformers.
  static var transformers: [ScheduleForm] {
    [
      transformersConstant, transformersWarmup, transformersLinear, transformersCosine,
      transformersRestarts, transformersFloor, transformersFloorRate, transformersPolynomial,
      transformersInverseRoot, transformersStable,
    ]
  }

  private static var transformersConstant: ScheduleForm {
    ScheduleForm("transformers.get_constant_schedule") {
      (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      ConstantCurve(request.peak)
    }
  }

  private static var transformersWarmup: ScheduleForm {
    ScheduleForm("transformers.get_constant_schedule_with_warmup", [.steps("num_warmup_steps")]) {
      (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      request.afterWarmup(ConstantCurve(request.peak))
    }
  }

  private static var transformersLinear: ScheduleForm {
    ScheduleForm("transformers.get_linear_schedule_with_warmup", run) {
      (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      request.afterWarmup(
        TransitionCurve(.linear, from: request.peak, to: 0, over: max(request.trainingSteps, 0)))
    }
  }

  private static var transformersCosine: ScheduleForm {
    ScheduleForm("transformers.get_cosine_schedule_with_warmup", run + [cycles]) {
      (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      request.afterWarmup(
        TransitionCurve(
          .cosine(cycles: request.number("num_cycles")), from: request.peak, to: 0,
          over: max(request.trainingSteps, 1), ending: .proceed(atLeast: 0)))
    }
  }

  private static var transformersFloor: ScheduleForm {
    ScheduleForm(
      "transformers.get_cosine_with_min_lr_schedule_with_warmup",
      run + [cycles, .rate("min_lr", ScheduleValue.none), .rate("min_lr_rate", ScheduleValue.none)]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      request.afterWarmup(
        TransitionCurve(
          .cosine(cycles: request.number("num_cycles")), from: request.peak,
          to: try request.minimumRate(), over: max(request.trainingSteps, 1),
          ending: .proceed(atLeast: 0)))
    }
  }

  private static var transformersFloorRate: ScheduleForm {
    ScheduleForm(
      "transformers.get_cosine_with_min_lr_schedule_with_warmup_lr_rate",
      run + [
        cycles, .rate("min_lr", ScheduleValue.none), .rate("min_lr_rate", ScheduleValue.none),
        .rate("warmup_lr_rate", ScheduleValue.none),
      ]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      let warmup = request.steps("num_warmup_steps")
      var rise = WarmupCurve(from: 0, to: request.peak, over: warmup, count: .fromOne)
      if let share = request.numberIfAny("warmup_lr_rate") {
        rise = WarmupCurve(from: request.peak * share, to: request.peak, over: max(1, warmup - 1))
      }
      let fall = TransitionCurve(
        .cosine(cycles: request.number("num_cycles")), from: request.peak,
        to: try request.minimumRate(), over: max(request.trainingSteps, 1),
        ending: .proceed(atLeast: 0))
      // Its steps count from one.
      let part = JoinedCurve.Part(fall, from: warmup, origin: warmup - 1)
      return JoinedCurve(warmup > 0 ? [.init(rise, from: 0), part] : [part])
    }
  }

  private static var transformersPolynomial: ScheduleForm {
    ScheduleForm(
      "transformers.get_polynomial_decay_schedule_with_warmup",
      run + [.rate("lr_end", .number(1e-7)), .rate("power", .number(1))]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      let end = request.number("lr_end")
      guard end < request.peak else {
        throw ScheduleFault(
          "`lr_end` must be smaller than the optimiser's rate \(request.peak), found \(end)",
          argument: "lr_end")
      }
      guard request.trainingSteps != 0 else {
        throw ScheduleFault(
          "warm-up ends where the run does: transformers divides by zero at step "
            + "\(request.steps("num_warmup_steps"))", argument: "num_warmup_steps")
      }
      return request.afterWarmup(
        TransitionCurve(
          .polynomial(power: request.number("power")), from: request.peak, to: end,
          over: max(request.trainingSteps, 0)))
    }
  }

  private static var transformersInverseRoot: ScheduleForm {
    ScheduleForm(
      "transformers.get_inverse_sqrt_schedule",
      [.steps("num_warmup_steps"), .steps("timescale", atLeast: 1, ScheduleValue.none)]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      let warmup = request.steps("num_warmup_steps")
      return request.afterWarmup(
        InverseRootCurve(
          request.peak,
          timescale: request.stepsIfAny("timescale") ?? (warmup == 0 ? 10_000 : warmup)))
    }
  }

  private static var transformersStable: ScheduleForm {
    let types = ScheduleParameter.Kind.word(["linear", "cosine", "1-sqrt"])
    return ScheduleForm(
      "transformers.get_wsd_schedule",
      [
        .steps("num_warmup_steps"), .steps("num_decay_steps"),
        .steps("num_training_steps", ScheduleValue.none),
        .steps("num_stable_steps", ScheduleValue.none),
        ScheduleParameter("warmup_type", types, .text("linear")),
        ScheduleParameter("decay_type", types, .text("cosine")),
        .rate("min_lr_ratio", .number(0)), cycles,
      ]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      let warmup = request.steps("num_warmup_steps")
      let decay = request.steps("num_decay_steps")
      let rest = request.stepsIfAny("num_training_steps").map { $0 - warmup - decay }
      guard let stable = request.stepsIfAny("num_stable_steps") ?? rest else {
        throw ScheduleFault("one of `num_training_steps` and `num_stable_steps` must be given")
      }
      guard stable >= 0 else {
        throw ScheduleFault(
          "warm-up and decay take \(warmup) + \(decay) steps: more than the run has",
          argument: "num_training_steps")
      }
      let floor = request.peak * request.number("min_lr_ratio")
      let shape: TransitionCurve.Shape =
        switch request.word("decay_type") {
        case "linear": .complement
        case "1-sqrt": .root
        default: .cosine(cycles: request.number("num_cycles"))
        }
      let begin = Mathematics.sum(warmup, stable)
      return JoinedCurve([
        .init(
          WarmupCurve(
            from: floor, to: request.peak, over: warmup,
            shape: WarmupCurve.Shape(rawValue: request.word("warmup_type")) ?? .linear), from: 0),
        .init(ConstantCurve(request.peak), from: warmup),
        .init(TransitionCurve(shape, from: request.peak, to: floor, over: decay), from: begin),
        .init(ConstantCurve(floor), from: Mathematics.sum(begin, decay)),
      ])
    }
  }
}
