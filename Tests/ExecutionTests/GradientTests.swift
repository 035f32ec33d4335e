// GradientTests: clipping and accumulation by themselves, on gradients given as numbers.
// TrainingStepTests show the same within a step.
import Execution
import Kernels
import Testing
import Training

@Suite struct GradientTests {
  @Test("scales all gradients by one factor when their common norm passes the limit")
  func clips() throws {
    var gradients: [NDArray<Double>?] = [
      NDArray(extents: [2], real: [3, 0]), nil, NDArray(extents: [1], real: [4]),
    ]
    let norm = try GradientClipping(globalNorm: 1).clip(&gradients)
    #expect(norm == 5)
    // 1 ÷ (5 + 1e-6), as torch.nn.utils.clip_grad_norm_ has it.
    let factor = 1 / 5.000001
    #expect(gradients.map { $0?.reals } == [[3 * factor, 0], nil, [4 * factor]])
  }

  @Test("leaves gradients within the limit bit for bit", arguments: [5.1, .infinity])
  func leaves(_ limit: Double) throws {
    var gradients: [NDArray<Double>?] = [NDArray(extents: [2], real: [3, 4])]
    #expect(try GradientClipping(globalNorm: limit).clip(&gradients) == 5)
    #expect(gradients[0]?.reals == [3, 4])
  }

  @Test("does not hide a gradient that is not finite", arguments: [Float.nan, .infinity])
  func nonFinite(_ value: Float) throws {
    var gradients: [NDArray<Float>?] = [NDArray(extents: [2], real: [value, 1])]
    let norm = try GradientClipping(globalNorm: 1).clip(&gradients)
    #expect(!norm.isFinite)
    #expect(gradients[0]?.reals.first?.isNaN == true)
  }

  @Test("keeps the norm of a long array exact to the last bits")
  func longNorm() {
    // A running sum in f32 stops growing at 2²⁴ ones.
    let ones = [Float](repeating: 1, count: 1 << 25)
    #expect(OptimiserKernels.norm(ones) == Float(1 << 25).squareRoot())
    #expect(GradientClipping.norm(of: [NDArray<Float>?]()) == 0)
    #expect(OptimiserKernels.norm([Double](repeating: 2, count: 7)) == 28.0.squareRoot())
  }

  @Test("refuses a limit that is not positive", arguments: [0, -1, Double.nan])
  func limit(_ limit: Double) {
    #expect(throws: TrainingFault.self) { try GradientClipping(globalNorm: limit).check() }
  }

  @Test("weighs micro-batches alike, or by the targets that they keep")
  func weights() throws {
    #expect(
      try GradientAccumulation.meanOfMeans.weights(keptTargets: [9, 1, nil, 0]) == [
        0.25, 0.25, 0.25, 0.25,
      ])
    #expect(
      try GradientAccumulation.tokenWeighted.weights(keptTargets: [6, 2, 0]) == [
        0.75, 0.25, 0,
      ])
    #expect(try GradientAccumulation.tokenWeighted.weights(keptTargets: [nil]) == [1])
  }

  @Test("says which count is missing, and that a mean over nothing has no value")
  func missingCounts() {
    #expect(throws: TrainingFault.noKeptTargets(batch: 1)) {
      try GradientAccumulation.tokenWeighted.weights(keptTargets: [3, nil])
    }
    #expect(throws: TrainingFault.noKeptTargets(batch: nil)) {
      try GradientAccumulation.tokenWeighted.weights(keptTargets: [0, 0])
    }
    #expect(throws: TrainingFault.noBatches) {
      try GradientAccumulation.meanOfMeans.weights(keptTargets: [])
    }
  }
}
