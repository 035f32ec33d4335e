// DimensionTests: printing, poison, solving and the simplifications that reports rely on.
// The laws that hold for every dimension are in DimensionLawTests.
import Dimensions
import Testing

private let batch = Dimension(Symbol("B"))
private let time = Dimension(Symbol("T"))
private let source = Dimension(Symbol("S"))
private let width = Dimension(Symbol("width"))

private func expect(
  _ dimension: Dimension, _ text: String, at location: SourceLocation = #_sourceLocation
) {
  #expect(dimension.description == text, sourceLocation: location)
}

@Suite struct DimensionTests {
  @Test("prints as people write formulas")
  func prints() {
    expect(2 * batch * time * width + 4 * width, "2·B·T·width + 4·width")
    expect(time - 1, "T - 1")
    expect(1 - time, "-T + 1")
    expect(-time * 3 - 4, "-3·T - 4")
    expect(time.floorDivided(by: 2), "floor(T / 2)")
    expect((time + 1).floorDivided(by: 2), "floor((T + 1) / 2)")
    expect(time.floorDivided(by: 2 * source), "floor(T / (2·S))")
    expect(time.modulo(8), "T mod 8")
    expect(time.modulo(8) + 1, "(T mod 8) + 1")
    expect(2 * time.modulo(8), "2·(T mod 8)")
    expect((time + source).modulo(8), "(S + T) mod 8")
    expect(Dimension.minimum(time, source), "min(S, T)")
    expect(Dimension.maximum(time, source + 1), "max(S + 1, T)")
    expect(12 * time * time + time.raised(to: 12), "T¹² + 12·T²")
    expect(0, "0")
    expect(Dimension(-5), "-5")
    expect(Dimension.overflow, "overflow")
    expect(Dimension.undefined, "undefined")
  }

  @Test("groups digits only when asked")
  func groups() {
    #expect(Dimension(7_087_872).description == "7087872")
    #expect(Dimension(7_087_872).formatted(grouped: true) == "7,087,872")
    #expect(Dimension(-124_439_808).formatted(grouped: true) == "-124,439,808")
    #expect(Dimension(999).formatted(grouped: true) == "999")
    #expect((38_597_376 * time + 100).formatted(grouped: true) == "38,597,376·T + 100")
  }

  @Test("prints the same whatever the order in which it was built")
  func deterministicOrder() {
    let forwards = batch * time * width + batch * batch + time + width + 7
    let backwards = 7 + width + time + batch * batch + width * time * batch
    #expect(forwards.description == "B·T·width + B² + T + width + 7")
    #expect(backwards.description == forwards.description)
  }

  @Test("divides as far as the algebra carries")
  func divides() {
    expect((6 * batch * time).floorDivided(by: 2 * time), "3·B")
    expect((768 * time + 5).floorDivided(by: 8), "96·T")
    expect((3 * time + 7).floorDivided(by: 2), "T + floor((T + 1) / 2) + 3")
    expect((2 * time).floorDivided(by: 4), "floor(T / 2)")
    expect((batch * time + 3).floorDivided(by: time), "B + floor(3 / T)")
    expect((time * time - 1).floorDivided(by: time + 1), "T - 1")
    expect(time.floorDivided(by: 2).floorDivided(by: 4), "floor(T / 8)")
    expect(time.modulo(8).floorDivided(by: 8), "0")
    expect((768 * time).modulo(64), "0")
    expect((768 * time + 5).modulo(64), "5")
    expect(time.modulo(16).modulo(8), "T mod 8")
    expect(time.modulo(4).modulo(8), "T mod 4")
    expect((2 * time).modulo(8), "2·(T mod 4)")
    expect((time + 7).floorDivided(by: 8), "floor((T + 7) / 8)")
    expect(time.ceilingDivided(by: 8), "floor((T + 7) / 8)")
    expect(time.floorDivided(by: 1), "T")
    expect(time.floorDivided(by: -1), "-T")
    expect(Dimension(-7).floorDivided(by: 2), "-4")
    expect(Dimension(-7).modulo(2), "1")
    expect(Dimension(7).modulo(-2), "-1")
  }

  @Test("extrema drop what a constant decides, and flatten")
  func extrema() {
    #expect(Dimension.minimum(time, time + 1) == time)
    #expect(Dimension.maximum(time, time + 1) == time + 1)
    #expect(Dimension.minimum(3, 5) == 3)
    #expect(
      Dimension.minimum(time, Dimension.minimum(source, batch)).description == "min(B, S, T)")
    #expect(Dimension.minimum(Dimension.minimum(time, 5), 3).description == "min(3, T)")
  }

  @Test("division by the constant zero is undefined, and absorbs")
  func undefined() {
    #expect(time.floorDivided(by: 0).isUndefined)
    #expect(Dimension(1).floorDivided(by: 0).isUndefined)
    #expect(time.modulo(0).isUndefined)
    #expect((time.floorDivided(by: 0) + 1).isUndefined)
    #expect(time.floorDivided(by: source).substituting([Symbol("S"): 0]).isUndefined)
    #expect(time.floorDivided(by: source).evaluate([Symbol("S"): 0, Symbol("T"): 3]) == nil)
    #expect(time.raised(to: -1).isUndefined)
  }

  @Test("symbols are found inside atoms")
  func symbols() {
    let nested = Dimension.minimum(time.floorDivided(by: source), batch) + 1
    #expect(nested.symbols == [Symbol("B"), Symbol("S"), Symbol("T")])
    #expect(nested.contains(Symbol("S")))
    #expect(!nested.contains(Symbol("width")))
  }

  @Test("coefficients in a symbol, unless it hides inside an atom")
  func coefficients() {
    let dimension = 3 * batch * time * time + batch + 5 * time - 2
    #expect(dimension.coefficients(in: Symbol("T")) == [batch - 2, 5, 3 * batch])
    #expect(dimension.coefficients(in: Symbol("S")) == [dimension])
    #expect((time + time.modulo(2)).coefficients(in: Symbol("T")) == nil)
  }
}

