// RecomputationTests: what the backward pass makes again has the bits that it had, and saves memory.
// Apart from the tests of a run, which don't look at single values.
import Dimensions
import Execution
import IR
import Testing

@testable import PlumblineKit

@Suite struct RecomputationTests {
  @Test("results are the same bits, whatever is made again", arguments: PlannedStepSample.paths)
  func bits(_ path: String) throws {
    let sample = try PlannedStepSample(path)
    var bits: [[[UInt32]?]] = []
    for recomputes in [false, true] {
      var options = StepOptions()
      options.recomputes = recomputes
      let step = try sample.step(options)
      try step.run()
      bits.append(step.result.gradients.map { $0?.reals.map(\.bitPattern) })
    }
    #expect(bits[0] == bits[1])
  }

  @Test("neither the results of GELU nor those of the norms are kept for the backward pass")
  func memory() throws {
    let model = try #require(try Workspace.load(Fixture.path("models/tinystories.model")).model)
    let graph = try StepGraph(model.program, .gradients, isFused: true).graph
    var options = StepOptions()
    options.outputs = ["loss"]
    options.keepsGradients = false
    options.optimiser = OptimiserOptions(decayed: graph.parameters.map { _ in true })
    let sizes = [Symbol("B"): 4, Symbol("T"): 64]
    let made = try StepCompiler(options).compile(graph, sizes: sizes).memory
    options.recomputes = false
    let kept = try StepCompiler(options).compile(graph, sizes: sizes).memory
    // Eight layers, less the last one, whose results are read again at once.
    let rows = 4 * 64 * 4
    #expect(kept.peakBytes - made.peakBytes >= 7 * rows * (512 + 2 * 128))
  }

  @Test("a value that somebody wants to see is made once, and stays")
  func wanted() throws {
    let sample = try PlannedStepSample("Fixtures/numeric/1_gpt2")
    var options = StepOptions()
    options.fusions = []
    let all = try sample.step(options).plan.instructions.count { $0.label == "gelu_tanh" }
    options.kept = Set(
      sample.graph.nodes.filter { $0.operation.name == "gelu_tanh" }.flatMap(\.results))
    let step = try sample.step(options)
    #expect(all == 2 * options.kept.count)
    #expect(step.plan.instructions.count { $0.label == "gelu_tanh" } == options.kept.count)
  }
}
