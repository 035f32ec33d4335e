// JoinedCurve: curves one after the other, each in its own count of steps.
// What a list of phases and PyTorch's SequentialLR both are.

/// Curves joined at steps.
package struct JoinedCurve: RateCurve {
  /// A curve and the step at which it takes over.
  package struct Part: Hashable, Sendable {
    package var curve: any RateCurve
    /// The first step for which the curve is in force.
    package var begin: Int
    /// The step that the curve counts as its own zero.
    package var origin: Int

    package init(_ curve: any RateCurve, from begin: Int, origin: Int? = nil) {
      self.curve = curve
      self.begin = begin
      self.origin = origin ?? begin
    }

    package static func == (left: Part, right: Part) -> Bool {
      left.begin == right.begin && left.origin == right.origin
        && AnyHashable(left.curve) == AnyHashable(right.curve)
    }

    package func hash(into hasher: inout Hasher) {
      hasher.combine(begin)
      hasher.combine(origin)
      hasher.combine(AnyHashable(curve))
    }

    package func rate(at step: Int) -> Double { curve.rate(at: max(step - origin, 0)) }
  }

  /// In the order of their first steps, of which the first is 0.
  package let parts: [Part]

  package init(_ parts: [Part]) {
    self.parts = parts
  }

  /// The part in force at a step: the last that has begun.
  private func part(at step: Int) -> Part? {
    parts.last { $0.begin <= max(step, 0) } ?? parts.first
  }

  package func rate(at step: Int) -> Double { part(at: step)?.rate(at: max(step, 0)) ?? .nan }

  /// That of the part in force; else what the last one before it left, or what a later one, made
  /// before the first step, has set.
  package func momentum(at step: Int) -> Double? {
    let step = max(step, 0)
    let index = parts.lastIndex { $0.begin <= step } ?? 0
    for place in parts.indices.prefix(index + 1).reversed() {
      let last = place == index ? step : parts[place + 1].begin - 1
      if let found = parts[place].curve.momentum(at: max(last - parts[place].origin, 0)) {
        return found
      }
    }
    return parts.dropFirst(index + 1).lazy.compactMap { $0.curve.momentum(at: 0) }.first
  }

  package func rates(_ count: Int) -> [Double] {
    var rates: [Double] = []
    rates.reserveCapacity(max(count, 0))
    for (index, part) in parts.enumerated() {
      let end = min(index + 1 < parts.count ? parts[index + 1].begin : count, count)
      guard end > part.begin else { continue }
      rates += part.curve.rates(end - part.origin).dropFirst(part.begin - part.origin)
    }
    return rates
  }

  package func pieces(until horizon: Int) -> [RatePiece]? {
    var pieces: [RatePiece] = []
    for (index, part) in parts.enumerated() where part.begin < horizon {
      let end = min(index + 1 < parts.count ? parts[index + 1].begin : horizon, horizon)
      guard let own = part.curve.pieces(until: max(end - part.origin, 0)) else { return nil }
      for var piece in own {
        let lower = max(Mathematics.sum(piece.steps.lowerBound, part.origin), part.begin)
        let upper = min(Mathematics.sum(piece.steps.upperBound, part.origin), end)
        guard upper > lower else { continue }
        piece.steps = lower..<upper
        piece.leapsByDesign = piece.leapsByDesign && lower > part.begin
        pieces.append(piece)
      }
    }
    return pieces
  }

  package var lastStep: Int? {
    guard let last = parts.last else { return nil }
    return last.curve.lastStep.map { Mathematics.sum($0, last.origin) }
  }
}

extension JoinedCurve {
  /// The parts, with joined curves among them taken apart.
  package var flattened: [Part] {
    parts.enumerated().flatMap { index, part -> [Part] in
      guard let inner = part.curve as? JoinedCurve else { return [part] }
      let end = index + 1 < parts.count ? parts[index + 1].begin : Int.max
      return inner.flattened.compactMap { piece in
        let begin = max(Mathematics.sum(piece.begin, part.origin), part.begin)
        guard begin < end else { return nil }
        return Part(piece.curve, from: begin, origin: Mathematics.sum(piece.origin, part.origin))
      }
    }
  }
}
