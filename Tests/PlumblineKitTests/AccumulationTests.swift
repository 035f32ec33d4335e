// AccumulationTests: steps of several micro-batches on the compiled executor, and how they go on.
// The plain executor's step is the law; what is restored goes on to the same bits.
import AllocationCounter
import Dimensions
import Kernels
import Testing
import Training

@testable import Execution
@testable import PlumblineKit

@Suite struct AccumulationTests {
  private static let sizes = ["B": 2, "T": 11]

  /// Micro-batches whose targets are masked unequally, with their numbers of kept targets.
  private func batches(_ sample: PlannedStepSample) throws -> [TrainingBatch<Float>] {
    let kept = try #require(KeptTargets(sample.graph))
    return try (0..<3).map { number in
      var inputs: [String: NDArray<Float>] = try SampleInputs(sample.graph, sizes: sample.sizes)
        .draw(seed: UInt64(20 + number))
      let labels = try #require(inputs["labels"])
      inputs["labels"] = NDArray(
        extents: labels.extents,
        index: labels.indices.enumerated().map { $0 % (number + 2) == 0 ? -100 : $1 })
      return TrainingBatch(inputs, keptTargets: try kept.count(inputs, sizes: sample.sizes))
    }
  }

  private func options(
    _ sample: PlannedStepSample, _ settings: OptimiserSettings, norm: Double? = nil,
    workers: Int = 1
  ) -> StepOptions {
    var options = StepOptions()
    options.workers = workers
    options.keepsGradients = false
    options.outputs = ["loss"]
    options.optimiser = OptimiserOptions(
      settings, decayed: sample.parameters.map { $0.extents.count >= 2 }, globalNorm: norm,
      measuresNorm: true, accumulates: true)
    return options
  }

