// LanguageModel: a program with weights that gives the logits of the next token.
// The one place where a model, its weights and the two ways to compute a row come together.
import Diagnostics
import Dimensions
import Execution
import IR
import Interchange
import Kernels
import Language

/// How a model is made ready to write.
package struct LanguageModelOptions: Hashable, Sendable {
  /// A file of weights; without one they come from their initialisers.
  package var weights: String?
  /// A file of the weights that the other leaves out, because nothing of them is trained.
  package var base: String?
  /// For weights that no file gives.
  package var seed: UInt64 = 0
  /// The most tokens that are looked at; the model's own bound unless given.
  package var context: Int?
  /// Whether rows are kept; otherwise every token computes all of them anew.
  package var keepsRows = true
  package var threads = 1

  package init() {}
}

/// A model that is ready to write.
package struct LanguageModel {
  /// The longest context that is taken where nobody asks for more, in tokens.
  package static var usualContext: Int { 4096 }
  /// The rows of a prompt that are computed at once.
  private static var block: Int { 32 }

  package let source: any LogitSource
  /// The number of logits.
  package let classes: Int
  /// The most tokens that are looked at.
  package let context: Int
  /// Bytes of the rows that are kept; zero where none are.
  package let keptBytes: Int
  private let weights: any HeldWeights

  /// - Throws: ``RunFailure`` when the model is no language model, can't be computed row by row, or
  ///   the weights don't fit it.
  package init(_ model: ElaboratedModel, _ options: LanguageModelOptions) throws(RunFailure) {
    let step = try StepGraph(model.program, .forward, isFused: true)
    var implied: [String: Int32] = [:]
    for port in step.graph.inputs { implied[port.name] = ImpliedInputs.value(of: port.name) }
    let shape: LanguageModelShape
    do throws(DecodingFault) {
      shape = try LanguageModelShape(step.graph, implied: implied)
    } catch {
      throw RunFailure(error)
    }
    classes = shape.classes
    context = try LanguageModel.context(of: model, shape.length, asked: options.context)
    let graphs = try LanguageModel.graphs(step, context, implied, options)
    weights = try LanguageModel.weights(of: step, options)
    let pool = ThreadPool(threads: max(options.threads, 1))
    if let graphs, options.keepsRows {
      do throws(ExecutionFault) {
        let kept = try KeptRows(
          single: graphs.single, block: graphs.block, weights: weights.tensors, pool: pool)
        source = kept
        keptBytes = kept.keptBytes
      } catch {
        throw RunFailure(error)
      }
    } else {
      let rows: AllRows
      do throws(DecodingFault) {
        rows = try AllRows(
          step.graph, capacity: context, isExact: graphs == nil, implied: implied,
          weights: weights.tensors, pool: pool)
      } catch {
        throw RunFailure(error)
      }
      if graphs == nil { try LanguageModel.tryCausality(rows) }
      source = rows
      keptBytes = 0
    }
  }

  /// The steps; `nil` where there are none and every token may be computed anew all the same.
  private static func graphs(
    _ step: StepGraph, _ context: Int, _ implied: [String: Int32], _ options: LanguageModelOptions
  ) throws(RunFailure) -> (single: DecodingGraph, block: DecodingGraph?)? {
    do throws(DecodingFault) {
      let single = try DecodingGraph(step.graph, rows: 1, capacity: context, implied: implied)
      let rows = min(block, context)
      let several =
        rows > 1
        ? try DecodingGraph(step.graph, rows: rows, capacity: context, implied: implied) : nil
      return (single, several)
    } catch {
      // Without a step nothing is known of later rows, except that the length is what changes them.
      if !options.keepsRows, error.kind == .lengthDecides || error.kind == .noStep { return nil }
      throw RunFailure(error)
    }
  }

  /// Holds a model of which nothing is proved against a few tokens.
  private static func tryCausality(_ rows: AllRows) throws(RunFailure) {
    let count = min(rows.capacity, 6)
    guard count > 1, rows.classes > 1 else { return }
    let tokens = (0..<count).map { $0 % rows.classes }
    let row: Int?
    do throws(ExecutionFault) {
      row = try rows.rowThatSeesLater(of: tokens, changing: rows.classes - 1)
    } catch {
      throw RunFailure(error)
    }
    if let row {
      throw RunFailure(
        "not-causal", "the logits of token \(row + 1) change with a token that comes after it")
    }
  }

  /// How many tokens are looked at.
  private static func context(
    of model: ElaboratedModel, _ length: Symbol, asked: Int?
  ) throws(RunFailure) -> Int {
    let range = Prover(assuming: model.program.assumptions).range(of: Dimension(length))
    let bound = range.upper.flatMap { Int(exactly: $0) }
    if let asked {
      guard asked >= 1 else {
        throw RunFailure("invalid-context", "a context of \(asked) tokens holds nothing")
      }
      if let bound, asked > bound {
        throw RunFailure(
          "context-too-long",
          "--context \(asked) is more than the model's \(bound): positions beyond have no row",
          help: "use --context \(bound), or leave it out")
      }
      return asked
    }
    // Positions that no batch had are as they were drawn.
    let trained = model.plan?.batch[length].flatMap { $0 > 0 ? $0 : nil }
    return [bound, trained].compactMap { $0 }.reduce(usualContext) { min($0, $1) }
  }

  private static func weights(
    of step: StepGraph, _ options: LanguageModelOptions
  ) throws(RunFailure) -> any HeldWeights {
    guard let path = options.weights else {
      return try DrawnWeights(StepWeights<Float>(initialising: step, seed: options.seed).arrays)
    }
    guard let base = options.base, RunBase.isPartial(path) else { return try file(path, step) }
    let own: SafetensorsReader
    do throws(SafetensorsError) {
      own = try SafetensorsReader(path: path)
    } catch {
      throw RunFailure(error)
    }
    let under = try file(base, step, fresh: Set(own.entries.map(\.name)))
    return try LayeredWeights(own, over: under, for: step)
  }

  private static func file(
    _ path: String, _ step: StepGraph, fresh: Set<String> = []
  ) throws(RunFailure) -> any HeldWeights {
    path.hasSuffix(".gguf")
      ? try FileWeights(WeightsOpening.gguf(path), for: step, fresh: fresh)
      : try FileWeights(WeightsOpening.safetensors(path), for: step, fresh: fresh)
  }
}

extension RunFailure {
  init(_ fault: DecodingFault) {
    var facts: [Fact] = []
    if !fault.scope.isEmpty { facts.append(.line("in `\(fault.scope)`")) }
    let help: String? =
      switch fault.kind {
      case .lengthDecides:
        "keep to a shorter --context, or compute every token anew with --no-cache"
      case .noStep: "--no-cache computes every token anew"
      case .notCausal, .noLanguageModel: nil
      }
    self.init([
      Diagnostic(
        id: fault.kind.rawValue, message: fault.message, range: fault.range, facts: facts,
        fixes: help.map { [FixIt(message: $0, effect: .none)] } ?? [])
    ])
  }
}
