// DimensionLawTests: laws of the arithmetic over random dimensions, by normal form and by value.
// Apart from the fixed examples because a failure here prints a seed to start from.
import Dimensions
import Testing

@Suite struct DimensionLawTests {
  private let seed = RandomSource.seed

  @Test("polynomials form a commutative ring by normal form")
  func ring() {
    var random = RandomSource(seed: seed)
    for round in 0..<400 {
      let (a, b, c) = (random.polynomial(), random.polynomial(), random.polynomial())
      let context: Comment = "seed \(seed), round \(round): \(a) | \(b) | \(c)"
      #expect(a + b == b + a, context)
      #expect(a * b == b * a, context)
      #expect((a + b) + c == a + (b + c), context)
      #expect((a * b) * c == a * (b * c), context)
      #expect(a * (b + c) == a * b + a * c, context)
      #expect(a - a == 0, context)
      #expect(a + 0 == a, context)
      #expect(a * 1 == a, context)
      #expect(a * 0 == 0, context)
      #expect((a + b).raised(to: 3) == (a + b) * (a + b) * (a + b), context)
      #expect(Set([a + b, b + a]).count == 1, context)
    }
  }

  @Test("a simplified dimension has the value of the expression that was written")
  func simplificationKeepsValues() {
    var random = RandomSource(seed: seed)
    var compared = 0
    for round in 0..<4_000 {
      let expression = random.expression(depth: random.integer(1...4))
      let dimension = expression.dimension
      for _ in 0..<6 {
        let point = random.point()
        guard let value = expression.value(point) else { continue }
        compared += 1
        #expect(
          dimension.evaluate(point) == value,
          "seed \(seed), round \(round): \(expression) became \(dimension) at \(point)")
      }
    }
    #expect(compared > 15_000)
  }

  @Test("substitution commutes with evaluation")
  func substitution() {
    var random = RandomSource(seed: seed &+ 1)
    var compared = 0
    for round in 0..<1_500 {
      let dimension = random.expression(depth: 3).dimension
      var replacements = [random.symbol(): random.polynomial()]
      replacements[random.symbol()] = random.expression(depth: 1).dimension
      let point = random.point()
      var inner = point
      for (symbol, replacement) in replacements {
        inner[symbol] = replacement.evaluate(point).flatMap { Int(exactly: $0) }
      }
      guard let expected = dimension.evaluate(inner) else { continue }
      compared += 1
      #expect(
        dimension.substituting(replacements).evaluate(point) == expected,
        "seed \(seed), round \(round): \(dimension) with \(replacements) at \(point)")
    }
    #expect(compared > 1_000)
  }

  @Test("quotient and remainder put the dividend together again")
  func divisionIdentity() {
    var random = RandomSource(seed: seed &+ 2)
    for round in 0..<1_500 {
      let (a, b) = (random.polynomial(), random.polynomial())
      let (quotient, remainder) = (a.floorDivided(by: b), a.modulo(b))
      for _ in 0..<4 {
        let point = random.point()
        guard let divisor = b.evaluate(point), divisor != 0 else { continue }
        let (q, r) = (quotient.evaluate(point), remainder.evaluate(point))
        let context: Comment = "seed \(seed), round \(round): \(a) by \(b) at \(point)"
        guard let q, let r else {
          Issue.record(context)
          continue
        }
        #expect(q * divisor + r == a.evaluate(point), context)
        #expect(divisor > 0 ? (r >= 0 && r < divisor) : (r <= 0 && r > divisor), context)
      }
    }
  }

  @Test("dividing a product by a factor gives the other factor")
  func exactDivision() {
    var random = RandomSource(seed: seed &+ 3)
    for round in 0..<500 {
      let (a, b) = (random.polynomial(), random.polynomial())
      if b == 0 { continue }
      let context: Comment = "seed \(seed), round \(round): \(a) | \(b)"
      #expect((a * b).floorDivided(by: b) == a, context)
      #expect((a * b).modulo(b) == 0, context)
    }
  }

  @Test("equal classes under a constant divisor meet in one normal form")
  func canonicalDivision() {
    var random = RandomSource(seed: seed &+ 4)
    for round in 0..<500 {
      let (a, p) = (random.polynomial(), random.polynomial())
      let c = Dimension(random.integer(1...12))
      let context: Comment = "seed \(seed), round \(round): \(a) | \(p) | \(c)"
      #expect((a + c * p).floorDivided(by: c) == a.floorDivided(by: c) + p, context)
      #expect((a + c * p).modulo(c) == a.modulo(c), context)
      #expect((a * 3).floorDivided(by: c * 3) == a.floorDivided(by: c), context)
      #expect(
        a.floorDivided(by: c).floorDivided(by: 5) == a.floorDivided(by: c * 5), context)
    }
  }
}
