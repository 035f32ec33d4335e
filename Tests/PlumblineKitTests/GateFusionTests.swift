// GateFusionTests: gated layers make their product in one pass, forward and backward.
// Apart from FusionRuleTests, whose models have no gates.
import Dimensions
import Execution
import IR
import Kernels
import Testing

@testable import PlumblineKit

@Suite struct GateFusionTests {
  static let text = """
    model gated {
      config vocab = 19, width = 16, hidden = 24
      dim B >= 1, T >= 1
      let embed = embedding(vocab, width)
      let gate  = linear(width, hidden)
      let up    = linear(width, hidden)
      let down  = linear(hidden, width)

      forward(tokens: i32[B, T]) -> logits: [B, T, vocab] {
        x = embed(tokens)
        y = x + down(FUNCTION(gate(x)) * up(x))
        return einsum(y, embed.weight : b t c, v c -> b t v)
      }
    }

    train gated {
      batch     B = 2, T = 5
      loss      cross_entropy(logits : b t [v], targets: i32[B, T])
      optimizer adamw(rate: 1e-3)
    }
    """

  @Test("the function's result never exists", arguments: ["silu", "gelu", "gelu_tanh"], [1, 3])
  func gates(_ function: String, _ workers: Int) throws {
    let loaded = Workspace.load(
      path: "gated.model", text: Self.text.replacing("FUNCTION", with: function))
    let graph = try StepGraph(try #require(loaded.model).program, .gradients, isFused: true).graph
    let sizes = [Symbol("B"): 2, Symbol("T"): 5]
    let inputs: [String: NDArray<Float>] = try SampleInputs(graph, sizes: sizes).draw(seed: 5)
    let parameters: [NDArray<Float>] = try Initialisation(seed: 5).parameters(of: graph)
    let expected = try Executor<Float>(graph).run(inputs: inputs, parameters: parameters)

    var options = StepOptions()
    options.workers = workers
    options.recomputes = false
    let plan = try StepCompiler(options).compile(graph, sizes: sizes)
    let step = try CompiledStep(plan, pool: ThreadPool(threads: workers))
    let labels = plan.instructions.map(\.label)
    // The layer's own product, and the gradient by its other factor.
    #expect(labels.count { $0 == "gated_product" } == 2)
    #expect(!labels.contains { $0.contains("+" + function) || $0 == function })

    options.recomputes = true
    let lean = try CompiledStep(
      try StepCompiler(options).compile(graph, sizes: sizes), pool: ThreadPool(threads: workers))
    for compiled in [step, lean] {
      let found = try compiled.run(inputs: inputs, parameters: parameters)
      for (own, other) in zip(found.gradients, expected.gradients) {
        let pairs = zip(try #require(own).reals, try #require(other).reals)
        #expect(pairs.allSatisfy { abs($0 - $1) <= 1e-5 })
      }
    }
  }
}
