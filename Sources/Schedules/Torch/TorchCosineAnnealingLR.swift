// TorchCosineAnnealingLR: PyTorch's CosineAnnealingLR, down over T_max steps, up over the next, on.
// PyTorch goes from step to step, and starts its products again after every trough.

/// Half waves of `T_max` steps between `base` and `eta_min`, for ever.
package struct TorchCosineAnnealingLR: ChainedRate {
  package var base: Double
  package var period: Int
  package var floor: Double

  private func wave(_ step: Int) -> Double {
    1 + Mathematics.cosine(.pi * Double(step) / Double(period))
  }

  package func rate(at step: Int) -> Double {
    guard step > period else { return floor + (base - floor) * wave(max(step, 0)) / 2 }
    // Products telescope to the first step after the trough, whose rate PyTorch computes apart.
    let whole = Mathematics.product(2, period)
    let first = step - (step - 1 - period) % whole
    let start = (base - floor) * (1 - Mathematics.cosine(.pi / Double(period))) / 2
    if first == step { return floor + start }
    return floor + wave(step) / wave(first) * start
  }

  package func next(after rate: Double, at step: Int) -> Double {
    if (step - 1 - period) % Mathematics.product(2, period) == 0 {
      return rate + (base - floor) * (1 - Mathematics.cosine(.pi / Double(period))) / 2
    }
    return wave(step) / wave(step - 1) * (rate - floor) + floor
  }

  package func pieces(until horizon: Int) -> [RatePiece]? {
    TransitionCurve(
      .cosine(cycles: 0.5), from: base, to: floor, over: period,
      ending: .proceed(atLeast: -.infinity)
    ).pieces(until: horizon)
  }
}

extension ScheduleForm {
  static var torchCosine: ScheduleForm {
    ScheduleForm(
      "torch.CosineAnnealingLR", [.steps("T_max", atLeast: 1), .rate("eta_min", .number(0))]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      TorchCosineAnnealingLR(
        base: request.peak, period: request.steps("T_max"), floor: request.number("eta_min"))
    }
  }
}
