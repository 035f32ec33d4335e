// TinyModelTests: a whole step of a small language model with the catalogue's own operations.
// What is predicted from types and what a run shows must agree, node by node.
import Analysis
import Autodiff
import Dimensions
import Execution
import IR
import Kernels
import Operations
import Testing
import Training

@Suite struct TinyModelTests {
  /// `cross_entropy(head(tanh(hidden(wte(tokens)))))` over 11 tokens; `frozen` shifts the hidden
  /// layer and is not trained.
  private func step() throws -> FlatGraph {
    var program = Program(name: "tiny", root: DefinitionID(index: 0))
    let shapes: [(String, [Dimension], Bool)] = [
      ("wte", [11, 6], true), ("hidden", [8, 6], true), ("frozen", [8], false),
      ("head", [11, 8], true),
    ]
    program.definitions = [
      Definition(
        block: "tiny",
        parameters: shapes.map { name, shape, trainable in
          ParameterDeclaration(
            name: name, type: TensorType(.f32, shape), formula: shape, initialiser: .normal(0.3),
            trainable: trainable, range: nil)
        })
    ]
    var builder = RegionBuilder(prover: Prover(assuming: .none))
    let indices = TensorType(.i64, [.b, .t])
    let inputs = (0..<2).map { builder.append(.input($0), types: [indices])[0] }
    let weights = shapes.indices.map { index in
      let reference = ParameterReference(instance: InstanceReference(), parameter: index)
      return builder.append(
        .parameter(reference), types: [TensorType(.f32, shapes[index].1)])[0]
    }
    let x = try builder.emit(Gather(), weights[0], inputs[0])
    let h = try builder.emit(Tanh(), builder.emit(Affine(), x, weights[1], weights[2]))
    let logits = try builder.emit(Affine(), h, weights[3])
    let classes = Pattern(
      inputs: [[.name("b"), .name("t"), .bracket([.name("v")])]], output: nil)
    let loss = try builder.emit(
      CrossEntropy(Attributes(pattern: classes)), logits, inputs[1])
    program.functions = [
      Function(
        definition: program.root, values: builder.values, nodes: builder.nodes, inputs: inputs,
        inputNames: ["tokens", "targets"], outputs: [logits, loss],
        outputNames: ["logits", "loss"])
    ]
    program.loss = FunctionID(index: 0)
    let derivative = try program.differentiateLoss()
    return try program.flattened(derivative)
  }

  private func batch<Scalar: KernelScalar>(
    rows: Range<Int>, masking masked: Int = 0
  ) -> TrainingBatch<Scalar> {
    let tokens = rows.flatMap { row in (0..<5).map { Int32((row * 7 + $0 * 3) % 11) } }
    let targets = tokens.enumerated().map { $0.offset < masked ? -100 : ($0.element + 3) % 11 }
    let extents = [rows.count, 5]
    return TrainingBatch(
      [
        "tokens": NDArray(extents: extents, index: tokens),
        "targets": NDArray(extents: extents, index: targets),
      ], targets: "targets")
  }

  private func training<Scalar: KernelScalar>(
    _ settings: TrainingSettings = TrainingSettings()
  ) throws -> TrainingStep<Scalar> {
    let graph = try step()
    return try TrainingStep(
      graph: graph, parameters: Initialisation(seed: 1).parameters(of: graph), settings: settings)
  }

  @Test("holds the bytes and makes the shapes that types predict, node by node")
  func predictions() throws {
    let training: TrainingStep<Float> = try training()
    let graph = training.executor.graph
    let sizes = [Symbol("B"): 3, Symbol("T"): 5]
    let prediction = try MemoryPrediction(graph, sizes: sizes)
    var wrong: [Observation] = []
    let found = try training.gradients(of: [batch(rows: 0..<3)]) { seen in
      let type = graph.values[seen.value].type
      if type.extents(sizes) != seen.extents || type.element.kind != seen.kind {
        wrong.append(seen)
      }
    }
    #expect(wrong == [])
    #expect(found.memory.bytesAtNode == prediction.bytesAtNode)
    #expect(found.memory.peakBytes == prediction.peakBytes)
    #expect(found.memory.peakNode == prediction.peakNode)
    #expect(found.memory.finalBytes == prediction.finalBytes)
    #expect(found.memory.parameterBytes == prediction.parameterBytes)
    #expect(found.memory.inputBytes == prediction.inputBytes)
    #expect(found.byteCount == prediction.gradientBytes)
    #expect(training.optimiser.stateBytes == prediction.optimiserBytes)
  }

  @Test("counts the multiply-adds of both passes")
  func multiplyAdds() throws {
    let training: TrainingStep<Float> = try training()
    let counters = try training.gradients(of: [batch(rows: 0..<3)]).counters
    // 15 rows through 6 × 8 and 8 × 11; backward twice that, all operands needing a gradient.
    #expect(counters.multiplyAdds(in: .forward) == 15 * (48 + 88))
    #expect(counters.multiplyAdds(in: .backward) == 2 * 15 * (48 + 88))
  }

  @Test("starts at the entropy of a guess and learns, the frozen weight aside")
  func learns() throws {
    var training: TrainingStep<Float> = try training(
      TrainingSettings(optimiser: OptimiserSettings(rate: 0.02), clipping: .init(globalNorm: 1)))
    let frozen = training[parameter: "frozen"]?.reals
    let losses = try (0..<150).map { _ in try training.step([batch(rows: 0..<3)]).loss }
    // ln 11 = 2.398
    #expect(abs(losses[0] - 2.398) < 0.3)
    #expect((losses.last ?? 9) < 0.1)
    #expect(training[parameter: "frozen"]?.reals == frozen)
  }

  @Test("accumulates masked micro-batches to the large batch when they are weighted by targets")
  func accumulation() throws {
    let weighted: TrainingStep<Double> = try training(
      TrainingSettings(accumulation: .tokenWeighted))
    let naive: TrainingStep<Double> = try training()
    let micro: [TrainingBatch<Double>] = [batch(rows: 0..<2, masking: 7), batch(rows: 2..<4)]
    let large = try weighted.gradients(of: [batch(rows: 0..<4, masking: 7)])
    func distance(_ step: TrainingStep<Double>) throws -> Double {
      let found = try step.gradients(of: micro)
      return zip(found.values, large.values).map { found, expected in
        zip(found?.reals ?? [], expected?.reals ?? []).map { abs($0 - $1) }.max() ?? 0
      }.max() ?? .infinity
    }
    #expect(try distance(weighted) < 1e-15)
    #expect(try distance(naive) > 1e-3)
  }

  @Test("computes nearly the same in f32 and f64")
  func precisions() throws {
    let narrow: TrainingStep<Float> = try training()
    let wide: TrainingStep<Double> = try training()
    let (a, b) = (
      try narrow.gradients(of: [batch(rows: 0..<3)]), try wide.gradients(of: [batch(rows: 0..<3)])
    )
    #expect(abs(a.loss - b.loss) < 1e-6)
    for (x, y) in zip(a.values, b.values) {
      #expect(zip(x?.reals ?? [], y?.reals ?? []).allSatisfy { abs(Double($0) - $1) < 1e-6 })
    }
  }
}
