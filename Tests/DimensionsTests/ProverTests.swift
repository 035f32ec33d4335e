// ProverTests: verdicts that diagnostics rely on, and soundness over random claims.
// The arithmetic underneath has its own suites.
import Dimensions
import Testing

private let batch = Dimension(Symbol("B"))
private let time = Dimension(Symbol("T"))
private let source = Dimension(Symbol("S"))
private let heads = Dimension(Symbol("heads"))
private let width = Dimension(Symbol("width"))

@Suite struct ProverTests {
  private static let dims = Assumptions([
    .atLeast(batch, 1), .atLeast(time, 1), .atMost(time, 2_048), .atLeast(source, 1),
  ])

  @Test("the position table that is too short: the smallest violating length, with every symbol")
  func positionTable() {
    let prover = Prover(
      assuming: Assumptions([.atLeast(batch, 1), .atLeast(time, 1), .atMost(time, 2_048)]))
    let verdict = prover.isAtLeast(1_023, time - 1)
    #expect(verdict.witness?.description == "B = 1, T = 1025")
    #expect(prover.range(of: time - 1) == (0, 2_047))
    let fixed = Prover(assuming: Assumptions([.atLeast(time, 1), .atMost(time, 1_024)]))
    #expect(fixed.isAtLeast(1_023, time - 1) == .proved)
    #expect(fixed.assumptions.bounds(of: Symbol("T")) == (1, 1_024))
    #expect(fixed.assumptions.bounds(of: Symbol("B")) == (nil, nil))
  }

  private func expectProof(
    of claim: Constraint, at location: SourceLocation = #_sourceLocation
  ) {
    let verdict = Prover(assuming: ProverTests.dims).prove(claim)
    #expect(verdict == .proved, "\(claim)", sourceLocation: location)
  }

  private func expectRefutation(
    of claim: Constraint, _ witness: String, at location: SourceLocation = #_sourceLocation
  ) {
    let verdict = Prover(assuming: ProverTests.dims).prove(claim)
    #expect(verdict.witness?.description == witness, "\(claim)", sourceLocation: location)
  }

  @Test("proves from bounds, signs, combinations and cases")
  func proves() {
    expectProof(of: .equal(batch * time, time * batch))
    expectProof(of: .equal((time * 12 * 64).floorDivided(by: 12), time * 64))
    expectProof(of: .atLeast(batch * time, 1))
    expectProof(of: .atLeast(batch * time, batch))
    expectProof(of: .atLeast(batch * time * time, time))
    expectProof(of: .atMost(batch * time, 2_048 * batch))
    expectProof(of: .atLeast(time * time + 1, 2 * time))
    expectProof(of: .atLeast((time - 3) * (time - 5) + 1, 0))
    expectProof(of: .atMost(time.modulo(8), 7))
    expectProof(of: .atLeast(time.modulo(8), 0))
    expectProof(of: .atMost(batch.modulo(time), time - 1))
    expectProof(of: .atMost(batch.floorDivided(by: time), batch))
    expectProof(of: .atMost(8 * time.floorDivided(by: 8), time))
    expectProof(of: .equal(8 * time.floorDivided(by: 8) + time.modulo(8), time))
    expectProof(of: .equal(time.floorDivided(by: 2) + (time + 1).floorDivided(by: 2), time))
    expectProof(of: .atMost(Dimension.minimum(time, source), time))
    expectProof(of: .atLeast(Dimension.maximum(time, source), source))
    expectProof(
      of: .equal(Dimension.minimum(time, source) + Dimension.maximum(time, source), time + source))
    expectProof(of: .equal(Dimension.minimum(time, Dimension.maximum(time, source)), time))
    expectProof(of: .equal(Dimension.minimum(time, 4_096), time))
    expectProof(of: .divisible(time * (time + 1), by: 2))
    expectProof(of: .divisible(768 * time, by: 12))
    expectProof(of: .divisible(batch * time, by: batch))
    expectProof(of: .notEqual(2 * time + 1, 2 * source))
    expectProof(of: .notEqual(time * time, 2))
    expectProof(of: .notEqual(time, 0))
    expectProof(of: .divisible(time.raised(to: 3) - time, by: 6))
  }

  @Test("refutes with the smallest point")
  func refutes() {
    expectRefutation(of: .equal(768, 1_024), "B = 1, S = 1, T = 1")
    expectRefutation(of: .equal(time, source), "B = 1, S = 1, T = 2")
    expectRefutation(of: .atMost(batch * time, 1_000), "B = 1, S = 1, T = 1001")
    expectRefutation(of: .atMost(batch, 64), "B = 65, S = 1, T = 1")
    expectRefutation(of: .divisible(time, by: 8), "B = 1, S = 1, T = 1")
    expectRefutation(of: .notEqual(time, 77), "B = 1, S = 1, T = 77")
    expectRefutation(of: .atMost(time.floorDivided(by: 16), 64), "B = 1, S = 1, T = 1040")
    expectRefutation(of: .atMost(Dimension.minimum(time, source), 100), "B = 1, S = 101, T = 101")
    expectRefutation(of: .atMost(time * time, 10_000), "B = 1, S = 1, T = 101")
    expectRefutation(of: .atLeast(time, source), "B = 1, S = 2, T = 1")
  }

