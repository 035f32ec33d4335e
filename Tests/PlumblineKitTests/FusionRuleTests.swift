// FusionRuleTests: every rule over whole models, alone and with all others but it.
// The reference is the plain executor; FusionLawTests holds each rule at awkward extents.
import Execution
import IR
import Kernels
import PlumblineKit
import Testing

@Suite struct FusionRuleTests {
  @Test(
    "with each rule alone, and without each, a step computes what the plain executor computes",
    arguments: PlannedStepSample.paths)
  func rules(_ path: String) throws {
    let sample = try PlannedStepSample(path)
    let plain = try sample.plain()
    let rules = FusionRules.standard
    for index in rules.indices {
      var others = rules
      others.remove(at: index)
      for fusions in [[rules[index]], others] {
        var bits: [[UInt32]?]?
        for threads in [1, 3] {
          var options = StepOptions()
          options.fusions = fusions
          options.workers = threads
          let step = try sample.step(options)
          try step.run()
          try step.run()
          let result = step.result
          compare(result, plain, "\(fusions)")
          let own = result.gradients.map { $0?.reals.map(\.bitPattern) }
          #expect(bits == nil || bits == own, "\(threads) threads, \(fusions)")
          bits = own
        }
      }
    }
  }

  @Test("a block's rows pass through products, attention and norms, and what is made again")
  func passes() throws {
    let sample = try PlannedStepSample("Fixtures/numeric/1_gpt2")
    let fused = try StepGraph(ProgramFusion.fuse(sample.program).program, .gradients)
    let plan = try StepCompiler().compile(fused.graph, sizes: sample.sizes)
    func labels(_ phase: StepPhase) -> [String] {
      plan.instructions.filter { instruction in
        instruction.phase == phase
          && instruction.members.contains { member in
            let path = fused.graph.path(of: fused.graph.nodes[member].scope)
            return path.contains("h.1")
          }
      }.map(\.label)
    }
    #expect(
      labels(.forward) == [
        "layer_normalize", "affine", "scaled_dot_product_attention", "affine+add",
        "layer_normalize", "affine+gelu_tanh", "affine+add",
      ])
    #expect(
      labels(.backward) == [
        "affine+gelu_tanh_gradient", "gelu_tanh", "einsum+sum_to", "affine", "layer_normalize",
        "einsum+sum_to", "normalization_gradient+add", "affine", "einsum+sum_to",
        "scaled_dot_product_attention_gradient", "affine", "layer_normalize", "einsum+sum_to",
        "normalization_gradient+add",
      ])
  }

  private func compare(
    _ found: ExecutionResult<Float>, _ expected: ExecutionResult<Float>, _ text: String
  ) {
    #expect(
      found.counters.multiplyAdds.values.reduce(0, +)
        <= expected.counters.multiplyAdds.values.reduce(0, +), "\(text)")
    for (name, array) in expected.outputs {
      #expect(difference(found.outputs[name], array) <= 1e-5, "\(name): \(text)")
    }
    for (index, gradient) in expected.gradients.enumerated() {
      guard let gradient else { continue }
      #expect(difference(found.gradients[index], gradient) <= 1e-5, "gradient \(index): \(text)")
    }
  }

  /// The largest difference, relative to the largest value; a gradient that is zero but for
  /// rounding has no relative difference.
  private func difference(_ found: NDArray<Float>?, _ expected: NDArray<Float>) -> Float {
    guard let found, found.extents == expected.extents else { return .infinity }
    let largest = expected.reals.reduce(0) { max($0, abs($1)) }
    let worst = zip(found.reals, expected.reals).reduce(Float(0)) { worst, pair in
      let size = abs(pair.0 - pair.1)
      return size.isNaN ? .infinity : max(worst, size)
    }
    return largest < 1e-6 ? (worst < 1e-6 ? 0 : .infinity) : worst / largest
  }
}
