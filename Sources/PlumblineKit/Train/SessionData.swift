// SessionData: what a session trains on, under the names of the model's inputs.
// Apart from the session, in two parts: sizes are known before anything large is made.
import Dimensions
import Execution
import IR
import Kernels
import Language
import Training

/// What is known of the data before a step is planned: the size of a batch.
struct SessionOpening {
  /// The loss, unfolded.
  let graph: FlatGraph
  /// The batches of a file that names them.
  let named: NamedBatches?
  let sizes: [Symbol: Int]

  /// - Throws: ``RunFailure`` when a dimension has no size, or another than the plan says.
  init(
    _ program: Program, _ plan: TrainingPlan, _ request: TrainingRequest
  ) throws(RunFailure) {
    let graph = try StepGraph(program, .loss).graph
    self.graph = graph
    if request.data.hasSuffix(".safetensors") {
      let named = try NamedBatches(request.data, for: graph, accumulate: plan.accumulate)
      sizes = try Self.sizes(of: named.batches[0].inputs, graph)
      self.named = named
      try Self.check(sizes, of: request.data, program, plan)
      return
    }
    let symbols = Set(
      graph.inputs.flatMap { graph.values[$0.value].type.shape.flatMap(\.symbols) })
    let missing = symbols.filter { plan.batch[$0] == nil }.sorted()
    guard missing.isEmpty else {
      let names = missing.map(\.name)
      throw RunFailure(
        "training-plan-incomplete",
        "the plan gives no size for \(names.map { "`\($0)`" }.joined(separator: ", "))",
        help: "add `batch \(names.map { "\($0) = 16" }.joined(separator: ", "))` to the section, or"
          + " --batch \(names.map { "\($0)=16" }.joined(separator: ","))")
    }
    sizes = plan.batch
    named = nil
  }

  private static func sizes(
    of arrays: [String: NDArray<Float>], _ graph: FlatGraph
  ) throws(RunFailure) -> [Symbol: Int] {
    var inference = SizeInference()
    do throws(ExecutionFault) {
      for port in graph.inputs {
        guard let array = arrays[port.name] else { continue }
        try inference.read(
          array, as: .input(port.name), declared: graph.values[port.value].type)
      }
      try inference.finish()
    } catch {
      throw RunFailure(error)
    }
    return inference.sizes
  }

  /// Holds the sizes of given batches against the model's bounds and the plan's sizes.
  private static func check(
    _ sizes: [Symbol: Int], of path: String, _ program: Program, _ plan: TrainingPlan
  ) throws(RunFailure) {
    for (symbol, size) in sizes.sorted(by: { $0.key < $1.key }) {
      let bounds = program.assumptions.bounds(of: symbol)
      if let upper = bounds.upper, size > upper {
        throw RunFailure(
          "batch-out-of-bounds",
          "\(symbol.name) is \(size) in the batches of \(path), beyond its bound, at most \(upper)",
          help: "cut the batches, or give the model a larger bound")
      }
      if let lower = bounds.lower, size < lower {
        throw RunFailure(
          "batch-out-of-bounds",
          "\(symbol.name) is \(size) in the batches of \(path), below its bound, at least \(lower)",
          help: "give batches that hold something")
      }
    }
    let other = sizes.filter { plan.batch[$0.key].map { [size = $0.value] in $0 != size } ?? false }
    guard !other.isEmpty else { return }
    func text(_ sizes: [Symbol: Int], _ join: String, _ separator: String) -> String {
      sizes.filter { other[$0.key] != nil }.sorted { $0.key < $1.key }
        .map { "\($0.key.name)\(join)\($0.value)" }.joined(separator: separator)
    }
    throw RunFailure(
      "batch-shapes-differ",
      "the batches of \(path) have \(text(sizes, " = ", ", ")), but the plan says"
        + " \(text(plan.batch, " = ", ", "))",
      help: "say --batch \(text(sizes, "=", ",")), or give batches of the plan's sizes")
  }
}

/// Data under the names of a model's inputs.
struct SessionData {
  let training: any BatchSource
  let validation: [TrainingBatch<Float>]
  let inputs: TrainingInputs?
  let corpus: Corpus?
  let sampler: BatchSampler?
  let sizes: [Symbol: Int]
  private(set) var notes: [String] = []

  init(
    _ program: Program, _ plan: TrainingPlan, _ request: TrainingRequest, _ known: Vocabulary?,
    _ opening: SessionOpening
  ) throws(RunFailure) {
    sizes = opening.sizes
    if let named = opening.named {
      training = named
      (validation, inputs, corpus, sampler) = ([], nil, nil, nil)
      notes = named.notes
      return
    }
    let inputs = try TrainingInputs(program, opening.graph, sizes: sizes)
    do throws(DataFault) {
      let corpus = try Corpus(request.corpus(for: inputs.vocabulary, known: known))
      let hasValidation = request.settings.evaluateEvery > 0
      try corpus.check(block: inputs.block, validates: hasValidation)
      let order = SampleOrder(rawValue: request.settings.order) ?? .crops
      let seed = UInt64(bitPattern: Int64(plan.seed))
      let sampler = try BatchSampler(
        corpus.training, rows: inputs.rows, block: inputs.block, order: order, seed: seed)
      training = TokenBatches(sampler, inputs)
      if hasValidation, let held = corpus.validation {
        // The same blocks at each validation, from the start of what was kept.
        let blocks = try BatchSampler(
          held, rows: inputs.rows, block: inputs.block, order: .sequential, seed: 0)
        let source = TokenBatches(blocks, inputs)
        let count = min(max(request.settings.evaluationBatches, 1), blocks.wholeBatches)
        validation = (0..<count).map { source.batch($0) }
      } else {
        validation = []
      }
      self.sampler = sampler
      self.corpus = corpus
      if let data = corpus.vocabulary?.count, let model = inputs.vocabulary, data < model {
        notes.append(
          "the text has \(data) symbols, the model's vocabulary \(model): the last"
            + " \(model - data) are never seen")
      }
    } catch {
      throw RunFailure(error)
    }
    self.inputs = inputs
  }
}
