// InitialisationAudit: the weights as they are drawn, held against how they are declared.
// Text and JSON are made beside this; what a first loss should be is decided with verification.
import Analysis
import Dimensions
import Execution
import IR
import Kernels
import Validation

/// The audit of a model's first weights.
package struct InitialisationAudit: Sendable {
  /// Alike weights of all layers.
  package struct Row: Sendable {
    /// `h[*].attn.c_attn.weight`.
    package var pattern: String
    package var tensors: Int
    package var elements: Int
    /// `normal(0.02)`.
    package var declared: String
    package var planned: Double
    package var drawn: Double
    package var mean: Double
    /// Whether the drawn numbers may be a sample of the declared distribution.
    package var agrees: Bool
    /// Whether the weight ends a branch of the residual stream.
    package var endsBranch: Bool
  }

  package let model: String
  package let seed: UInt64
  package private(set) var rows: [Row] = []
  /// How many branches are added to the residual stream.
  package private(set) var branches = 0
  /// The loss of one step on random tokens; `nil` when it was not computed.
  package private(set) var loss: Double?
  package private(set) var classes: ClassPrediction?
  /// Why there is no loss, or no judgement of it.
  package private(set) var lossNote: String?

  /// What a branch's last matrix starts at in GPT-2: its deviation over √branches.
  package func scaled(_ row: Row) -> Double {
    row.planned / Double(max(branches, 1)).squareRoot()
  }

  /// Draws every weight once, one after another.
  ///
  /// - Parameters:
  ///   - program: the model.
  ///   - sizes: sizes of a small batch for the loss.
  ///   - seed: chooses the random numbers.
  ///   - progress: is told what is done.
  /// - Throws: ``VerificationRefusal`` when the model can't be unfolded or a weight is too large.
  package init(
    _ program: Program, sizes: [Symbol: Int], seed: UInt64,
    progress: (String) -> Void = { _ in }
  ) throws(VerificationRefusal) {
    model = program.name
    self.seed = seed
    var planned = PlannedStep(program, sizes: sizes, plan: StepPlan(nil))
    planned.isForward = true
    let graph = try planned.graph()
    let ends = try InitialisationAudit.branchEnds(program)
    branches = ends.count
    let ending = Set(ends)
    var places: [String: Int] = [:]
    var sums: [(count: Double, sum: Double, squares: Double)] = []
    let initialisation = Initialisation(seed: seed)
    progress("drawing \(graph.parameters.count) weights")
    for parameter in graph.parameters {
      let pattern = NamePattern.folded(parameter.name)
      let array: NDArray<Float>
      do throws(ExecutionFault) {
        array = try initialisation.array(for: parameter.declaration, named: parameter.name)
      } catch {
        throw VerificationRefusal("a weight can't be drawn: \(error)")
      }
      let place = places[pattern] ?? rows.count
      if places[pattern] == nil {
        places[pattern] = place
        let (declared, deviation) = InitialisationAudit.declared(parameter.declaration)
        rows.append(
          Row(
            pattern: pattern, tensors: 0, elements: 0, declared: declared, planned: deviation,
            drawn: 0, mean: 0, agrees: true, endsBranch: ending.contains(parameter.name)))
        sums.append((0, 0, 0))
      }
      rows[place].tensors += 1
      rows[place].elements += array.count
      for value in array.reals {
        let number = Double(value)
        sums[place].sum += number
        sums[place].squares += number * number
      }
      sums[place].count += Double(array.count)
    }
    for (place, sum) in sums.enumerated() where sum.count > 0 {
      let mean = sum.sum / sum.count
      rows[place].mean = mean
      rows[place].drawn = max(sum.squares / sum.count - mean * mean, 0).squareRoot()
      rows[place].agrees = InitialisationAudit.agrees(rows[place], count: sum.count)
    }
    try measureLoss(planned, graph, progress)
  }

  /// The names of the weights that end branches, once for each branch; as the file has them,
  /// since a fused program may hide the sums.
  private static func branchEnds(_ program: Program) throws(VerificationRefusal) -> [String] {
    guard let entry = program.entry else { return [] }
    do throws(UnfoldingError) {
      let graph = try program.flattened(entry)
      return ResidualBranches(graph).weights.map { graph.parameters[$0].name }
    } catch {
      throw VerificationRefusal(error.description)
    }
  }

  /// The declaration as it is written, and the deviation that follows from it.
  private static func declared(_ declaration: ParameterDeclaration) -> (String, Double) {
    switch declaration.initialiser {
    case .zeros: return ("zeros", 0)
    case .ones: return ("ones", 0)
    case .normal(let deviation): return ("normal(\(RateText.rate(deviation)))", deviation)
    case .kaimingUniform:
      let width = Double(declaration.type.shape.last?.constant ?? 1)
      // Uniform in ± 1/√fan-in.
      return ("kaiming_uniform", 1 / (3 * max(width, 1)).squareRoot())
    case .constant(let value): return ("\(value)", 0)
    case .sinusoid: return ("sinusoid", .nan)
    }
  }

  /// Within six standard errors of the declared mean and deviation.
  private static func agrees(_ row: Row, count: Double) -> Bool {
    guard row.planned > 0 else { return row.planned.isNaN || row.drawn < 1e-6 }
    let error = row.planned * 6 / count.squareRoot()
    return (row.drawn - row.planned).magnitude <= error && row.mean.magnitude <= error
  }

  private mutating func measureLoss(
    _ planned: PlannedStep, _ graph: FlatGraph, _ progress: (String) -> Void
  ) throws(VerificationRefusal) {
    guard let classes = ClassPrediction(graph, sizes: planned.sizes) else {
      lossNote = "the loss is no cross-entropy over classes"
      return
    }
    self.classes = classes
    guard FastWork(graph, planned.sizes).predicted <= FastRun.workLimit else {
      lossNote = "a step of this size takes too long; give smaller sizes with --set"
      return
    }
    progress("computing the first loss")
    let plan = try planned.compiled(graph) { $0.outputs = ["loss"] }
    do throws(ExecutionFault) {
      let step = try CompiledStep(plan, pool: ThreadPool(threads: max(planned.threads, 1)))
      try FastRun(planned, seed: seed).supply(step, graph)
      try step.run()
      loss = step.output("loss")?.reals.first.map { Double($0) }
    } catch {
      lossNote = "the step can't be run: \(error)"
    }
    if classes.tolerance == nil { lossNote = "the initialiser spreads the logits widely" }
  }

  /// Whether the loss is that of guessing; `nil` when it was not computed or is not judged.
  package var lossAgrees: Bool? {
    guard let loss, let classes, let tolerance = classes.tolerance else { return nil }
    return (loss - classes.expected).magnitude <= tolerance
  }
}
