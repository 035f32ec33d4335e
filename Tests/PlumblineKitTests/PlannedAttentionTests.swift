// PlannedAttentionTests: what a planned step does around its attention, which is nothing.
// Numbers are compared elsewhere: here it is the instructions of the models that people train.
import Dimensions
import Execution
import IR
import PlumblineKit
import Testing

@Suite struct PlannedAttentionTests {
  @Test(
    "heads are views of one product, and nothing is moved before or after an attention",
    arguments: ["tinystories", "character-gpt", "gpt2"])
  func movesNothing(_ name: String) throws {
    let instructions = try plan(name).instructions
    let attention = "scaled_dot_product_attention"
    let count = instructions.count { $0.label == attention }
    #expect(count > 0)
    #expect(instructions.count { $0.label == attention + "_gradient" } == count)
    for instruction in instructions where instruction.label == attention {
      // Queries, keys and values lie in the product's result, and the heads side by side.
      let packed = instruction.reads.filter { $0.rank == 4 && !$0.isDense }
      #expect(packed.count == 3 && Set(packed.map(\.buffer)).count == 1)
      #expect(instruction.writes.first?.isDense == false)
    }
    let moving: Set<String> = ["copy", "rearrange", "stack", "unstack", "concatenate"]
    let moves = instructions.filter { moving.contains($0.label) }.map {
      "\($0.phase) \($0.label) \($0.reads.map(\.extents)) → \($0.writes.map(\.extents))"
    }
    #expect(moves.isEmpty)
  }

  /// The plan of a model's training step.
  private func plan(_ name: String) throws -> CompiledPlan {
    let loaded = try Workspace.load(packagePath("models/\(name).model"))
    let step = try StepGraph(try #require(loaded.model?.program), .gradients, isFused: true)
    var options = StepOptions()
    options.keepsGradients = false
    options.outputs = ["loss"]
    options.optimiser = OptimiserOptions(decayed: step.graph.parameters.map { _ in false })
    return try StepCompiler(options).compile(
      step.graph, sizes: [Symbol("B"): 2, Symbol("T"): 24])
  }
}
