// PlannedRunTests: what a planned step promises of threads, memory and the heap.
// Apart from the comparison of numbers with the plain executor.
import AllocationCounter
import Dimensions
import IR
import Kernels
import Testing
import Training

@testable import Execution

@Suite struct PlannedRunTests {
  @Test("the bits are the same for 1, 2, 3 and 8 threads", arguments: PlannedStepSample.paths)
  func threads(_ path: String) throws {
    let sample = try PlannedStepSample(path)
    var first: [[UInt32]?]?
    for threads in [1, 2, 3, 8] {
      var options = StepOptions()
      options.workers = threads
      let step = try sample.step(options)
      try step.run()
      let result = step.result
      let bits =
        sample.graph.outputs.map { result.outputs[$0.name]?.reals.map(\.bitPattern) }
        + result.gradients.map { $0?.reals.map(\.bitPattern) }
      #expect(first == nil || first == bits, "\(threads) threads")
      first = first ?? bits
    }
  }

  @Test(
    "an instruction with a fast kernel asks nothing of the heap",
    .enabled(if: plumbline_counts_allocations() != 0), arguments: PlannedStepSample.paths)
  func heap(_ path: String) throws {
    let sample = try PlannedStepSample(path)
    var options = StepOptions()
    options.optimiser = OptimiserOptions(decayed: sample.parameters.map { _ in true })
    let step = try sample.step(options)
    step.setRegisters(rate: 1e-3)
    try step.run()
    let before = plumbline_allocations()
    #expect([Int](repeating: 0, count: 1_000).count == 1_000)
    #expect(plumbline_allocations() > before, "the counter counts")
    for (index, instruction) in step.plan.instructions.enumerated() {
      let start = plumbline_allocations()
      try step.run(instruction: index)
      let asked = plumbline_allocations() - start
      #expect(asked == 0 || instruction.isPlain, "\(instruction.label) asked \(asked) times")
    }
  }

  @Test(
    "a run writes the arena to the byte where the plan ends", arguments: PlannedStepSample.paths)
  func painted(_ path: String) throws {
    let sample = try PlannedStepSample(path)
    let use = try sample.step(StepOptions()).measuredUse()
    #expect(use.touchedEnd == use.plannedEnd)
    #expect(use.plannedEnd <= use.plannedBytes)
  }

  @Test(
    "the plan's parts add up to its peak, and the arena holds it",
    arguments: PlannedStepSample.paths)
  func accounts(_ path: String) throws {
    let sample = try PlannedStepSample(path)
    let memory = try sample.step(StepOptions()).plan.memory
    let weights = sample.parameters.reduce(0) { $0 + $1.byteCount }
    #expect(memory.classes[.weights] == weights)
    #expect(memory.peakBytes <= memory.arenaBytes)
    #expect(memory.liveBytes.max() == memory.holders.reduce(0) { $0 + $1.bytes })
    #expect(memory.holders.allSatisfy { !$0.label.isEmpty })
  }

  @Test(
    "updates inside the step are the optimiser's", arguments: PlannedStepSample.paths,
    [nil, 0.05])
  func updates(_ path: String, _ norm: Double?) throws {
    let sample = try PlannedStepSample(path)
    let decayed = sample.parameters.map { $0.extents.count >= 2 }
    let settings = OptimiserSettings(rate: 1e-2, beta2: 0.95, decay: 0.1)
    var training = try TrainingStep<Float>(
      graph: sample.graph, parameters: sample.parameters, decayed: decayed,
      settings: TrainingSettings(
        optimiser: settings, clipping: norm.map { GradientClipping(globalNorm: $0) }))
    var options = StepOptions()
    options.plainOnly = true
    options.keepsGradients = false
    var own = OptimiserOptions(
      settings, decayed: decayed, globalNorm: norm)
    own.measuresNorm = true
    options.optimiser = own
    let step = try sample.step(options)
    for _ in 0..<3 {
      let report = try training.step([TrainingBatch(sample.inputs)])
      try step.train(rate: settings.rate)
      #expect(step.output("loss")?.reals.first.map { Double($0) } == report.loss)
      let found = try #require(step.gradientNorm)
      #expect(abs(Double(found) - report.gradientNorm) <= 1e-6 * report.gradientNorm)
    }
    for (index, expected) in training.parameters.enumerated() {
      // Without a factor on the gradients the updates are the plain kernel's to the bit.
      let found = try #require(step.parameter(index)?.reals)
      let worst = zip(found, expected.reals).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(worst <= (norm == nil ? 0 : 1e-6), "\(index): \(worst)")
      #expect((step.moments(index) == nil) == (training.optimiser.state(of: index) == nil))
    }
  }

  @Test("a weight that is updated early lets its gradient go")
  func earlyUpdates() throws {
    let sample = try PlannedStepSample("Fixtures/numeric/1_gpt2")
    var options = StepOptions()
    options.keepsGradients = false
    options.optimiser = OptimiserOptions(decayed: sample.parameters.map { _ in true })
    let early = try StepCompiler(options).compile(sample.graph, sizes: sample.sizes)
    options.optimiser?.globalNorm = 1
    let late = try StepCompiler(options).compile(sample.graph, sizes: sample.sizes)
    let all = sample.parameters.reduce(0) { $0 + $1.byteCount }
    // A norm needs all gradients at once, which is where the updates begin.
    #expect(gradients(aliveAtUpdatesOf: late) == all)
    #expect((early.memory.classes[.gradients] ?? 0) < all / 2)
    #expect(early.memory.classes[.optimiser] == late.memory.classes[.optimiser])
  }

  private func gradients(aliveAtUpdatesOf plan: CompiledPlan) -> Int? {
    guard let start = plan.instructions.firstIndex(where: { $0.phase == .optimiser }) else {
      return nil
    }
    return plan.buffers.indices.reduce(0) { sum, index in
      guard plan.memory.kinds[index] == .gradients, let life = plan.memory.lifetimes[index],
        life.first <= start, start <= life.last
      else { return sum }
      return sum + plan.buffers[index].bytes
    }
  }

  @Test("a token beyond the table is a fault, and the next run is right again")
  func fault() throws {
    let sample = try PlannedStepSample("Fixtures/numeric/1_gpt2")
    let step = try sample.step(StepOptions())
    try step.run()
    let loss = step.output("loss")?.reals
    let name = try #require(sample.inputs.keys.sorted().first { $0 != "labels" })
    var wrong = try #require(sample.inputs[name])
    wrong = NDArray(extents: wrong.extents, index: wrong.indices.map { _ in 1_000_000 })
    try step.setInput(name, wrong)
    #expect(throws: ExecutionFault.self) { try step.run() }
    try step.setInput(name, try #require(sample.inputs[name]))
    try step.run()
    #expect(step.output("loss")?.reals == loss)
  }
}
