// ScheduleAudit+Claims: the statements one by one.
// Apart from the audit, which gathers what they are decided from.
import Schedules

extension ScheduleAudit {
  func domain(_ known: Int) -> ScheduleClaim? {
    guard known < steps else { return nil }
    return ScheduleClaim(
      about: "has-rates", verdict: .refuted,
      text: "there is no rate after step \(RateText.steps(known - 1)): PyTorch raises an error, "
        + "\(RateText.steps(steps - known)) updates before the end of the run", step: known)
  }

  var peakClaim: ScheduleClaim {
    let peak = schedule.peak
    let step = highestStep
    if highest >= peak * (1 - 1e-9) {
      let above = highest > peak * (1 + 1e-9)
      return ScheduleClaim(
        about: "reaches-peak", verdict: .proved,
        text: above
          ? "goes above the peak \(RateText.rate(peak)), to \(RateText.rate(highest)), at step "
            + RateText.steps(step)
          : "reaches the peak \(RateText.rate(peak)) at step \(RateText.steps(step))", step: step)
    }
    return ScheduleClaim(
      about: "reaches-peak", verdict: .refuted,
      text: "never reaches the peak \(RateText.rate(peak)): at most \(RateText.rate(highest)), "
        + "\(RateText.percent(highest / peak)) of it, at step \(RateText.steps(step))", step: step)
  }

  var floorClaim: ScheduleClaim? {
    guard let floor = schedule.floor else { return nil }
    let slack = floor.magnitude * 1e-9 + schedule.peak * 1e-12
    let text = RateText.rate(floor)
    for piece in pieces {
      for step in [piece.steps.lowerBound, piece.steps.upperBound - 1]
      where step > 0 && rate(step) <= floor + slack && step >= highestStep {
        return ScheduleClaim(
          about: "reaches-floor", verdict: .proved,
          text: "reaches the floor \(text) at step \(RateText.steps(step))", step: step)
      }
    }
    let final = rate(last)
    if steps == last + 1, schedule.rate(at: steps) <= floor + slack {
      return ScheduleClaim(
        about: "reaches-floor", verdict: .proved,
        text: "comes down to the floor \(text) as the run ends, at step \(RateText.steps(steps)); "
          + "the last update still has \(RateText.rate(final))", step: last)
    }
    var message =
      "never reaches the floor \(text): the last update, step \(RateText.steps(last)), has "
      + "\(RateText.rate(final)), \(RateText.percent(final / max(schedule.peak, .leastNormalMagnitude)))"
      + " of the peak"
    if let end = schedule.end, end > steps {
      message += "; the schedule is made for \(RateText.steps(end)) steps"
    }
    return ScheduleClaim(about: "reaches-floor", verdict: .refuted, text: message, step: last)
  }

  var riseClaim: ScheduleClaim {
    let peak = highestStep
    let slack = highest * 1e-12
    for (index, piece) in pieces.enumerated() where piece.steps.upperBound - 1 > peak {
      let lower = max(piece.steps.lowerBound, peak)
      let before = index > 0 && lower == piece.steps.lowerBound ? lower - 1 : lower
      let start = rate(max(before, 0))
      if before != lower, before >= peak, rate(lower) > start + slack {
        return rise(from: before, to: lower)
      }
      let end = piece.steps.upperBound - 1
      if piece.trend == .rising, rate(end) > rate(lower) + slack {
        return rise(from: lower, to: end)
      }
    }
    return ScheduleClaim(
      about: "never-rises", verdict: .proved,
      text: "never rises again after the peak at step \(RateText.steps(peak))")
  }

  private func rise(from lower: Int, to end: Int) -> ScheduleClaim {
    // The crest may be the first step of the fall behind it.
    let upper = end < last && rate(end + 1) > rate(end) ? end + 1 : end
    return ScheduleClaim(
      about: "never-rises", verdict: .refuted,
      text: "rises after the peak: from \(RateText.rate(rate(lower))) at step "
        + "\(RateText.steps(lower)) to \(RateText.rate(rate(upper))) at step "
        + RateText.steps(upper), step: upper)
  }

