// LossLawTests: fast cross-entropy and its gradient against the plain kernels, at every level.
// The plain kernels run in double precision here, so that the bound speaks of one side alone.
import Execution
import Kernels
import Testing

@Suite struct LossLawTests {
  private struct Sample {
    var rows: Int
    var classes: Int
    var reduction: LossReduction
    var logits: [Float]
    var targets: [Int32]
    var cotangent: Float

    init(
      _ rows: Int, _ classes: Int, _ reduction: LossReduction, ignoring: Double,
      _ random: inout KernelRandom
    ) {
      self.rows = rows
      self.classes = classes
      self.reduction = reduction
      logits = random.reals(rows * classes, -9...9)
      targets = (0..<rows).map { _ in
        Double.random(in: 0..<1, using: &random) < ignoring
          ? -100 : Int32.random(in: 0..<Int32(classes), using: &random)
      }
      cotangent = Float.random(in: -2...2, using: &random)
    }
  }

  private static func samples() -> [Sample] {
    var random = KernelRandom(seed: 21)
    var samples = [
      Sample(0, 5, .sum, ignoring: 0, &random), Sample(0, 5, .mean, ignoring: 0, &random),
      Sample(1, 1, .mean, ignoring: 0, &random), Sample(4, 7, .mean, ignoring: 1, &random),
      Sample(4, 7, .sum, ignoring: 1, &random), Sample(3, 64, .mean, ignoring: 0.3, &random),
      Sample(257, 100, .mean, ignoring: 0.2, &random),
      Sample(2, 20_011, .mean, ignoring: 0, &random),
    ]
    for number in 0..<30 {
      samples.append(
        Sample(
          .random(in: 1...40, using: &random), .random(in: 1...150, using: &random),
          number % 2 == 0 ? .mean : .sum, ignoring: number % 3 == 0 ? 0.4 : 0, &random))
    }
    return samples
  }

  @Test("loss and gradient agree with the plain kernels, the gradient also in place")
  func agrees() throws {
    for kernels in KernelChoice.available {
      for sample in LossLawTests.samples() {
        let logits = NDArray<Double>(
          extents: [sample.rows, sample.classes], real: sample.logits.map(Double.init))
        let targets = NDArray<Double>(extents: [sample.rows], index: sample.targets)
        let loss = try StandardKernels.crossEntropy(
          logits, targets: targets, axis: 1, ignore: -100, reduction: sample.reduction)
        let gradient = try StandardKernels.crossEntropyGradient(
          logits, targets: targets,
          gradient: NDArray(extents: [], real: [Double(sample.cotangent)]), axis: 1,
          ignore: -100, reduction: sample.reduction)

        let memory = KernelMemory()
        let count = sample.rows * sample.classes
        let placed = PlacedRows(
          memory.reals(sample.logits), rows: sample.rows, width: sample.classes)
        let asked = LossTargets(
          PlacedIndices(memory.indices(sample.targets), count: sample.rows), ignore: -100,
          reduction: sample.reduction)
        let statistics = LossStatistics(
          memory.garbage(LossStatistics.count(rows: sample.rows)), rows: sample.rows)
        let found = memory.garbage(1)
        memory.run(kernels.crossEntropy(placed, asked, statistics: statistics, loss: found))
        let name = "\(kernels.level), \(sample.rows) × \(sample.classes), \(sample.reduction)"
        #expect(
          agree(
            memory.elements(found, 1), loss.reals.map { Float($0) }, relative: 2e-6,
            absolute: 2e-6), "\(name): \(memory.elements(found, 1)) for \(loss.reals)")

        let cotangent = memory.reals([sample.cotangent])
        let apart = PlacedRows(memory.garbage(count), rows: sample.rows, width: sample.classes)
        let expected = gradient.reals.map { Float($0) }
        for target in [apart, placed] {
          memory.run(
            kernels.crossEntropyGradient(
              placed, asked, statistics: statistics, cotangent: cotangent, into: target))
          #expect(
            agree(
              memory.elements(target.place, count), expected, relative: 3e-6, absolute: 1e-9),
            "\(name)")
        }
        #expect(memory.elements(apart.place, count) == memory.elements(placed.place, count))
      }
    }
  }

  @Test("infinite logits give what the plain kernel gives")
  func infinities() throws {
    let rows: [[Float]] = [
      [-.infinity, 0, 1, -.infinity, 3], [-.infinity, -.infinity, -.infinity, -.infinity, 2],
      [100, 0, -100, 88, -2], [3e38, -3e38, 0, 0, 0],
    ]
    for kernels in KernelChoice.available {
      for row in rows {
        let memory = KernelMemory()
        let targets = NDArray<Float>(extents: [1], index: [4])
        let expected = try StandardKernels.crossEntropy(
          NDArray(extents: [1, 5], real: row), targets: targets, axis: 1, ignore: -100,
          reduction: .mean)
        let found = memory.garbage(1)
        let statistics = LossStatistics(memory.garbage(4), rows: 1)
        memory.run(
          kernels.crossEntropy(
            PlacedRows(memory.reals(row), rows: 1, width: 5),
            LossTargets(
              PlacedIndices(memory.indices([4]), count: 1), ignore: -100, reduction: .mean),
            statistics: statistics, loss: found))
        #expect(
          agree(memory.elements(found, 1), expected.reals, relative: 2e-6, absolute: 1e-6))
      }
    }
  }
}
