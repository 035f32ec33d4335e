// TorchPolynomialLR: PyTorch's PolynomialLR, down to zero by a power of what is left.
// Apart from the language's polynomial phase, which has a floor.

/// `base · (1 - step / total_iters)^power`, then 0.
package struct TorchPolynomialLR: ChainedRate {
  package var base: Double
  package var totalIters: Int
  package var power: Double

  private func share(_ step: Int) -> Double { 1.0 - Double(step) / Double(totalIters) }

  package func rate(at step: Int) -> Double {
    guard totalIters > 0 else { return base }
    return base * Mathematics.power(share(min(max(step, 0), totalIters)), power)
  }

  package func next(after rate: Double, at step: Int) -> Double {
    guard step <= totalIters else { return rate }
    return rate * Mathematics.power(share(step) / share(step - 1), power)
  }

  package func pieces(until horizon: Int) -> [RatePiece]? {
    RatePiece.transition(
      "polynomial", totalIters, from: base, to: power == 0 ? base : 0, until: horizon)
  }
}

extension ScheduleForm {
  static var torchPolynomial: ScheduleForm {
    ScheduleForm(
      "torch.PolynomialLR", [.steps("total_iters", .integer(5)), .rate("power", .number(1))]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      TorchPolynomialLR(
        base: request.peak, totalIters: request.steps("total_iters"),
        power: request.number("power"))
    }
  }
}
