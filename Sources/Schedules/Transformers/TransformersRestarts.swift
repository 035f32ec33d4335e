// TransformersRestarts: cosine waves of equal length that restart, and zero after the last.
// Apart from the language's restarts, whose periods are whole steps and which never end.

/// `base · ½(1 + cos(π · (cycles · progress mod 1)))`.
package struct TransformersRestarts: RateCurve {
  package var base: Double
  package var cycles: Double
  package var length: Int

  package func rate(at step: Int) -> Double {
    let progress = Mathematics.ratio(step, length)
    guard progress < 1 else { return 0 }
    let position = (cycles * progress).truncatingRemainder(dividingBy: 1)
    return base * max(0, Mathematics.halfWave(position))
  }

  package func pieces(until horizon: Int) -> [RatePiece]? {
    let length = max(1, length)
    guard cycles > 0, cycles < Double(RatePiece.limit) else { return nil }
    var pieces: [RatePiece] = []
    var lower = 0
    var index = 0
    while lower < length {
      // A boundary that rounding puts on the other side is a step of its own rule.
      var upper = min(
        Int((Double(length) * Double(index + 1) / cycles).rounded(.up)), length)
      while upper < length, upper > 0, cycle(upper - 1) > index { upper -= 1 }
      while upper < length, cycle(upper) <= index { upper += 1 }
      if upper > lower {
        pieces.append(
          RatePiece(lower..<upper, .falling, "cycle \(index)", leapsByDesign: lower > 0))
      }
      lower = max(upper, lower)
      index += 1
      if index > RatePiece.limit { return nil }
    }
    pieces.append(RatePiece(length..<Int.max, .constant, "floor"))
    return RatePiece.list(pieces, until: horizon)
  }

  private func cycle(_ step: Int) -> Int {
    Int((cycles * Mathematics.ratio(step, length)).rounded(.down))
  }
}

extension ScheduleForm {
  static var transformersRestarts: ScheduleForm {
    ScheduleForm(
      "transformers.get_cosine_with_hard_restarts_schedule_with_warmup",
      [
        .steps("num_warmup_steps"), .steps("num_training_steps"),
        ScheduleParameter("num_cycles", .number(0...100_000), .integer(1)),
      ]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      request.afterWarmup(
        TransformersRestarts(
          base: request.peak, cycles: request.number("num_cycles"),
          length: request.trainingSteps))
    }
  }
}
