// TorchChain: schedules of PyTorch that act on one rate together, one after the other at each step.
// Each moves the rate that it finds, so that a chain follows from step to step.

/// A schedule that can act on a rate that others have moved.
package protocol ChainedRate: RateCurve {
  /// The rate after the schedule was made.
  func first(_ rate: Double) -> Double
  /// The rate of a step above 0, from the one found in the optimiser.
  func next(after rate: Double, at step: Int) -> Double
}

extension ChainedRate {
  package func first(_ rate: Double) -> Double { rate }
}

extension StaircaseCurve: ChainedRate {
  package func next(after rate: Double, at step: Int) -> Double {
    switch stairs {
    case .every(let length): return step % max(length, 1) == 0 ? rate * gamma : rate
    case .milestones(let steps):
      let count = steps.count { $0 == step }
      return count == 0 ? rate : rate * Mathematics.power(gamma, Double(count))
    }
  }
}

extension ExponentialCurve: ChainedRate {
  package func next(after rate: Double, at step: Int) -> Double { rate * gamma }
}

extension FormulaCurve: ChainedRate {
  package func first(_ rate: Double) -> Double { isProduct ? rate : self.rate(at: 0) }
  package func next(after rate: Double, at step: Int) -> Double {
    isProduct ? rate * formula.value(at: step) : self.rate(at: step)
  }
}

extension RestartsCurve: ChainedRate {
  package func first(_ rate: Double) -> Double { self.rate(at: 0) }
  package func next(after rate: Double, at step: Int) -> Double { self.rate(at: step) }
}

extension CyclicCurve: ChainedRate {
  package func first(_ rate: Double) -> Double { self.rate(at: 0) }
  package func next(after rate: Double, at step: Int) -> Double { self.rate(at: step) }
}

extension OneCycleCurve: ChainedRate {
  package func first(_ rate: Double) -> Double { self.rate(at: 0) }
  package func next(after rate: Double, at step: Int) -> Double { self.rate(at: step) }
}

/// PyTorch's `ChainedScheduler`.
package struct TorchChain: RateCurve {
  private let base: Double
  private let links: [any ChainedRate]

  package init(_ base: Double, _ links: [any ChainedRate]) {
    self.base = base
    self.links = links
  }

  package static func == (left: TorchChain, right: TorchChain) -> Bool {
    left.base == right.base
      && left.links.map { AnyHashable($0) } == right.links.map { AnyHashable($0) }
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(base)
    for link in links { hasher.combine(AnyHashable(link)) }
  }

  package func momentum(at step: Int) -> Double? {
    links.reversed().lazy.compactMap { $0.momentum(at: step) }.first
  }

  package func rate(at step: Int) -> Double {
    var rate = links.reduce(base) { $1.first($0) }
    var index = 1
    while index <= step {
      rate = links.reduce(rate) { $1.next(after: $0, at: index) }
      index += 1
    }
    return rate
  }

  package func rates(_ count: Int) -> [Double] {
    var rate = links.reduce(base) { $1.first($0) }
    return (0..<max(count, 0)).map { step in
      if step > 0 { rate = links.reduce(rate) { $1.next(after: $0, at: step) } }
      return rate
    }
  }

  package func pieces(until horizon: Int) -> [RatePiece]? { nil }

  package var lastStep: Int? { links.compactMap(\.lastStep).min() }
}

extension ScheduleForm {
  static var torchChained: ScheduleForm {
    ScheduleForm("torch.ChainedScheduler", [ScheduleParameter("schedulers", .schedules)]) {
      (request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve in
      let curves = request.curves("schedulers")
      let links = curves.compactMap { $0 as? any ChainedRate }
      guard links.count == curves.count else {
        throw ScheduleFault(
          "`torch.ChainedScheduler` chains PyTorch's own schedules alone", argument: "schedulers")
      }
      return TorchChain(request.peak, links)
    }
  }
}
