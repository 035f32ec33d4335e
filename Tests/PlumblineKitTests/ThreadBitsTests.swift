// ThreadBitsTests: whole models trained on 1, 2, 3 and 8 threads, compared bit by bit.
// Apart from the kernels' laws: here is everything that a user gets out of a step.
import Kernels
import Testing

@testable import Execution

@Suite struct ThreadBitsTests {
  /// Rows enough that products and attention are cut into several pieces.
  private static let sizes: [(path: String, sizes: [String: Int])] = [
    ("Fixtures/numeric/1_gpt2", ["B": 5, "T": 23]),
    ("Fixtures/models/encoder-decoder-tiny.model", [:]),
    ("Fixtures/models/gpt2-lora-tiny.model", [:]),
  ]

  @Test(
    "outputs, gradients, moments and updated weights have the same bits for any number of threads",
    arguments: sizes.indices, [nil, 0.5])
  func training(_ index: Int, _ norm: Double?) throws {
    let (path, sizes) = Self.sizes[index]
    let sample = try PlannedStepSample(path, sizes: sizes)
    var expected: [String: [UInt32]]?
    for threads in [1, 2, 3, 8] {
      var options = StepOptions()
      options.workers = threads
      options.keepsGradients = true
      options.optimiser = OptimiserOptions(
        OptimiserSettings(beta2: 0.95), decayed: sample.parameters.map { $0.extents.count >= 2 },
        globalNorm: norm)
      let step = try sample.step(options)
      #expect(
        threads > 1 || step.plan.instructions.contains { !$0.isPlain }, "nothing fast is tested")
      for rate in [1e-2, 3e-3] { try step.train(rate: rate) }
      let found = everything(of: step)
      let differing = expected?.filter { found[$0.key] != $0.value }.keys.sorted() ?? []
      #expect(differing == [], "\(threads) threads")
      #expect(expected == nil || expected?.count == found.count)
      expected = expected ?? found
    }
    #expect(expected?.values.contains { $0.contains { Float(bitPattern: $0).isNaN } } == false)
  }

  /// Bits by name.
  private func everything(of step: CompiledStep) -> [String: [UInt32]] {
    var result: [String: [UInt32]] = [:]
    for (name, array) in step.result.outputs { result["output " + name] = bits(array.reals) }
    for (index, parameter) in step.plan.graph.parameters.enumerated() {
      result["weight " + parameter.name] = step.parameter(index).map { bits($0.reals) }
      result["gradient " + parameter.name] = step.gradient(index).map { bits($0.reals) }
      let moments = step.moments(index)
      result["moments of " + parameter.name] = moments.map { bits($0.flatMap { $0 }) }
    }
    return result
  }

  private func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }
}
