// AdapterTrainingTests: a LoRA run on the compiled step: PyTorch's steps, and nothing for the frozen base.
// Work and bytes are held against what `flops --backward` and `memory` say beforehand.
import Analysis
import Dimensions
import IR
import Interchange
import Kernels
import Testing

@testable import Execution
@testable import PlumblineKit

@Suite struct AdapterTrainingTests {
  private func planned(_ batch: [String: Int]) throws -> (PlannedStep, FlatGraph, CompiledPlan) {
    let loaded = try Workspace.load(Fixture.path("Fixtures/models/gpt2-lora-tiny.model"))
    let sizes = Dictionary(uniqueKeysWithValues: batch.map { (Symbol($0.key), $0.value) })
    let plan = StepPlan(
      optimiser: OptimiserSettings(rate: 1e-3, beta2: 0.95, decay: 0.1), decay: nil)
    let step = PlannedStep(
      try #require(loaded.model).program, sizes: sizes, plan: plan, threads: 2)
    let graph = try step.graph()
    return (step, graph, try step.compiled(graph))
  }

  @Test("three steps of the compiled plan are PEFT's and PyTorch's")
  func steps() throws {
    let folder = Fixture.path("Fixtures/numeric/6_gpt2_lora")
    let (step, graph, plan) = try planned(["B": 2, "T": 12])
    let fused = try StepGraph(step.program, .gradients, isFused: true)
    #expect(fused.weights.map(\.name) == graph.parameters.map(\.name))
    let weights = try StepWeights<Float>(reading: folder + "/model.safetensors", for: fused)
    let inputs = try StepInputs(path: folder + "/io.safetensors", renamed: [:])
    let compiled = try CompiledStep(plan, pool: ThreadPool(threads: 2))
    for (index, array) in weights.arrays.enumerated() { try compiled.setParameter(index, array) }
    let expected = try SafetensorsReader(path: folder + "/expected_f32.safetensors")
    let exact = try SafetensorsReader(path: folder + "/expected_f64.safetensors")
    var losses: [Double] = []
    for number in 0..<3 {
      let batch: [String: NDArray<Float>] = try inputs.arrays(
        for: graph, prefix: "batch\(number % 3)/")
      for (name, array) in batch { try compiled.setInput(name, array) }
      try compiled.train(rate: 1e-3)
      losses.append(Double(try #require(compiled.output("loss")?.reals.first)))
      var compared = 0
      for (index, name) in weights.names.enumerated() {
        let key = "adamw/wd_2d/step\(number + 1)/\(name)"
        guard expected.header[key] != nil else {
          #expect(
            compiled.parameter(index)?.reals == weights.arrays[index].reals, "\(name) is frozen")
          continue
        }
        let slopes = try exact.doubles("grads/" + name)
        let found = try #require(compiled.parameter(index)).reals
        for (place, wanted) in try expected.floats(key).enumerated()
        where abs(slopes[place]) > 1e-6 {
          compared += 1
          #expect(abs(found[place] - wanted) <= 1e-5, "\(key)[\(place)]")
        }
      }
      #expect(compared > 2_000)
    }
    // From the case's own record.
    for (own, theirs) in zip(losses, [4.840110778808594, 4.88797664642334, 4.863636493682861]) {
      #expect(abs(own - theirs) <= 1e-5 * theirs)
    }
  }

  @Test("no gradient of the frozen base is computed or stored, and no moments are kept")
  func frozen() throws {
    let (step, graph, plan) = try planned(["B": 2, "T": 12])
    let trained = Set(
      graph.parameters.indices.filter { graph.parameters[$0].declaration.trainable })
    #expect(trained.count == 12 && graph.parameters.count == 40)
    let elements = trained.reduce(0) {
      $0 + (graph.parameters[$1].declaration.type.elementCount.constant ?? 0)
    }
    #expect(elements == 2_816)
    for index in graph.parameters.indices {
      #expect((graph.gradients[index] != nil) == trained.contains(index))
      #expect((plan.moments[index] != nil) == trained.contains(index))
    }
    let memory = plan.memory
    #expect(memory.classes[.optimiser] == 8 * elements + 4 * UpdateRegister.allCases.count)
    // What the report says is what the arena holds.
    let report = MemoryReport(plan, model: "tiny")
    #expect(report.schedule.arenaBytes == memory.arenaBytes)
    let state = report.rows.first { $0.use == .optimiser }
    #expect(state?.bytesAtPeak == memory.classes[.optimiser])
    let gradients = report.rows.first { $0.use == .gradients }?.bytesAtPeak ?? 0
    #expect(gradients <= 4 * elements)
    // The base alone would need gradients of 4 bytes for each of its 29,600 weights.
    #expect(graph.parameters.count > trained.count && step.plan.accumulate == 1)
  }

  @Test("the run does the work that flops --backward predicts, pass by pass")
  func work() throws {
    let (step, _, _) = try planned(["B": 3, "T": 8])
    let program = try StepProgram(step.program)
    let cost = try CostReport(program.program, of: program.loss, backward: program.root)
    // Attention that is spelled out, whose scores the fast kernels count as the analysis does.
    let graph = try program.step()
    let plan = try step.compiled(graph)
    let compiled = try CompiledStep(plan, pool: ThreadPool(threads: 1))
    let inputs: [String: NDArray<Float>] = try SampleInputs(graph, sizes: step.sizes)
      .draw(seed: 1)
    for (name, array) in inputs { try compiled.setInput(name, array) }
    let weights: [NDArray<Float>] = try Initialisation(seed: 1).parameters(of: graph)
    for (index, array) in weights.enumerated() { try compiled.setParameter(index, array) }
    try compiled.train(rate: 1e-3)
    let counted = compiled.counters
    let backward = try #require(cost.backward?.multiplyAdds.evaluate(step.sizes))
    #expect(
      Int128(counted.multiplyAdds(in: .forward)) == cost.forward.multiplyAdds.evaluate(step.sizes))
    #expect(Int128(counted.multiplyAdds(in: .backward)) == backward)
    // Training everything costs twice the forward pass; the frozen base saves nearly half of it.
    let whole = try #require(cost.forward.multiplyAdds.evaluate(step.sizes)) * 2
    #expect(backward < whole * 3 / 4, "\(backward) of \(whole)")
  }

  @Test(
    "a verification of the adapted model agrees in every item, with micro-batches too",
    arguments: [1, 4])
  func verified(_ accumulate: Int) throws {
    let loaded = try Workspace.load(Fixture.path("Fixtures/models/gpt2-lora-tiny.model"))
    let report = try Verifier().verify(
      try #require(loaded.model).program, plan: StepPlan(accumulate: accumulate))
    #expect(report.agrees, "\(report.sections.flatMap(\.differences))")
    let held = report.sections.first { section in section.id == "fast-weights" }
    #expect(held?.note?.contains("2,816 updated") == true, "\(held?.note ?? "none")")
  }
}
