// PlannedStep: a model's training step as a plan of the compiled executor.
// One place for `memory` and `verify`, so that the plan that is printed is the plan that runs.
import Dimensions
import Execution
import IR
import Training

/// What is to be planned.
package struct PlannedStep: Sendable {
  package let program: Program
  package let sizes: [Symbol: Int]
  package var plan: StepPlan
  package var threads: Int
  /// Plans the forward pass alone, up to the loss where the model has one.
  package var isForward = false

  package init(
    _ program: Program, sizes: [Symbol: Int], plan: StepPlan,
    threads: Int = ProcessorCount.available()
  ) {
    self.program = program
    self.sizes = sizes
    self.plan = plan
    self.threads = threads
  }

  /// What helps where a step is too large.
  static let smaller = "take a smaller batch (--batch, --set B=…), accumulated more often"

  /// The graph that is planned, of the program with its patterns fused.
  ///
  /// - Throws: ``VerificationRefusal`` when the model can't be unfolded or differentiated.
  package func graph() throws(VerificationRefusal) -> FlatGraph {
    let program = ProgramFusion.fuse(program).program
    guard isForward else { return try StepProgram(program).step() }
    guard let entry = program.loss ?? program.entry else {
      throw VerificationRefusal("the model has no forward")
    }
    do throws(UnfoldingError) {
      return try program.flattened(entry)
    } catch {
      throw VerificationRefusal(error.description)
    }
  }

  /// Plans the loss alone, over weights that lie elsewhere: ``CompiledStep/reading(_:pool:)`` of the
  /// training step makes it run on what that has learnt so far.
  ///
  /// - Throws: ``VerificationRefusal`` as ``graph()`` and ``compiled(_:adjusting:)`` do.
  package func evaluation() throws(VerificationRefusal) -> CompiledPlan {
    var part = self
    part.isForward = true
    let graph = try part.graph()
    return try part.compiled(graph) {
      $0.outputs = ["loss"]
      $0.external = Set(graph.parameters.indices)
    }
  }

  /// Plans; nothing is allocated.
  ///
  /// - Throws: ``VerificationRefusal`` when the graph holds what the fast kernels don't compute in.
  package func compiled(
    _ graph: FlatGraph, adjusting: (inout StepOptions) -> Void = { _ in }
  ) throws(VerificationRefusal) -> CompiledPlan {
    if let value = graph.values.first(where: { $0.type.element == .f64 }) {
      throw VerificationRefusal(
        "the compiled executor computes in f32, and "
          + (value.name.map { "`\($0)`" } ?? "a value") + " is f64",
        help: "declare `dtype f32`")
    }
    var options = StepOptions()
    options.workers = max(threads, 1)
    if !isForward {
      options.keepsGradients = false
      options.outputs = ["loss"]
      options.optimiser = OptimiserOptions(
        plan.optimiser,
        decayed: graph.parameters.map { plan.decays($0.name, $0.declaration) },
        globalNorm: plan.clip, measuresNorm: true, accumulates: plan.accumulate > 1)
    }
    adjusting(&options)
    do throws(ExecutionFault) {
      return try StepCompiler(options).compile(graph, sizes: sizes)
    } catch {
      let isSize = if case .tooLarge = error { true } else { false }
      throw VerificationRefusal(
        "the step can't be planned: \(error)", help: isSize ? Self.smaller : nil)
    }
  }
}