  /// The steps at which the rate is exactly zero.
  var zeroRanges: [Range<Int>] {
    var ranges: [Range<Int>] = []
    for piece in pieces {
      let (lower, upper) = (piece.steps.lowerBound, piece.steps.upperBound)
      let (first, final) = (rate(lower), rate(upper - 1))
      if first == 0, final == 0 {
        ranges.append(lower..<upper)
      } else {
        // A monotone stretch can only begin or end at zero.
        if first == 0 { ranges.append(lower..<lower + 1) }
        if final == 0 { ranges.append(upper - 1..<upper) }
      }
    }
    return ranges.reduce(into: [Range<Int>]()) { result, range in
      if let known = result.last, known.upperBound >= range.lowerBound {
        result[result.count - 1] = known.lowerBound..<max(known.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
  }

  var zeroClaim: ScheduleClaim {
    let negative = pieces.flatMap { [$0.steps.lowerBound, $0.steps.upperBound - 1] }
      .first { rate($0) < 0 }
    if let negative {
      return ScheduleClaim(
        about: "steps-at-zero", verdict: .refuted,
        text: "goes below zero: \(RateText.rate(rate(negative))) at step "
          + RateText.steps(negative), step: negative)
    }
    let merged = zeroRanges
    guard let first = merged.first else {
      return ScheduleClaim(
        about: "steps-at-zero", verdict: .proved, text: "no update runs at a rate of zero")
    }
    let count = merged.reduce(0) { $0 + $1.count }
    let places = merged.prefix(4).map { range in
      range.count == 1
        ? RateText.steps(range.lowerBound)
        : "\(RateText.steps(range.lowerBound)) to \(RateText.steps(range.upperBound - 1))"
    }
    return ScheduleClaim(
      about: "steps-at-zero", verdict: .refuted,
      text: "\(RateText.steps(count)) update\(count == 1 ? " changes" : "s change") nothing, at a "
        + "rate of zero: step \(places.joined(separator: ", "))\(merged.count > 4 ? ", …" : "")",
      step: first.lowerBound)
  }

  // MARK: Jumps

  /// A leap between two steps, larger than the movement on both of its sides.
  private func leap(at step: Int) -> Bool {
    guard step > 0, step <= last else { return false }
    let left = step > 1 ? rate(step - 1) - rate(step - 2) : 0
    let right = step < last ? rate(step + 1) - rate(step) : 0
    let change = (rate(step) - rate(step - 1)).magnitude
    return change > 1.5 * max(left.magnitude, right.magnitude) + highest * 1e-9
  }

  var jumpClaim: ScheduleClaim {
    let designed = pieces.filter { $0.leapsByDesign && $0.steps.lowerBound > 0 }
      .filter { leap(at: $0.steps.lowerBound) }
    let jumps = joints.filter { step, expected in
      step > 0 && step <= last && leap(at: step)
        && !((expected - rate(step)).magnitude <= highest * 1e-6)
    }
    let tail =
      designed.isEmpty
      ? ""
      : "; \(RateText.steps(designed.count)) leap\(designed.count == 1 ? "" : "s") by design"
    guard let (step, _) = jumps.first else {
      let what =
        schedule.joints.isEmpty && joints.isEmpty ? "no joints, so no jumps" : "no jump at a joint"
      return ScheduleClaim(about: "jumps", verdict: .proved, text: what + tail)
    }
    let (before, after) = (rate(step - 1), rate(step))
    let change = (after - before) / max(schedule.peak, .leastNormalMagnitude)
    return ScheduleClaim(
      about: "jumps", verdict: .refuted,
      text: "jumps at step \(RateText.steps(step)), where one phase hands over to the next: from "
        + "\(RateText.rate(before)) to \(RateText.rate(after)), "
        + "\(change < 0 ? "-" : "+")\(RateText.percent(change.magnitude)) of the peak"
        + (jumps.count > 1 ? ", and at \(jumps.count - 1) more" : "") + tail, step: step)
  }

  /// Each joint, and the rate that the curve before it would have there.
  private var joints: [(step: Int, expected: Double)] {
    let parts = JoinedCurve(schedule.parts).flattened
    return zip(parts, parts.dropFirst()).map { left, right in
      (right.begin, left.rate(at: right.begin))
    }
  }

  // MARK: Warm-up

  /// The steps before the first that is as high as the first rise gets; 0 without a rise.
  package var warmupSteps: Int {
    guard let first = pieces.first else { return 0 }
    var end = 0
    for piece in pieces {
      guard piece.trend == .rising || piece.steps.count == 1 && end == piece.steps.lowerBound,
        piece.trend != .falling
      else { break }
      if piece.trend == .constant { break }
      end = piece.steps.upperBound
    }
    guard end > 0 || first.trend == .rising else { return 0 }
    // The step behind the rise is the peak when it is higher still.
    return end <= last && rate(end) < rate(end - 1) ? end - 1 : end
  }

  var warmupClaim: ScheduleClaim {
    let count = warmupSteps
    guard count > 0 else {
      return ScheduleClaim(about: "warmup-share", verdict: .stated, text: "no warm-up")
    }
    let share = Double(count) / Double(steps)
    let text =
      "warms up for \(RateText.steps(count)) of \(RateText.steps(steps)) steps, "
      + RateText.percent(share)
    // A tenth of a run that is no multiple of ten may be rounded up.
    if risesByDesign {
      return ScheduleClaim(
        about: "warmup-share", verdict: .stated, text: text + ", as a cycle does", step: count)
    }
    if Double(count) >= 0.1 * Double(steps) + 1 {
      return ScheduleClaim(
        about: "warmup-share", verdict: .refuted,
        text: text + ": more than the 10 % that a run can afford", step: count)
    }
    if Double(count) >= 0.05 * Double(steps) + 1 {
      return ScheduleClaim(
        about: "warmup-share", verdict: .stated,
        text: text + ": above 5 % more steps may be needed in all", step: count)
    }
    return ScheduleClaim(about: "warmup-share", verdict: .proved, text: text, step: count)
  }

  /// Whether the first rise is half of a cycle rather than a warm-up.
  private var risesByDesign: Bool {
    schedule.names.first.map { $0.lowercased().contains("cycl") } ?? false
  }

  // MARK: Stairs

  /// Stairs that the run never comes to.
  var stairClaim: ScheduleClaim? {
    var missed: [Int] = []
    var total = 0
    for part in JoinedCurve(schedule.parts).flattened {
      guard let stairs = (part.curve as? StaircaseCurve)?.stairs else { continue }
      switch stairs {
      case .every(let length):
        let first = Mathematics.sum(part.origin, length)
        total += 1
        if first >= steps { missed.append(first) }
      case .milestones(let milestones):
        total += milestones.count
        missed += milestones.map { Mathematics.sum(part.origin, $0) }.filter { $0 >= steps }
      }
    }
    guard let first = missed.first else { return nil }
    let rest = total == missed.count ? ": the rate never steps down" : ""
    return ScheduleClaim(
      about: "reaches-stairs", verdict: .refuted,
      text: "the stair at step \(RateText.steps(first)) is never reached"
        + (missed.count > 1 ? ", nor \(missed.count - 1) behind it" : "") + rest, step: first)
  }

  // MARK: Beyond the run

  var beyond: ScheduleClaim? {
    guard last + 1 == steps else { return nil }
    let far = Mathematics.product(steps, 2)
    func stated(_ text: String, _ step: Int? = nil) -> ScheduleClaim {
      ScheduleClaim(
        about: "beyond-horizon", verdict: .stated, text: "beyond the run: " + text, step: step)
    }
    if let end = schedule.lastStep, end < far {
      return stated("no rate after step \(RateText.steps(end)), where PyTorch raises an error", end)
    }
    let from = rate(last)
    let pieces = schedule.pieces(until: far)?.filter { $0.steps.upperBound > steps }
    guard let pieces, let first = pieces.first else {
      return stated("unknown, for want of a closed form")
    }
    let ends = pieces.flatMap { [max($0.steps.lowerBound, steps), $0.steps.upperBound - 1] }
    let rates = ends.map { (step: $0, rate: schedule.rate(at: $0)) }
    if let below = rates.first(where: { $0.rate < 0 }) {
      return stated(
        "falls below zero, to \(RateText.rate(below.rate)) at step \(RateText.steps(below.step))",
        below.step)
    }
    let slack = schedule.peak * 1e-9
    if let higher = rates.max(by: { $0.rate < $1.rate }), higher.rate > from + slack {
      return stated(
        "rises again, to \(RateText.rate(higher.rate)) at step \(RateText.steps(higher.step))",
        higher.step)
    }
    if let lower = rates.min(by: { $0.rate < $1.rate }), lower.rate < from - slack {
      let stays = pieces.last?.trend == .constant && !(pieces.last?.leapsByDesign ?? false)
      return stated(
        stays
          ? "falls to \(RateText.rate(lower.rate)) and stays there"
          : "goes on falling, to \(RateText.rate(lower.rate)) at step \(RateText.steps(lower.step))",
        lower.step)
    }
    return stated(
      "stays at \(RateText.rate(schedule.rate(at: max(first.steps.lowerBound, steps))))")
  }
}
