// StepConvention: how tools count the steps of a schedule, selectable by name.
// They disagree about the first update, the end of warm-up and what follows the last step.

/// A tool's way of counting.
package enum StepConvention: String, Hashable, Sendable, CaseIterable {
  case plumbline
  case nanogpt
  case transformers
  case pytorch
  case megatron
  case torchtitan
  case deepspeed

  /// Step `i` of a warm-up over `n` steps, and what follows the end, in words.
  package var summary: String {
    switch self {
    case .plumbline: "warm-up i/n; the rate stays after the last phase"
    case .nanogpt: "warm-up (i+1)/(n+1); the floor after the last step"
    case .transformers: "warm-up i/n; a cosine rises again after the last step"
    case .pytorch: "warm-up from a third of the peak; a cosine rises again after the last step"
    case .megatron: "warm-up i/n, at most the decay's length; the floor after the last step"
    case .torchtitan: "warm-up (i+1)/n; formulas go on after the last step, below zero too"
    case .deepspeed: "logarithmic warm-up, one update late; the floor after the last step"
    }
  }

  /// The share of the peak with which a warm-up starts when it does not say.
  var warmupStart: Double { self == .pytorch ? 1.0 / 3 : 0 }

  var warmupShape: WarmupCurve.Shape { self == .deepspeed ? .logarithmic : .linear }

  var warmupCount: WarmupCurve.Count {
    switch self {
    case .nanogpt: .between
    case .torchtitan: .fromOne
    case .deepspeed: .late
    default: .fromZero
    }
  }

  /// Whether a linear decay is computed as one minus progress.
  var isComplement: Bool { self == .megatron || self == .torchtitan }

  /// What a last transition does after its end.
  func ending(of shape: TransitionCurve.Shape) -> TransitionCurve.Ending {
    switch self {
    case .torchtitan: return .proceed(atLeast: -.infinity)
    case .transformers, .pytorch:
      if case .cosine = shape { return .proceed(atLeast: 0) }
      return .hold
    default: return .hold
    }
  }

  /// How many updates later than written a phase of this form counts after a warm-up.
  func delay(of form: String) -> Int {
    // Read before the scheduler's step, but for its cosine, which adds the update again.
    self == .deepspeed && form != "cosine" ? 1 : 0
  }

  /// What the tool itself would refuse.
  package func check(_ request: ScheduleRequest, form: String) throws(ScheduleFault) {
    guard form == "warmup" else {
      if self == .megatron, let to = request.to, to > request.peak {
        throw ScheduleFault(
          "megatron needs a floor of at most the peak \(request.peak), found \(to)",
          argument: "to")
      }
      return
    }
    let start = request.from ?? request.peak * warmupStart
    if self == .megatron, start > request.peak {
      throw ScheduleFault(
        "megatron needs a first rate of at most the peak \(request.peak), found \(start)",
        argument: "from")
    }
    if self == .pytorch, start <= 0 || start > request.peak {
      throw ScheduleFault(
        "pytorch's LinearLR starts above 0 and at most at the peak \(request.peak), found \(start)",
        argument: "from", help: "start from a small rate, as in `warmup 100 steps from 1e-8`")
    }
  }
}
