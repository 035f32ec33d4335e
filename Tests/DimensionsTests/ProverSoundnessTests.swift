// ProverSoundnessTests: verdicts on random claims, checked by brute force.
// Apart from ProverTests because here no verdict is expected, only that it is true.
import Dimensions
import Testing

@Suite struct ProverSoundnessTests {
  private let seed = RandomSource.seed

  /// Every point with small coordinates; half the random constraints live near the origin.
  private static let smallPoints: [[Symbol: Int]] = RandomSource.symbols.reduce([[:]]) {
    points, symbol in
    points.flatMap { point in
      (-2...3).map { value in
        var next = point
        next[symbol] = value
        return next
      }
    }
  }

  @Test("proved claims hold at every point tried, and witnesses are what they say")
  func verdicts() {
    var random = RandomSource(seed: seed)
    var counts = (proved: 0, refuted: 0, unknown: 0, contradictory: 0, completed: 0)
    for round in 0..<1_200 {
      let assumptions = random.assumptions()
      let prover = Prover(assuming: assumptions)
      for _ in 0..<3 {
        let claim = random.claim(near: assumptions)
        let context: Comment =
          "seed \(seed), round \(round): \(claim) given \(assumptions.constraints)"
        switch prover.prove(claim) {
        case .proved:
          counts.proved += 1
          if prover.isContradictory { counts.contradictory += 1 }
          let points =
            (0..<100).map { _ in random.point(-4...44) }
            + (round.isMultiple(of: 4) ? ProverSoundnessTests.smallPoints : [])
          let counterexample = points.first {
            claim.evaluate($0) == false && assumptions.hold(at: $0)
          }
          #expect(counterexample == nil, context)
        case .refuted(let witness):
          counts.refuted += 1
          #expect(assumptions.hold(at: witness.values), "\(context) with \(witness)")
          #expect(claim.evaluate(witness.values) == false, "\(context) with \(witness)")
        case .unknown(let missing):
          counts.unknown += 1
          var more = assumptions
          more.add(missing)
          if Prover(assuming: more).prove(claim) == .proved { counts.completed += 1 }
        }
      }
    }
    print("verdicts with seed \(seed): \(counts)")
    #expect(counts.proved - counts.contradictory > 1_000)
    #expect(counts.refuted > 1_000)
    #expect(counts.unknown < 300)
    // The missing assumption has to be one that completes the proof.
    #expect(counts.completed == counts.unknown)
  }

  @Test("contradictory assumptions hold nowhere")
  func contradictions() {
    var random = RandomSource(seed: seed &+ 1)
    var found = 0
    for round in 0..<1_500 {
      var assumptions = random.assumptions()
      assumptions.add(random.constraint())
      guard Prover(assuming: assumptions).isContradictory else { continue }
      found += 1
      let point = ProverSoundnessTests.smallPoints.first { assumptions.hold(at: $0) }
      #expect(point == nil, "seed \(seed), round \(round): \(assumptions.constraints)")
    }
    #expect(found > 30)
  }

  @Test("a range contains every value at every satisfying point, and bounds every symbol")
  func ranges() {
    var random = RandomSource(seed: seed &+ 2)
    for round in 0..<1_000 {
      let assumptions = random.assumptions()
      let prover = Prover(assuming: assumptions)
      let dimension = random.expression(depth: random.integer(1...3)).dimension
      let range = prover.range(of: dimension)
      let bounds = assumptions.bounds(of: RandomSource.symbols[0])
      for _ in 0..<60 {
        let point = random.point(-4...44)
        guard assumptions.hold(at: point), let value = dimension.evaluate(point) else { continue }
        let context: Comment =
          "seed \(seed), round \(round): \(dimension) at \(point) given \(assumptions.constraints)"
        #expect(value >= range.lower ?? value && value <= range.upper ?? value, context)
        let symbol = point[RandomSource.symbols[0]] ?? 0
        #expect(symbol >= bounds.lower ?? symbol && symbol <= bounds.upper ?? symbol, context)
      }
    }
  }

  @Test("a claim about one symbol is decided, and refuted by its smallest violation")
  func oneSymbol() {
    var random = RandomSource(seed: seed &+ 3)
    let symbol = Symbol("x")
    let x = Dimension(symbol)
    for round in 0..<600 {
      let (low, high) = (random.integer(-3...3), random.integer(4...60))
      let prover = Prover(
        assuming: Assumptions([.atLeast(x, Dimension(low)), .atMost(x, Dimension(high))]))
      var sum: Dimension = 0
      for power in 0...random.integer(1...4) {
        sum += x.raised(to: power) * Dimension(random.integer(-30...30))
      }
      let claim: Constraint =
        random.integer(0...3) == 0
        ? .notEqual(sum, Dimension(random.integer(-5...5))) : .atLeast(sum, 0)
      let violation = (low...high).first { claim.evaluate([symbol: $0]) == false }
      let verdict = prover.prove(claim)
      let context: Comment = "seed \(seed), round \(round): \(claim) in \(low)...\(high)"
      if let violation {
        #expect(verdict.witness?.values == [symbol: violation], context)
      } else {
        #expect(verdict == .proved, context)
      }
    }
  }
}

extension RandomSource {
  fileprivate mutating func assumptions() -> Assumptions {
    var assumptions = Assumptions.none
    for symbol in RandomSource.symbols where integer(0...3) > 0 {
      assumptions.add(.atLeast(Dimension(symbol), Dimension(integer(-2...3))))
      if integer(0...1) == 0 {
        assumptions.add(.atMost(Dimension(symbol), Dimension(integer(3...40))))
      }
    }
    for _ in 0..<integer(0...2) { assumptions.add(constraint()) }
    return assumptions
  }

  /// A random claim, or a consequence of an assumption that a mistake would get wrong.
  fileprivate mutating func claim(near assumptions: Assumptions) -> Constraint {
    guard integer(0...1) == 0, let known = assumptions.constraints.randomElement(using: &self)
    else { return constraint() }
    let (left, right) = known.sides
    let slack = Dimension(integer(0...2))
    if integer(0...1) == 0 { return .atLeast(left + slack, right) }
    let factor = Dimension(symbol())
    return .atLeast(left * factor, right * factor - slack)
  }
}
