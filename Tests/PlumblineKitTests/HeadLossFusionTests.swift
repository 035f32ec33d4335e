// HeadLossFusionTests: which nodes of a step become one head and loss, and that nothing else changes.
// The numbers of whole fused models are compared by PlannedStepTests.
import Dimensions
import Execution
import IR
import Kernels
import PlumblineKit
import Testing

@Suite struct HeadLossFusionTests {
  @Test("a tied head and its loss are one instruction, and its gradient takes in the embedding's")
  func fusesTiedHead() throws {
    let sample = try PlannedStepSample("Fixtures/numeric/1_gpt2")
    var options = StepOptions()
    options.outputs = ["loss"]
    let step = try sample.step(options)
    let labels = step.plan.instructions.map(\.label)
    #expect(labels.count { $0 == "head_loss" } == 1)
    #expect(!labels.contains("cross_entropy") && !labels.contains("cross_entropy_gradient"))
    try step.run()
    let expected = try sample.plain()
    // Multiply-adds stay with the operation and the pass to which they belong.
    for use in expected.counters.multiplyAdds.keys where use.operation == "affine" {
      #expect(step.result.counters.multiplyAdds[use] != nil)
    }
    for phase in [Phase.forward, .backward] {
      #expect(
        step.result.counters.multiplyAdds(in: phase) > 0,
        "\(phase): \(step.result.counters.multiplyAdds)")
    }
  }

  @Test("logits that are asked for are made")
  func keepsWantedLogits() throws {
    let sample = try PlannedStepSample("Fixtures/numeric/1_gpt2")
    guard let loss = sample.graph.nodes.first(where: { $0.operation.name == "cross_entropy" })
    else { throw MissingTensor(name: "cross_entropy") }
    var options = StepOptions()
    options.outputs = ["loss"]
    options.kept = [loss.operands[0]]
    let step = try sample.step(options)
    #expect(!step.plan.instructions.contains { $0.label == "head_loss" })
    try step.run()
    #expect(step.array(of: loss.operands[0]) != nil)
  }

  @Test("a target that is no class stops the step, and is named")
  func refusesTargets() throws {
    let sample = try PlannedStepSample("Fixtures/numeric/1_gpt2")
    let step = try sample.step(StepOptions())
    for (name, array) in sample.inputs {
      guard case .index(var ids) = array.payload, !ids.isEmpty else { continue }
      ids[ids.count - 1] = 1 << 30
      try step.setInput(name, NDArray(extents: array.extents, index: ids))
      let fault = #expect(throws: ExecutionFault.self) { try step.run() }
      #expect(fault?.kind == "kernel-fault", "\(name): \(String(describing: fault))")
      try step.setInput(name, array)
    }
  }
}