  @Test("uses equations, divisibility and order among the assumptions")
  func assumptions() {
    let prover = Prover(
      assuming: Assumptions([
        .atLeast(heads, 1), .atLeast(width, 1), .divisible(width, by: heads),
        .equal(source, 2 * time), .atLeast(time, 1), .atLeast(batch, time + 3),
      ]))
    #expect(prover.divides(heads, width) == .proved)
    #expect(prover.divides(heads, 3 * width * batch) == .proved)
    #expect(prover.areEqual(width.floorDivided(by: heads) * heads, width) == .proved)
    #expect(prover.areEqual(source * batch, 2 * batch * time) == .proved)
    #expect(prover.divides(2, source) == .proved)
    #expect(prover.isAtLeast(batch, 4) == .proved)
    #expect(prover.isAtLeast(2 * batch, source) == .proved)
    #expect(prover.isAtLeast(batch * heads, time * heads) == .proved)
    #expect(prover.prove(.notEqual(width.floorDivided(by: heads), 0)) == .proved)
    #expect(
      prover.isAtLeast(batch, 5).witness?.description == "B = 4, S = 2, T = 1, heads = 1, width = 1"
    )
  }

  @Test("an operand bound by a minimum, as the rank of an adapter is")
  func rank() {
    let rank = Dimension(Symbol("rank"))
    let prover = Prover(
      assuming: Assumptions([
        .atLeast(rank, 1), .atMost(rank, Dimension.minimum(width, source)),
      ]))
    #expect(prover.isAtLeast(width, rank) == .proved)
    #expect(prover.isAtLeast(source, 1) == .proved)
    #expect(prover.areEqual(Dimension.minimum(rank, width), rank) == .proved)
  }

  @Test("names the missing assumption in the simplest words")
  func missing() {
    #expect(Constraint.atLeast(1_023, time - 1).simplified.description == "T <= 1024")
    #expect(Constraint.atLeast(2 * time, 7).simplified.description == "T >= 4")
    #expect(Constraint.atMost(time + 3, source).simplified.description == "S >= T + 3")
    #expect(Constraint.equal(2 * time, 2 * source).simplified.description == "S == T")
    let prover = Prover(assuming: .none)
    #expect(prover.divides(heads, 64 * heads) == .unknown(missing: .atLeast(heads, 1)))
  }

  @Test("an equation keeps a remainder that an order may round away")
  func oddAndEven() {
    #expect(Constraint.equal(2 * time, 4 * source + 1).simplified.description == "4·S + 1 == 2·T")
    #expect(Constraint.atLeast(2 * time, 4 * source + 1).simplified.description == "T >= 2·S + 1")
    let prover = Prover(assuming: ProverTests.dims)
    #expect(prover.areEqual(2 * time, 4 * source + 1).witness != nil)
    #expect(prover.prove(.notEqual(2 * time, 4 * source + 1)) == .proved)
  }

  @Test("ranges of quotients and remainders are as tight as the bounds allow")
  func ranges() {
    let prover = Prover(
      assuming: Assumptions([
        .atLeast(time, 3), .atMost(time, 4), .atLeast(batch, 1), .atLeast(-5, source),
      ]))
    #expect(prover.range(of: time.modulo(4)) == (0, 3))
    #expect(prover.range(of: time.modulo(5)) == (3, 4))
    #expect(prover.range(of: time.floorDivided(by: batch)) == (0, 4))
    #expect(prover.range(of: source.floorDivided(by: batch)) == (nil, -1))
    #expect(prover.range(of: Dimension.maximum(time, batch)) == (3, nil))
    #expect(prover.range(of: Dimension.minimum(time, batch)) == (1, 4))
    #expect(prover.range(of: time * time - 2 * time) == (3, 8))
  }

  @Test("prints constraints as they are written")
  func printing() {
    #expect(Constraint.atLeast(time, 1).description == "T >= 1")
    #expect(Constraint.atMost(time, 1_024).description == "T <= 1024")
    #expect(Constraint.atMost(time - 1, 1_023).formatted(grouped: true) == "T - 1 <= 1,023")
    #expect(Constraint.divisible(width, by: heads).description == "width mod heads == 0")
    #expect(Constraint.notEqual(time, source).description == "T != S")
    #expect(Constraint.equal(time, 2 * source).description == "T == 2·S")
  }

  @Test("notices assumptions that exclude one another")
  func contradictions() {
    let impossible: [[Constraint]] = [
      [.atLeast(time, 3), .atMost(time, 2)],
      [.equal(2 * time, 7)],
      [.equal(time, source), .atLeast(time, source + 1)],
      [.divisible(time, by: 64), .atLeast(time, 1), .atMost(time, 63)],
    ]
    for constraints in impossible {
      #expect(Prover(assuming: Assumptions(constraints)).isContradictory, "\(constraints)")
    }
    #expect(!Prover(assuming: ProverTests.dims).isContradictory)
  }
}
