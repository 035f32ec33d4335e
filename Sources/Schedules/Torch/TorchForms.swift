// TorchForms: PyTorch's schedules under PyTorch's names and argument names.
// Those that need a rule of their own stand in files of theirs; these make curves of the language.

extension ScheduleForm {
  /// The schedules of `torch.optim.lr_scheduler`.
  static var torch: [ScheduleForm] {
    [
      torchConstant, torchLinear, torchPolynomial, torchCosine, torchStep, torchMultiStep,
      torchExponential, torchRestarts, torchCyclic, torchOneCycle, torchLambda,
      torchMultiplicative, torchSequential, torchChained,
    ]
  }

  private static var torchStep: ScheduleForm {
    ScheduleForm(
      "torch.StepLR", [.steps("step_size", atLeast: 1), .rate("gamma", .number(0.1))]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      StaircaseCurve(
        request.peak, .every(request.steps("step_size")), gamma: request.number("gamma"))
    }
  }

  private static var torchMultiStep: ScheduleForm {
    ScheduleForm(
      "torch.MultiStepLR",
      [ScheduleParameter("milestones", .milestones), .rate("gamma", .number(0.1))]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      // A milestone at step 0 is never met: PyTorch looks after its first step.
      let steps = request.milestones("milestones").filter { $0 > 0 }
      return StaircaseCurve(request.peak, .milestones(steps), gamma: request.number("gamma"))
    }
  }

  private static var torchExponential: ScheduleForm {
    ScheduleForm("torch.ExponentialLR", [.rate("gamma")]) {
      (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      ExponentialCurve(request.peak, gamma: request.number("gamma"))
    }
  }

  private static var torchRestarts: ScheduleForm {
    ScheduleForm(
      "torch.CosineAnnealingWarmRestarts",
      [
        .steps("T_0", atLeast: 1), .steps("T_mult", atLeast: 1, .integer(1)),
        .rate("eta_min", .number(0)),
      ]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      RestartsCurve(
        request.peak, floor: request.number("eta_min"), period: request.steps("T_0"),
        factor: request.steps("T_mult"))
    }
  }

  private static var torchCyclic: ScheduleForm {
    let modes = CyclicCurve.Mode.allCases.map(\.rawValue)
    return ScheduleForm(
      "torch.CyclicLR",
      [
        .rate("base_lr"), .rate("max_lr"), .steps("step_size_up", atLeast: 1, .integer(2_000)),
        .steps("step_size_down", atLeast: 1, ScheduleValue.none),
        ScheduleParameter("mode", .word(modes), .text("triangular")), .rate("gamma", .number(1)),
        ScheduleParameter("cycle_momentum", .flag, .flag(true)),
        .fraction("base_momentum", 0.8), .fraction("max_momentum", 0.9),
      ]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      var curve = CyclicCurve(
        from: request.number("base_lr"), to: request.number("max_lr"),
        up: request.steps("step_size_up"),
        down: request.stepsIfAny("step_size_down") ?? request.steps("step_size_up"),
        mode: CyclicCurve.Mode(rawValue: request.word("mode")) ?? .triangular,
        gamma: request.number("gamma"))
      if request.flag("cycle_momentum") {
        curve.momenta = .init(
          atFloor: request.number("max_momentum"), atPeak: request.number("base_momentum"))
      }
      return curve
    }
  }

  private static var torchOneCycle: ScheduleForm {
    ScheduleForm(
      "torch.OneCycleLR",
      [
        .rate("max_lr"), .steps("total_steps", atLeast: 1, ScheduleValue.none),
        .steps("epochs", atLeast: 1, ScheduleValue.none),
        .steps("steps_per_epoch", atLeast: 1, ScheduleValue.none), .fraction("pct_start", 0.3),
        ScheduleParameter("anneal_strategy", .word(["cos", "linear"]), .text("cos")),
        ScheduleParameter("cycle_momentum", .flag, .flag(true)),
        .fraction("base_momentum", 0.85), .fraction("max_momentum", 0.95),
        .rate("div_factor", .number(25)), .rate("final_div_factor", .number(1e4)),
        ScheduleParameter("three_phase", .flag, .flag(false)),
      ]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      var total = request.stepsIfAny("total_steps")
      if total == nil, let epochs = request.stepsIfAny("epochs"),
        let each = request.stepsIfAny("steps_per_epoch")
      {
        total = Mathematics.product(epochs, each)
      }
      guard let total else {
        throw ScheduleFault(
          "`torch.OneCycleLR` needs `total_steps`, or `epochs` and `steps_per_epoch`")
      }
      for name in ["div_factor", "final_div_factor"] where request.number(name) == 0 {
        throw ScheduleFault("`\(name)` divides a rate: it can't be 0", argument: name)
      }
      let peak = request.number("max_lr")
      let first = peak / request.number("div_factor")
      let last = first / request.number("final_div_factor")
      let rise = request.number("pct_start") * Double(total)
      var phases: [OneCycleCurve.Phase] = [.init(end: rise - 1, rate: peak)]
      let (low, high) = (request.number("base_momentum"), request.number("max_momentum"))
      var momenta = [high, low]
      if request.flag("three_phase") {
        phases.append(.init(end: 2 * rise - 2, rate: first))
        momenta.append(high)
      }
      phases.append(.init(end: Double(total) - 1, rate: last))
      momenta.append(high)
      var curve = OneCycleCurve(
        from: first, phases, isCosine: request.word("anneal_strategy") == "cos",
        totalSteps: total)
      if request.flag("cycle_momentum") { curve.momenta = momenta }
      return curve
    }
  }

  private static var torchLambda: ScheduleForm {
    ScheduleForm("torch.LambdaLR", [ScheduleParameter("lr_lambda", .formula)]) {
      (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      FormulaCurve(request.peak, request.formula("lr_lambda"))
    }
  }

  private static var torchMultiplicative: ScheduleForm {
    ScheduleForm("torch.MultiplicativeLR", [ScheduleParameter("lr_lambda", .formula)]) {
      (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      FormulaCurve(request.peak, request.formula("lr_lambda"), isProduct: true)
    }
  }

  private static var torchSequential: ScheduleForm {
    ScheduleForm(
      "torch.SequentialLR",
      [ScheduleParameter("schedulers", .schedules), ScheduleParameter("milestones", .milestones)]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      let curves = request.curves("schedulers")
      let milestones = request.milestones("milestones")
      guard milestones.count == curves.count - 1 else {
        throw ScheduleFault(
          "\(curves.count) schedules need \(curves.count - 1) milestones, found \(milestones.count)",
          argument: "milestones")
      }
      guard zip(milestones, milestones.dropFirst()).allSatisfy({ $0 < $1 }) else {
        throw ScheduleFault("milestones must be in order, each once", argument: "milestones")
      }
      for case let formula as FormulaCurve in curves.dropFirst() where formula.isProduct {
        throw ScheduleFault(
          "`torch.MultiplicativeLR` can only be the first of a sequence: it would go on from the "
            + "rate of the one before", argument: "schedulers")
      }
      return JoinedCurve(zip(curves, [0] + milestones).map { JoinedCurve.Part($0, from: $1) })
    }
  }
}
