// TorchConstantLR: PyTorch's ConstantLR, a factor until a step and none from there on.
// Its factor comes back as a division, which leaves the rounding of one.

/// `base · factor` before `total_iters`, `base` from there on.
package struct TorchConstantLR: ChainedRate {
  package var base: Double
  package var factor: Double
  package var totalIters: Int

  package func rate(at step: Int) -> Double {
    let first = base * factor
    return step < totalIters || totalIters <= 0 ? first : first * (1 / factor)
  }

  package func first(_ rate: Double) -> Double { rate * factor }

  package func next(after rate: Double, at step: Int) -> Double {
    step == totalIters ? rate * (1 / factor) : rate
  }

  package func pieces(until horizon: Int) -> [RatePiece]? {
    // With no steps at all PyTorch never takes the factor back.
    let end = totalIters <= 0 ? Int.max : totalIters
    return RatePiece.list(
      [
        RatePiece(0..<end, .constant, "factor \(factor)"),
        RatePiece(end..<Int.max, .constant, "constant", leapsByDesign: true),
      ], until: horizon)
  }
}

extension ScheduleForm {
  static var torchConstant: ScheduleForm {
    ScheduleForm(
      "torch.ConstantLR", [.fraction("factor", 1.0 / 3), .steps("total_iters", .integer(5))]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      guard request.number("factor") > 0 else {
        throw ScheduleFault(
          "PyTorch divides by `factor` at step \(request.steps("total_iters")): 0 has no inverse",
          argument: "factor")
      }
      return TorchConstantLR(
        base: request.peak, factor: request.number("factor"),
        totalIters: request.steps("total_iters"))
    }
  }
}
