// Torchtitan: warm-up, a stable stretch and a decay, as torchtitan's lr_scheduler counts them.
// A virtual last step after the run keeps the rate above its floor, and nothing stops the decay.

extension ScheduleForm {
  static var torchtitan: ScheduleForm {
    ScheduleForm(
      "torchtitan.lr_scheduler",
      [
        .steps("training_steps", atLeast: 1), .steps("warmup_steps", .integer(200)),
        ScheduleParameter("decay_ratio", .number(0...1), ScheduleValue.none),
        ScheduleParameter("decay_type", .word(["linear", "sqrt", "cosine"]), .text("linear")),
        .fraction("min_lr_factor", 0),
      ]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      let total = request.steps("training_steps")
      // Both are cut to the run, as the tool does with a warning.
      let warmup = min(request.steps("warmup_steps"), total)
      var decay = total - warmup
      if let ratio = request.numberIfAny("decay_ratio") {
        decay = min(Int((Double(total) * ratio).rounded(.toNearestOrEven)), decay)
      }
      let begin = Mathematics.difference(Mathematics.sum(total, 1), decay)
      let shape: TransitionCurve.Shape =
        switch request.word("decay_type") {
        case "sqrt": .root
        case "cosine": .cosine(cycles: 0.5)
        default: .complement
        }
      let floor = request.peak * request.number("min_lr_factor")
      return JoinedCurve([
        .init(WarmupCurve(from: 0, to: request.peak, over: warmup, count: .fromOne), from: 0),
        .init(ConstantCurve(request.peak), from: warmup),
        .init(
          TransitionCurve(
            shape, from: request.peak, to: floor, over: decay,
            ending: .proceed(atLeast: -.infinity)), from: begin, origin: begin - 1),
      ])
    }
  }
}