  /// One update over some micro-batches; returns their weighted loss.
  private func step(
    _ step: CompiledStep, _ batches: [TrainingBatch<Float>], rate: Double
  ) throws -> Double {
    let weights = try GradientAccumulation.tokenWeighted.weights(
      keptTargets: batches.map(\.keptTargets))
    var loss = 0.0
    for (batch, weight) in zip(batches, weights) {
      for (name, array) in batch.inputs { try step.setInput(name, array) }
      try step.accumulate(weight: weight)
      loss += weight * Double(try #require(step.output("loss")?.reals.first))
    }
    try step.update(rate: rate)
    return loss
  }

  @Test(
    "sums over unequal micro-batches are the plain executor's",
    arguments: [nil, 0.05], OptimiserMethod.allCases)
  func agrees(_ norm: Double?, _ method: OptimiserMethod) throws {
    let sample = try PlannedStepSample("Fixtures/numeric/1_gpt2", sizes: Self.sizes)
    let settings = OptimiserSettings(method, rate: 1e-2, decay: 0.1, momentum: 0.9)
    let batches = try batches(sample)
    #expect(Set(batches.compactMap(\.keptTargets)).count == 3)
    var training = try TrainingStep<Float>(
      graph: sample.graph, parameters: sample.parameters,
      decayed: sample.parameters.map { $0.extents.count >= 2 },
      settings: TrainingSettings(
        optimiser: settings, clipping: norm.map { GradientClipping(globalNorm: $0) },
        accumulation: .tokenWeighted))
    var options = options(sample, settings, norm: norm)
    options.plainOnly = true
    let compiled = try sample.step(options)
    for _ in 0..<3 {
      let report = try training.step(batches)
      let loss = try step(compiled, batches, rate: settings.rate)
      #expect(abs(loss - report.loss) <= 1e-6 * report.loss)
      let found = try #require(compiled.gradientNorm)
      #expect(abs(Double(found) - report.gradientNorm) <= 1e-6 * report.gradientNorm)
    }
    #expect(compiled.updates == 3)
    for (index, expected) in training.parameters.enumerated() {
      let found = try #require(compiled.parameter(index)?.reals)
      let worst = zip(found, expected.reals).reduce(0) { max($0, abs($1.0 - $1.1)) }
      // Without a factor on the gradients the numbers are the plain kernels' to the bit.
      #expect(worst <= (norm == nil ? 0 : 1e-6), "\(index): \(worst)")
    }
  }

  @Test("the bits are the same for 1, 2, 3 and 8 threads")
  func threads() throws {
    let sample = try PlannedStepSample("Fixtures/numeric/1_gpt2", sizes: Self.sizes)
    let batches = try batches(sample)
    var expected: [[UInt32]]?
    for workers in [1, 2, 3, 8] {
      let compiled = try sample.step(
        options(sample, OptimiserSettings(decay: 0.1), norm: 0.5, workers: workers))
      for rate in [1e-2, 3e-3] { _ = try step(compiled, batches, rate: rate) }
      let found = bits(compiled)
      #expect(expected == nil || expected == found, "\(workers) threads")
      expected = expected ?? found
    }
    #expect(expected?.joined().contains { Float(bitPattern: $0).isNaN } == false)
  }

  private func bits(_ step: CompiledStep) -> [[UInt32]] {
    step.plan.graph.parameters.indices.flatMap { index in
      ([step.parameter(index)?.reals ?? []] + (step.moments(index) ?? []))
        .map { $0.map(\.bitPattern) }
    }
  }

  @Test(
    "the sums take four bytes for each trained weight, and nothing is asked of the heap",
    .enabled(if: plumbline_counts_allocations() != 0))
  func memory() throws {
    let sample = try PlannedStepSample("Fixtures/models/gpt2-lora-tiny.model")
    let compiled = try sample.step(options(sample, OptimiserSettings()))
    let trained = zip(sample.parameters, sample.graph.gradients)
      .reduce(0) { $0 + ($1.1 == nil ? 0 : $1.0.byteCount) }
    let all = sample.parameters.reduce(0) { $0 + $1.byteCount }
    #expect(trained > 0 && trained < all / 4)
    let memory = compiled.plan.memory
    #expect(memory.classes[.gradientSums] == trained)
    #expect(memory.classes[.optimiser] == 2 * trained + 4 * UpdateRegister.allCases.count)
    #expect((memory.classes[.gradients] ?? 0) <= trained)
    try compiled.accumulate(weight: 0.5)
    try compiled.update(rate: 1e-3)
    #expect(compiled.plan.plainOperations == [])
    let before = plumbline_allocations()
    try compiled.accumulate(weight: 0.25)
    try compiled.accumulate(weight: 0.75)
    #expect(plumbline_allocations() == before)
    let use = try compiled.measuredUse()
    #expect(use.touchedEnd == use.plannedEnd)
  }

  @Test("a micro-batch without weight is left out, and sums that are forgotten leave nothing")
  func leftOut() throws {
    let sample = try PlannedStepSample("Fixtures/numeric/1_gpt2", sizes: Self.sizes)
    let batches = try batches(sample)
    let settings = OptimiserSettings(.sgd, rate: 0.1)
    let plain = try sample.step(options(sample, settings))
    _ = try step(plain, [batches[0]], rate: 0.1)
    let other = try sample.step(options(sample, settings))
    for (name, array) in batches[1].inputs { try other.setInput(name, array) }
    try other.accumulate(weight: 1)
    other.forgetSums()
    for (name, array) in batches[0].inputs { try other.setInput(name, array) }
    try other.accumulate(weight: 0)
    try other.accumulate(weight: 1)
    #expect(other.summed == 1)
    try other.update(rate: 0.1)
    #expect(bits(plain) == bits(other))
  }

  @Test(
    "a step with restored weights, moments and updates goes on to the same bits",
    arguments: [
      OptimiserSettings(), OptimiserSettings(.adam, decay: 0.1),
      OptimiserSettings(.sgd, momentum: 0.9, dampening: 0.5), OptimiserSettings(.sgd),
    ])
  func restored(_ settings: OptimiserSettings) throws {
    let sample = try PlannedStepSample("Fixtures/numeric/1_gpt2", sizes: Self.sizes)
    let batches = try batches(sample)
    let first = try sample.step(options(sample, settings, norm: 0.5))
    for _ in 0..<2 { _ = try step(first, batches, rate: 1e-2) }
    let second = try sample.step(options(sample, settings, norm: 0.5, workers: 3))
    for index in sample.parameters.indices {
      try second.setParameter(index, try #require(first.parameter(index)))
      let moments = try #require(first.moments(index))
      #expect(moments.count == settings.moments)
      try second.setMoments(index, moments)
      #expect(throws: ExecutionFault.self) { try second.setMoments(index, moments + [[]]) }
      if !moments.isEmpty {
        #expect(throws: ExecutionFault.self) {
          try second.setMoments(index, moments.map { $0 + [0] })
        }
      }
    }
    second.updates = first.updates
    for _ in 0..<2 {
      _ = try step(first, batches, rate: 1e-2)
      _ = try step(second, batches, rate: 1e-2)
    }
    #expect(bits(first) == bits(second))
  }

  @Test("an evaluation reads the weights that the training step has just learnt")
  func evaluation() throws {
    let sample = try PlannedStepSample("Fixtures/numeric/1_gpt2", sizes: Self.sizes)
    let batches = try batches(sample)
    let planned = PlannedStep(
      sample.program, sizes: sample.sizes, plan: StepPlan(accumulate: 3), threads: 2)
    let graph = try planned.graph()
    let plan = try planned.compiled(graph)
    let training = try CompiledStep(plan, pool: ThreadPool(threads: 2))
    for (index, array) in sample.parameters.enumerated() {
      try training.setParameter(index, array)
    }
    let evaluation = try training.reading(try planned.evaluation())
    let weights = try #require(plan.memory.classes[.weights])
    #expect(evaluation.plan.memory.externalBytes == weights)
    #expect(evaluation.plan.memory.persistentBytes < weights)
    var losses: [Float] = []
    for _ in 0..<2 {
      for (name, array) in batches[0].inputs {
        try evaluation.setInput(name, array)
        try training.setInput(name, array)
      }
      try evaluation.run()
      let loss = try #require(evaluation.output("loss")?.reals.first)
      try training.accumulate(weight: 1)
      #expect(training.output("loss")?.reals.first == loss)
      losses.append(loss)
      try training.update(rate: 1e-2)
    }
    #expect(losses[1] < losses[0])
  }
}
