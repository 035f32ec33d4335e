// TorchLinearLR: PyTorch's LinearLR, from one factor to another in equal steps.
// PyTorch multiplies its way from step to step; the same products give the same bits.

/// From `base · start_factor` to `base · end_factor` over `total_iters` steps.
package struct TorchLinearLR: ChainedRate {
  package var base: Double
  package var startFactor: Double
  package var endFactor: Double
  package var totalIters: Int

  /// Longer ones are computed directly, in which products would take too long.
  private static let longest = 1_000_000

  package func rate(at step: Int) -> Double {
    let last = min(max(step, 0), totalIters)
    guard last <= Self.longest else {
      let share = Double(last) / Double(totalIters)
      return base * (startFactor + (endFactor - startFactor) * share)
    }
    var rate = first(base)
    var index = 1
    while index <= last {
      rate = next(after: rate, at: index)
      index += 1
    }
    return rate
  }

  package func rates(_ count: Int) -> [Double] {
    var rate = first(base)
    return (0..<max(count, 0)).map { step in
      if step > 0 { rate = next(after: rate, at: step) }
      return rate
    }
  }

  package func first(_ rate: Double) -> Double { rate * startFactor }

  package func next(after rate: Double, at step: Int) -> Double {
    guard step <= totalIters else { return rate }
    let change = endFactor - startFactor
    return rate * (1.0 + change / (Double(totalIters) * startFactor + Double(step - 1) * change))
  }

  package func pieces(until horizon: Int) -> [RatePiece]? {
    RatePiece.transition(
      "linear", totalIters, from: startFactor, to: endFactor, until: horizon)
  }
}

extension ScheduleForm {
  static var torchLinear: ScheduleForm {
    ScheduleForm(
      "torch.LinearLR",
      [
        .fraction("start_factor", 1.0 / 3), .fraction("end_factor", 1),
        .steps("total_iters", .integer(5)),
      ]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      guard request.number("start_factor") > 0 else {
        throw ScheduleFault(
          "`start_factor` of `torch.LinearLR` must be above 0, found 0", argument: "start_factor",
          help: "PyTorch divides by it; start from a small factor such as 1e-8")
      }
      return TorchLinearLR(
        base: request.peak, startFactor: request.number("start_factor"),
        endFactor: request.number("end_factor"), totalIters: request.steps("total_iters"))
    }
  }
}
