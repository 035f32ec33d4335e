// MatrixProductTests: fast products of matrices agree with their definition at every level.
// The samples and the definition are apart, because the lowering's suites use them too.
import Execution
import Kernels
import Testing

@Suite struct MatrixProductTests {
  @Test("small products are what the definition says", arguments: ProductSample.small)
  func small(_ sample: ProductSample) {
    let bench = ProductBench(sample)
    for kernels in KernelChoice.available { compare(bench, kernels, everyEntry: true) }
  }

  @Test(
    "products that are cut into pieces are what the definition says", .serialized,
    arguments: ProductSample.large)
  func large(_ sample: ProductSample) {
    let bench = ProductBench(sample)
    for kernels in KernelChoice.available { compare(bench, kernels, everyEntry: false) }
  }

  @Test("the order of the pieces does not change a bit", arguments: ProductSample.large)
  func order(_ sample: ProductSample) {
    let bench = ProductBench(sample)
    for kernels in KernelChoice.available {
      let first = bench.run(kernels)
      #expect(first.isSound)
      #expect(first == bench.run(kernels, order: sample.seed), "at \(kernels.level)")
    }
  }

  @Test("the work is counted from the extents")
  func work() {
    #expect(ProductShape(m: 3, n: 5, k: 7, batch: 2).multiplyAdds == 210)
    #expect(ProductShape(m: 3, n: 0, k: 7).multiplyAdds == 0)
  }

  @Test("a product of no steps is zero, whatever was there")
  func empty() {
    let sample = ProductSample(seed: 3, shape: ProductShape(m: 13, n: 17, k: 0))
    for kernels in KernelChoice.available {
      #expect(ProductBench(sample).run(kernels).result.allSatisfy { $0 == 0 })
    }
  }

  private func compare(
    _ bench: ProductBench, _ kernels: any KernelSet.Type, everyEntry: Bool
  ) {
    let sample = bench.sample
    let outcome = bench.run(kernels)
    #expect(outcome.isSound, "written outside of its memory at \(kernels.level): \(sample)")
    var dice = Dice(sample.seed)
    var worst = 0.0
    for (entry, row, column) in places(of: sample.shape, everyEntry, &dice) {
      let expected = bench.expected(entry, row, column)
      let found = outcome.result[bench.result.index(entry, row, column)]
      worst = max(worst, excess(found, expected.result, expected.bound))
      if case .apply(_, true) = sample.activation {
        let kept = outcome.kept[bench.other.index(entry, row, column)]
        worst = max(worst, excess(kept, expected.kept, expected.bound))
      }
    }
    if sample.sums {
      for row in 0..<sample.shape.m where everyEntry || dice.below(8) == 0 {
        let expected = bench.expectedRowSum(row)
        worst = max(worst, excess(outcome.rowSums[row], expected.sum, expected.bound))
      }
      for column in 0..<sample.shape.n where everyEntry || dice.below(8) == 0 {
        let expected = bench.expectedColumnSum(column)
        worst = max(worst, excess(outcome.columnSums[column], expected.sum, expected.bound))
      }
    }
    #expect(worst <= 1, "\(worst) times the bound at \(kernels.level): \(sample)")
  }

  /// How many times the bound a number is off; infinite for NaN.
  private func excess(_ bits: UInt32, _ expected: Double, _ bound: Double) -> Double {
    let found = Double(Float(bitPattern: bits))
    return found.isNaN ? .infinity : (found - expected).magnitude / bound
  }

  /// All entries, or the corners and some more.
  private func places(
    of shape: ProductShape, _ everyEntry: Bool, _ dice: inout Dice
  ) -> [(Int, Int, Int)] {
    guard shape.m > 0, shape.n > 0 else { return [] }
    if everyEntry {
      return (0..<shape.batch).flatMap { entry in
        (0..<shape.m).flatMap { row in (0..<shape.n).map { (entry, row, $0) } }
      }
    }
    var places: [(Int, Int, Int)] = []
    for entry in 0..<shape.batch {
      for row in [0, shape.m / 2, shape.m - 1] {
        for column in [0, shape.n / 2, shape.n - 1] { places.append((entry, row, column)) }
      }
      for _ in 0..<120 { places.append((entry, dice.below(shape.m), dice.below(shape.n))) }
    }
    return places
  }
}
