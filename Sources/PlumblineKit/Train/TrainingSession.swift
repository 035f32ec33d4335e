// TrainingSession: a model, its plan, its data and a planned step, joined and ready to train.
// Nothing is written here; a run, a dry run and a search for a rate all begin with one.
import Analysis
import Dimensions
import Execution
import Foundation
import IR
import Kernels
import Language
import Schedules
import Training
import Validation

/// Everything that a training needs, in memory.
///
/// A class, because the step in it has an identity: its weights change.
package final class TrainingSession {
  package let effective: EffectiveModel
  package let request: TrainingRequest
  /// The step that trains, unfolded, with the names of its weights.
  package let graph: StepGraph
  package let step: CompiledStep
  package let source: any BatchSource
  package let validation: Validation?
  package let inputs: TrainingInputs?
  package let corpus: Corpus?
  /// The updates of the whole run.
  package let steps: Int
  package let schedule: Schedule
  /// What the file to begin with calls the weights, when it alone holds those that are not trained.
  package private(set) var baseNames: [String: String]?
  /// Remarks that are printed once, before the first step.
  package private(set) var notes: [String] = []

  package var plan: TrainingPlan { effective.plan }

  /// The model's seed as generators take it.
  package var seed: UInt64 { UInt64(bitPattern: Int64(plan.seed)) }

  /// Joins model and data and plans the step.
  ///
  /// - Parameters:
  ///   - effective: the model with its section.
  ///   - request: the data and how they are read.
  ///   - known: the vocabulary of a run that goes on.
  ///   - initialises: whether weights are made or read now; a run that goes on has its own.
  /// - Throws: ``RunFailure`` when model, plan and data don't fit each other.
  package init(
    _ effective: EffectiveModel, _ request: TrainingRequest, vocabulary known: Vocabulary? = nil,
    initialises: Bool = true
  ) throws(RunFailure) {
    var request = request
    var known = known
    var remarks: [String] = []
    if let path = request.weights, initialises {
      let file = try RunBase.file(path)
      request.weights = file
      if known == nil, !request.data.hasSuffix(".safetensors") {
        known = try RunBase.vocabulary(beside: file)
        if known != nil { remarks.append("the symbols are those of the weights in \(path)") }
      }
    }
    self.effective = effective
    self.request = request
    let plan = effective.plan
    let program = effective.model.program
    // A step that the machine has no room for is refused before its batches are made.
    let opening = try SessionOpening(program, plan, request)
    let graph = try StepGraph(program, .gradients, isFused: true)
    let threads = max(request.threads, 1)
    let planned = PlannedStep(
      program, sizes: opening.sizes, plan: StepPlan(plan), threads: threads)
    let compiled = try Self.compiled(planned, graph)
    let data = try SessionData(program, plan, request, known, opening)
    self.graph = graph
    inputs = data.inputs
    corpus = data.corpus
    source = data.training
    let schedule = try Self.schedule(plan)
    let steps = try Self.steps(plan, program, data)
    (self.schedule, self.steps) = (schedule, steps)
    if let step = (0..<min(steps, 10_000_000)).first(where: { !schedule.rate(at: $0).isFinite }) {
      throw RunFailure(
        "training-plan-incomplete", "the schedule has no rate at step \(step) of \(steps)",
        help: "shorten the run with --steps, or choose another --schedule")
    }
    do throws(ExecutionFault) {
      step = try CompiledStep(compiled, pool: ThreadPool(threads: threads))
    } catch {
      throw RunFailure("step-not-planned", error.description)
    }
    if data.validation.isEmpty {
      validation = nil
    } else {
      validation = Validation(try Self.reader(of: step, planned), batches: data.validation)
    }
    notes = remarks + data.notes
    if initialises, request.weights == nil, try RunAdapters.areIn(program) {
      notes.append(
        "adapters are put on weights as they are drawn: --weights names a base that has learnt")
    }
    if initialises, request.weights != nil, known == nil,
      data.corpus?.vocabulary?.level == .character
    {
      notes.append(
        "no vocabulary.json lies beside the weights: the symbols are numbered as this text has them"
      )
    }
    if let precision = plan.precision, precision.element != .f32 {
      notes.append(
        "the plan says \(precision.element.rawValue); this executor computes and trains in f32")
    }
    if initialises { try initialise() }
  }

  /// The plan of the step, which this machine has room for.
  private static func compiled(
    _ planned: PlannedStep, _ graph: StepGraph
  ) throws(RunFailure) -> CompiledPlan {
    do throws(VerificationRefusal) {
      let compiled = try planned.compiled(graph.graph)
      let memory = Int(clamping: ProcessInfo.processInfo.physicalMemory)
      guard compiled.memory.arenaBytes <= memory / 10 * 9 else {
        throw VerificationRefusal(
          "the step needs \(Figures.bytes(compiled.memory.arenaBytes)), and this machine has"
            + " \(Figures.bytes(memory))", help: PlannedStep.smaller)
      }
      return compiled
    } catch {
      throw RunFailure("step-not-planned", error.message, help: error.help)
    }
  }

  /// Fills the weights from a file or from their initialisers.
  private func initialise() throws(RunFailure) {
    var read: [NDArray<Float>]?
    if let path = request.weights {
      // A checkpoint of the base model knows no adapters: those begin at their initialisers.
      let fresh = try AdapterLayout.parameters(in: graph.program)
      let weights = try StepWeights<Float>(reading: path, for: graph, fresh: fresh, seed: seed)
      read = weights.arrays
      if graph.graph.parameters.contains(where: \.isFrozen) {
        baseNames = [:]
        for (index, weight) in graph.weights.enumerated() where weights.names[index] != weight.name
        {
          baseNames?[weight.name] = weights.names[index]
        }
      }
    }
    let initialisation = Initialisation(seed: seed)
    do throws(ExecutionFault) {
      // One by one, so that two copies of a model are never made.
      for (index, parameter) in graph.graph.parameters.enumerated() {
        if let read {
          try step.setParameter(index, read[index])
        } else {
          try step.setParameter(
            index, initialisation.array(for: parameter.declaration, named: parameter.name))
        }
      }
    } catch {
      throw RunFailure(error)
    }
  }

  /// The loss alone, reading the weights where the step has them.
  private static func reader(
    of step: CompiledStep, _ planned: PlannedStep
  ) throws(RunFailure) -> CompiledStep {
    let evaluation: CompiledPlan
    do throws(VerificationRefusal) {
      evaluation = try planned.evaluation()
    } catch {
      throw RunFailure("step-not-planned", error.message, help: error.help)
    }
    do throws(ExecutionFault) {
      return try step.reading(evaluation)
    } catch {
      throw RunFailure(error)
    }
  }

  private static func schedule(_ plan: TrainingPlan) throws(RunFailure) -> Schedule {
    guard let schedule = plan.trainingSchedule else {
      throw RunFailure(
        "training-plan-incomplete", "the plan has no optimizer, and so no learning rate",
        help: "add `optimizer adamw(rate: 3e-4)` to the section, or --rate 3e-4")
    }
    return schedule
  }

  private static func steps(
    _ plan: TrainingPlan, _ program: Program, _ data: SessionData
  ) throws(RunFailure) -> Int {
    if let steps = plan.optimizerSteps(in: program), steps.isFinite, steps >= 1, steps < 1e12 {
      return Int(steps.rounded(.up))
    }
    if plan.lengthUnit == "epochs", let epochs = plan.length,
      let batches = data.sampler?.batches(epochs: epochs)
    {
      return (batches - 1) / max(plan.accumulate, 1) + 1
    }
    throw RunFailure(
      "training-plan-incomplete", "the plan does not say how many steps are made",
      help: "add `steps 1_000` to the section, or --steps 1000")
  }

  /// The steps at which the rate is that of the schedule.
  package func loop(_ source: (any BatchSource)? = nil, rate: (@Sendable (Int) -> Double)? = nil)
    -> TrainingLoop
  {
    let schedule = schedule
    return TrainingLoop(
      step, source: source ?? self.source, accumulate: plan.accumulate,
      accumulation: .asOneBatch(graph.graph),
      momentum: { schedule.momentum(at: $0) }, rate: rate ?? { schedule.rate(at: $0) })
  }
}

extension FlatParameter {
  /// Whether it is a weight that no step changes, and so needs no copy in a checkpoint.
  var isFrozen: Bool { !declaration.trainable && !declaration.isBuffer }
}
