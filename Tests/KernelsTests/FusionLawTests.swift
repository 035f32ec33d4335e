// FusionLawTests: what a rule joins computes the same as the operations apart, at every level.
// The plain executor is the reference; the bound is relative to the largest element.
import Execution
import IR
import Kernels
import Testing

@Suite struct FusionLawTests {
  @Test(
    "a layer takes in the function of its result, and writes its own result where that is wanted",
    arguments: FusionSample.extents)
  func activations(_ extents: [Int]) throws {
    for sample in try FusionSample.activations(extents) { try hold(sample) }
  }

  @Test(
    "a product takes in the derivative that its result is multiplied by",
    arguments: FusionSample.extents)
  func slopes(_ extents: [Int]) throws {
    for sample in try FusionSample.slopes(extents) { try hold(sample) }
  }

  @Test(
    "a product is added to what was there before, in place where that dies",
    arguments: FusionSample.extents)
  func residuals(_ extents: [Int]) throws {
    for sample in try FusionSample.residuals(extents) { try hold(sample) }
  }

  @Test(
    "the rows of a gradient are summed on their way into a product",
    arguments: FusionSample.extents)
  func biases(_ extents: [Int]) throws {
    for sample in try FusionSample.biases(extents) { try hold(sample) }
  }

  @Test(
    "a normalisation's gradient arrives with that of the path around it",
    arguments: FusionSample.extents)
  func normalizations(_ extents: [Int]) throws {
    for sample in try FusionSample.normalizations(extents) { try hold(sample) }
  }

  @Test("a term that dies is summed up in its own memory")
  func inPlace() throws {
    for sample in try FusionSample.residuals([13, 16, 33])
    where sample.description.hasSuffix("dying") {
      let plan = try StepCompiler().compile(sample.graph, sizes: [:])
      let sum = try #require(plan.instructions.last)
      #expect(sum.reads.contains { $0.buffer == sum.writes[0].buffer }, "\(sample)")
    }
  }

  private func hold(_ sample: FusionSample) throws {
    var dice = Dice(17)
    var inputs: [String: NDArray<Float>] = [:]
    for port in sample.graph.inputs {
      let extents = sample.graph.values[port.value].type.shape.map { $0.constant ?? 0 }
      let elements = (0..<extents.reduce(1, *)).map { _ in dice.real() }
      inputs[port.name] = NDArray(extents: extents, real: elements)
    }
    let plain = try Executor<Float>(sample.graph).run(inputs: inputs, parameters: [])
    for kernels in KernelChoice.available {
      for fusions in [FusionRules.standard, []] {
        var options = StepOptions()
        options.kernels = kernels
        options.kept = sample.kept
        options.fusions = fusions
        options.workers = 2
        let plan = try StepCompiler(options).compile(sample.graph, sizes: [:])
        if !fusions.isEmpty {
          let labels = Set(plan.instructions.map(\.label))
          #expect(labels.isSuperset(of: sample.expected), "\(sample): \(labels.sorted())")
          #expect(labels.isDisjoint(with: sample.refused), "\(sample): \(labels.sorted())")
        }
        let step = try CompiledStep(plan, pool: ThreadPool(threads: 2))
        // Twice, so that what is summed up in place must start afresh.
        _ = try step.run(inputs: inputs, parameters: [])
        let fast = try step.run(inputs: inputs, parameters: [])
        #expect(fast.counters.multiplyAdds == plain.counters.multiplyAdds, "\(sample)")
        for (name, array) in plain.outputs {
          let found = try #require(fast.outputs[name])
          #expect(found.extents == array.extents)
          let scale = array.reals.reduce(1) { max($0, abs($1)) }
          let worst = zip(found.reals, array.reals).reduce(Float(0)) { worst, pair in
            let size = abs(pair.0 - pair.1)
            return size.isNaN ? .infinity : max(worst, size)
          }
          #expect(worst <= 4e-6 * scale, "\(name): \(worst) at \(kernels.level): \(sample)")
        }
        for value in sample.kept { #expect(step.array(of: value) != nil, "\(sample)") }
      }
    }
  }
}