@Suite struct DimensionPoisonTests {
  private static let huge = Dimension(10).raised(to: 30)

  @Test("arithmetic that does not fit gives overflow and never traps")
  func overflows() {
    let huge = DimensionPoisonTests.huge
    #expect(huge.wideConstant != nil)
    #expect(huge.constant == nil)
    #expect((huge * huge).isOverflow)
    #expect((huge * time * huge).isOverflow)
    #expect((huge * huge * 0).isOverflow)
    #expect((huge * huge - huge * huge).isOverflow)
    #expect(Dimension.minimum(huge * huge, 1).isOverflow)
    #expect((huge * huge).floorDivided(by: huge * huge).isOverflow)
    #expect((huge * time).substituting([Symbol("T"): huge]).isOverflow)
    #expect((huge * time * time).evaluate([Symbol("T"): .max]) == nil)
    #expect(Dimension(10).raised(to: .max).isOverflow)
    #expect(time.raised(to: .max).isOverflow)
    let least = Dimension(wide: .min)
    #expect((-least).isOverflow)
    #expect(least.floorDivided(by: -1).isOverflow)
    #expect(least.modulo(-1) == 0)
    #expect((least * time).floorDivided(by: -1).isOverflow)
    #expect((least * time + least).floorDivided(by: least).isOverflow)
    #expect((time - least).isOverflow)
  }

  @Test("growth past every honest model is overflow, in bounded time")
  func explosions() {
    var sum: Dimension = 0
    for index in 0..<200 { sum += Dimension(Symbol("x\(index)")) }
    #expect((sum * sum * sum * sum).isOverflow)
    var nested = time
    for _ in 0..<1_000 { nested = (nested + source).floorDivided(by: nested) }
    #expect(nested.isOverflow)
    var least = time
    for index in 0..<600 { least = Dimension.minimum(least, Dimension(Symbol("x\(index)"))) }
    #expect(least.isOverflow)
  }

  @Test("the prover answers for extreme and undefined dimensions")
  func proverSurvives() {
    let huge = DimensionPoisonTests.huge
    let least = Dimension(wide: .min)
    let most = Dimension(wide: .max)
    let prover = Prover(
      assuming: Assumptions([
        .atLeast(time, least), .atLeast(most, time), .atLeast(huge * source, huge * huge),
        .divisible(batch, by: time), .equal(least * batch, most * source),
      ]))
    for a in [least, most, huge * time, least * time * source, time.modulo(most), .overflow] {
      for b in [least, most, source, time.floorDivided(by: least), .undefined] {
        _ = prover.prove(.atLeast(a, b))
        _ = prover.prove(.equal(a, b))
        _ = prover.prove(.notEqual(a, b))
        _ = prover.prove(.divisible(a, by: b))
        _ = prover.range(of: a * b)
      }
    }
    #expect(!prover.areEqual(.overflow, .overflow).isProved)
  }
}

@Suite struct DimensionSolvingTests {
  private let heads = Symbol("heads")

  @Test("finds the number of heads that makes a count right")
  func headsFromCount() {
    // The third diagnostic of the design: 1_049_344 · heads + 1_320_960 = 7_617_024.
    let count = 1_049_344 * Dimension(heads) + 1_320_960
    #expect((count - 7_617_024).integerRoots(of: heads, range: 1...4_096) == [6])
    #expect((count - 7_617_025).integerRoots(of: heads, range: 1...4_096) == [])
    #expect((count - 7_617_024).integerRoots(of: heads, range: 7...4_096) == [])
  }

  @Test("finds every root of a product of linear factors")
  func products() {
    var random = RandomSource(seed: RandomSource.seed)
    let x = Symbol("x")
    for round in 0..<300 {
      var roots: Set<Int> = []
      var product: Dimension = Dimension(random.integer(1...5))
      for _ in 0..<random.integer(1...5) {
        let root = random.integer(-40...40)
        roots.insert(root)
        product *= Dimension(x) - Dimension(root)
      }
      if round.isMultiple(of: 3) { product *= Dimension(x) * Dimension(x) + 1 }
      if round.isMultiple(of: 5) { product *= 2 * Dimension(x) - 1 }
      #expect(
        product.integerRoots(of: x, range: -50...50) == roots.sorted(),
        "seed \(RandomSource.seed), round \(round): \(product)")
      #expect(product.integerRoots(of: x, range: .min ... .max) == roots.sorted())
    }
  }

  @Test("roots in large ranges, with other symbols fixed, and inside atoms")
  func others() {
    let x = Symbol("x")
    let square = Dimension(x) * Dimension(x) - batch
    #expect(
      square.integerRoots(of: x, range: 0 ... .max, others: [Symbol("B"): 1 << 40]) == [1 << 20])
    #expect(square.integerRoots(of: x, range: 0...10) == [])
    let blocks = (Dimension(x) + 7).floorDivided(by: 8) - 3
    #expect(blocks.integerRoots(of: x, range: 1...1_000) == Array(17...24))
    #expect(Dimension(0).integerRoots(of: x, range: 1...3) == [1, 2, 3])
    #expect(Dimension(5).integerRoots(of: x, range: 1 ... .max) == [])
  }
}
