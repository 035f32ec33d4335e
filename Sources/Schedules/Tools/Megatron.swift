// Megatron: the OptimizerParamScheduler of Megatron-LM's core.
// It counts what its `step` is told, often samples, and subtracts the warm-up inside the decay.

/// A curve that moves several of its steps at each update.
package struct StrideCurve: RateCurve {
  private let part: JoinedCurve.Part
  private let increment: Int

  package init(_ curve: any RateCurve, increment: Int) {
    part = JoinedCurve.Part(curve, from: 0)
    self.increment = max(increment, 1)
  }

  package func rate(at step: Int) -> Double {
    part.rate(at: Mathematics.product(max(step, 0), increment))
  }

  package func pieces(until horizon: Int) -> [RatePiece]? {
    let far = Mathematics.product(max(horizon, 0), increment)
    return part.curve.pieces(until: far)?.compactMap { piece in
      // The first update at or after each boundary.
      let lower = Mathematics.sum(piece.steps.lowerBound, increment - 1) / increment
      let upper = min((piece.steps.upperBound - 1) / increment + 1, horizon)
      guard lower < upper else { return nil }
      var copy = piece
      copy.steps = lower..<upper
      return copy
    }
  }
}

/// `peak · sqrt(warmup) / sqrt(step)`, never below the floor.
package struct MegatronInverseRoot: RateCurve {
  package var peak: Double
  package var floor: Double
  package var warmup: Int

  package func rate(at step: Int) -> Double {
    let scale = Double(max(warmup, 1)).squareRoot()
    return max(floor, peak * scale / Double(max(step, 1)).squareRoot())
  }

  package func pieces(until horizon: Int) -> [RatePiece]? {
    RatePiece.list([RatePiece(0..<Int.max, .falling, "inverse square root")], until: horizon)
  }
}

extension ScheduleForm {
  static var megatron: ScheduleForm {
    ScheduleForm(
      "megatron.OptimizerParamScheduler",
      [
        .rate("init_lr", .number(0)), .rate("min_lr", .number(0)), .steps("lr_warmup_steps"),
        .steps("lr_decay_steps", atLeast: 1),
        ScheduleParameter(
          "lr_decay_style",
          .word(["linear", "cosine", "constant", "inverse-square-root", "WSD"]), .text("linear")),
        .steps("wsd_decay_steps", atLeast: 1, ScheduleValue.none),
        ScheduleParameter(
          "lr_wsd_decay_style", .word(["linear", "cosine", "exponential", "minus_sqrt"]),
          .text("exponential")),
        .steps("increment", atLeast: 1, .integer(1)),
      ]
    ) { (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      let curve = JoinedCurve(try request.megatronParts())
      let increment = request.steps("increment")
      return increment == 1 ? curve : StrideCurve(curve, increment: increment)
    }
  }
}

extension ScheduleRequest {
  fileprivate func megatronParts() throws(ScheduleFault) -> [JoinedCurve.Part] {
    let (warmup, last) = (steps("lr_warmup_steps"), steps("lr_decay_steps"))
    let (first, floor) = (number("init_lr"), number("min_lr"))
    guard floor <= peak else {
      throw ScheduleFault("`min_lr` is above the peak \(peak): \(floor)", argument: "min_lr")
    }
    guard first <= peak else {
      throw ScheduleFault("`init_lr` is above the peak \(peak): \(first)", argument: "init_lr")
    }
    guard warmup < last else {
      throw ScheduleFault(
        "warm-up of \(warmup) steps must be shorter than the decay's \(last)",
        argument: "lr_warmup_steps",
        help: "Megatron counts the decay from step 0, warm-up included")
    }
    var parts: [JoinedCurve.Part] = []
    if warmup > 0 {
      parts.append(.init(WarmupCurve(from: first, to: peak, over: warmup), from: 0))
    }
    switch word("lr_decay_style") {
    case "constant": return parts + [.init(ConstantCurve(peak), from: warmup)]
    case "inverse-square-root":
      // At the last step of warm-up both rules say the peak.
      parts.append(
        .init(
          MegatronInverseRoot(peak: peak, floor: floor, warmup: warmup), from: warmup, origin: 0))
      return parts + [.init(ConstantCurve(floor), from: Mathematics.sum(last, 1))]
    case "WSD":
      guard let decay = stepsIfAny("wsd_decay_steps") else {
        throw ScheduleFault("the style WSD needs `wsd_decay_steps`", argument: "lr_decay_style")
      }
      let shape: TransitionCurve.Shape =
        switch word("lr_wsd_decay_style") {
        case "linear": .complement
        case "cosine": .cosine(cycles: 0.5)
        case "minus_sqrt": .root
        default: .halving
        }
      let begin = last - decay
      parts.append(.init(ConstantCurve(peak), from: warmup))
      let fall = TransitionCurve(shape, from: peak, to: floor, over: decay)
      // A decay longer than what warm-up leaves is entered in its midst.
      let start = begin < warmup ? Mathematics.sum(warmup, 1) : begin
      return parts + [.init(fall, from: start, origin: begin)]
    default:
      let shape: TransitionCurve.Shape =
        word("lr_decay_style") == "linear" ? .complement : .cosine(cycles: 0.5)
      return parts
        + [.init(TransitionCurve(shape, from: peak, to: floor, over: last - warmup), from: warmup)]
    }
  }
}
