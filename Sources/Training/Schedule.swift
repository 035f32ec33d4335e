// Schedule: the learning rate of every step, as a list of phases.
// Data, so that plans are checked and printed from what training uses.
import Kernels

/// The learning rate as a function of the step.
///
/// `rate(at: i)` is in force for step `i`, counted from zero. After `warmup 200 steps`, the rate at
/// step `i` is `peak · i / 200`, so step 200 is the first with the whole peak. A phase reaches its
/// final rate at its end, where the next begins; after the last phase the rate stays.
package struct Schedule: Hashable, Sendable {
  /// A stretch of a schedule.
  package struct Phase: Hashable, Sendable {
    /// How the rate moves through the phase.
    package enum Shape: Hashable, Sendable {
      /// Linear from a rate to the peak.
      case warmup(from: Double)
      /// The rate with which the phase starts.
      case constant
      case linear(to: Double)
      /// Half a cosine wave.
      case cosine(to: Double)
    }

    package var shape: Shape
    /// The first step that no longer belongs to the phase; `nil` for a last constant phase.
    package var end: Int?

    package init(_ shape: Shape, until end: Int?) {
      self.shape = shape
      self.end = end
    }
  }

  package let peak: Double
  package let phases: [Phase]

  /// - Throws: ``TrainingFault/setting(name:found:needs:)`` for a rate below zero, and for a phase
  ///   that ends before it begins or never ends.
  package init(peak: Double, _ phases: [Phase]) throws(TrainingFault) {
    func check(_ name: String, _ rate: Double) throws(TrainingFault) {
      guard rate.isFinite, rate >= 0 else {
        throw .setting(name: name, found: "\(rate)", needs: "a finite number of at least 0")
      }
    }
    try check("peak rate", peak)
    var start = 0
    for (index, phase) in phases.enumerated() {
      switch phase.shape {
      case .warmup(let rate): try check("the rate that warm-up starts from", rate)
      case .linear(let rate), .cosine(let rate): try check("the rate that a phase ends at", rate)
      case .constant: break
      }
      if case .warmup = phase.shape, index > 0 {
        throw .setting(name: "warm-up", found: "phase \(index + 1)", needs: "the first phase")
      }
      guard let end = phase.end else {
        guard phase.shape == .constant, index == phases.count - 1 else {
          throw .setting(name: "phase \(index + 1)", found: "endless", needs: "a last step")
        }
        break
      }
      guard end >= start else {
        throw .setting(
          name: "the end of phase \(index + 1)", found: "step \(end)",
          needs: "at least step \(start), where it starts")
      }
      start = end
    }
    self.peak = peak
    self.phases = phases
  }

  /// The rate in force for a step.
  package func rate(at step: Int) -> Double {
    var start = 0
    var rate = peak
    for phase in phases {
      guard let end = phase.end else { return rate }
      if step < end {
        // Differences of steps from 0 to `end`, which can't overflow.
        let progress = Double(max(step, 0) - start) / Double(end - start)
        return phase.shape.rate(at: progress, from: rate, peak: peak)
      }
      rate = phase.shape.finalRate(from: rate, peak: peak)
      start = end
    }
    return rate
  }
}

extension Schedule.Phase.Shape {
  fileprivate func finalRate(from start: Double, peak: Double) -> Double {
    switch self {
    case .warmup: peak
    case .constant: start
    case .linear(let end), .cosine(let end): end
    }
  }

  fileprivate func rate(at progress: Double, from start: Double, peak: Double) -> Double {
    switch self {
    case .warmup(let first): first + (peak - first) * progress
    case .constant: start
    case .linear(let end): start + (end - start) * progress
    case .cosine(let end): end + (start - end) * 0.5 * (1 + Double.cosine(.pi * progress))
    }
  }
}
