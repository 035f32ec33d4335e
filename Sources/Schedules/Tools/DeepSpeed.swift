// DeepSpeed: its warm-up schedules, its range test and its one cycle.
// The rate of an update is read before the scheduler's step, so that all but the cosine are late.

extension ScheduleForm {
  /// The schedules of DeepSpeed's lr_schedules.py.
  static var deepSpeed: [ScheduleForm] {
    [deepSpeedWarmup, deepSpeedDecay, deepSpeedCosine, deepSpeedRangeTest, deepSpeedOneCycle]
  }

  private static let type = ScheduleParameter(
    "warmup_type", .word(["log", "linear"]), .text("log"))

  private static var deepSpeedWarmup: ScheduleForm {
    ScheduleForm(
      "deepspeed.WarmupLR",
      [
        .rate("warmup_min_lr", .number(0)), .rate("warmup_max_lr", ScheduleValue.none),
        .steps("warmup_num_steps", atLeast: 1, .integer(1_000)), type,
      ]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      request.deepSpeedWarmup(request.numberIfAny("warmup_max_lr") ?? request.peak)
    }
  }

  private static var deepSpeedDecay: ScheduleForm {
    ScheduleForm(
      "deepspeed.WarmupDecayLR",
      [
        .steps("total_num_steps", atLeast: 1), .rate("warmup_min_lr", .number(0)),
        .rate("warmup_max_lr", .number(0.001)),
        .steps("warmup_num_steps", atLeast: 1, .integer(1_000)), type,
      ]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      let peak = request.number("warmup_max_lr")
      let rise = request.deepSpeedWarmup(peak)
      let fall = TransitionCurve(
        .linear, from: peak, to: request.number("warmup_min_lr"),
        over: max(request.steps("total_num_steps") - rise.length, 0))
      return JoinedCurve([.init(rise, from: 0), .init(fall, from: rise.duration)])
    }
  }

  private static var deepSpeedCosine: ScheduleForm {
    ScheduleForm(
      "deepspeed.WarmupCosineLR",
      [
        .steps("total_num_steps", atLeast: 1), .fraction("warmup_min_ratio", 0),
        .steps("warmup_num_steps", atLeast: 1, .integer(1_000)),
        .fraction("cos_min_ratio", 0.0001), type,
      ]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      var rise = request.deepSpeedWarmup(request.peak)
      rise.start = request.peak * request.number("warmup_min_ratio")
      let fall = TransitionCurve(
        .cosine(cycles: 0.5), from: request.peak,
        to: request.peak * request.number("cos_min_ratio"),
        over: max(request.steps("total_num_steps") - rise.length, 1))
      // The first update has no rate at all: the scheduler has not begun.
      return JoinedCurve([
        .init(ConstantCurve(0), from: 0), .init(rise, from: 1, origin: 0),
        .init(fall, from: rise.duration, origin: rise.length),
      ])
    }
  }

  private static var deepSpeedRangeTest: ScheduleForm {
    ScheduleForm(
      "deepspeed.LRRangeTest",
      [
        .rate("lr_range_test_min_lr", .number(1e-3)),
        .steps("lr_range_test_step_size", atLeast: 1, .integer(2_000)),
        .rate("lr_range_test_step_rate", .number(1)),
        ScheduleParameter("lr_range_test_staircase", .flag, .flag(false)),
      ]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      let size = RateFormula.number(Double(request.steps("lr_range_test_step_size")))
      var interval = RateFormula.binary(.divide, .step, size)
      if request.flag("lr_range_test_staircase") { interval = .call("floor", [interval]) }
      let growth = RateFormula.number(request.number("lr_range_test_step_rate"))
      return FormulaCurve(
        request.number("lr_range_test_min_lr"),
        .binary(.add, .number(1), .binary(.multiply, growth, interval)))
    }
  }

  private static var deepSpeedOneCycle: ScheduleForm {
    ScheduleForm(
      "deepspeed.OneCycle",
      [
        .rate("cycle_min_lr"), .rate("cycle_max_lr"), .rate("decay_lr_rate", .number(0)),
        .steps("cycle_first_step_size", atLeast: 1, .integer(2_000)),
        .steps("cycle_second_step_size", atLeast: 1, ScheduleValue.none),
        .steps("decay_step_size", .integer(0)),
      ]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      let floor = request.number("cycle_min_lr")
      let up = request.steps("cycle_first_step_size")
      let down = request.stepsIfAny("cycle_second_step_size") ?? up
      let end = Mathematics.sum(up, down)
      let cycle = CyclicCurve(from: floor, to: request.number("cycle_max_lr"), up: up, down: down)
      let (rate, size) = (request.number("decay_lr_rate"), request.steps("decay_step_size"))
      var after: any RateCurve = ConstantCurve(floor)
      if rate > 0, size > 0 {
        let growth = RateFormula.binary(
          .multiply, .number(rate), .binary(.divide, .step, .number(Double(size))))
        after = FormulaCurve(
          floor, .binary(.divide, .number(1), .binary(.add, .number(1), growth)))
      }
      return JoinedCurve([.init(cycle, from: 0), .init(after, from: end)])
    }
  }
}

extension ScheduleRequest {
  /// At least two steps, one update late.
  fileprivate func deepSpeedWarmup(_ peak: Double) -> WarmupCurve {
    WarmupCurve(
      from: number("warmup_min_lr"), to: peak, over: max(2, steps("warmup_num_steps")),
      shape: word("warmup_type") == "linear" ? .linear : .logarithmic, count: .late)
  }
}
