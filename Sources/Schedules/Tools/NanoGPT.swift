// NanoGPT: the `get_lr` of nanoGPT's train.py.
// Neither the first nor the last step of its warm-up has the rate that others give it.

extension ScheduleForm {
  static var nanoGPT: ScheduleForm {
    ScheduleForm(
      "nanogpt.get_lr",
      [.steps("warmup_iters"), .steps("lr_decay_iters"), .rate("min_lr", .number(0))]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      let warmup = request.steps("warmup_iters")
      let last = request.steps("lr_decay_iters")
      guard warmup != last else {
        throw ScheduleFault(
          "warm-up ends where the decay does: nanoGPT divides by zero at step \(warmup)",
          argument: "lr_decay_iters")
      }
      let fall = TransitionCurve(
        .cosine(cycles: 0.5), from: request.peak, to: request.number("min_lr"),
        over: max(last - warmup, 0))
      guard warmup > 0 else { return fall }
      return JoinedCurve([
        .init(WarmupCurve(from: 0, to: request.peak, over: warmup, count: .between), from: 0),
        .init(fall, from: warmup),
      ])
    }
  }
}
