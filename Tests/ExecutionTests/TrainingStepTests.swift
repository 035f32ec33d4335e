// TrainingStepTests: whole steps on a regression small enough to follow by hand.
// PyTorch's numbers are met where models are elaborated from source.
import Dimensions
import Execution
import IR
import Kernels
import Schedules
import Testing
import Training

@Suite struct TrainingStepTests {
  private static let first = (rows: [[1.0, 2.0], [3.0, -1.0]], targets: [Int32(1), 2])
  private static let second = (rows: [[0.5, 0.0], [-2.0, 1.0]], targets: [Int32(0), -3])
  private static let masked = (rows: [[0.5, 0.0], [-2.0, 1.0]], targets: [Int32(0), -100])

  private func step(
    _ settings: TrainingSettings = TrainingSettings()
  ) throws -> TrainingStep<Double> {
    try TrainingStep(
      graph: GraphSketch.regression,
      parameters: [
        NDArray(extents: [2], real: [0.5, -0.5]), NDArray(extents: [2], real: [0.25, 0.25]),
      ], settings: settings)
  }

  private func batch(
    _ data: (rows: [[Double]], targets: [Int32])...
  ) -> TrainingBatch<Double> {
    GraphSketch.batch(data.flatMap(\.rows), data.flatMap(\.targets))
  }

  @Test("gives loss and gradients by name without taking a step")
  func gradients() throws {
    let step = try step()
    let found = try step.gradients(of: [batch(Self.first)])
    // w + v = (0.75, −0.25): residuals 0.25 − 1 and 2.5 − 2.
    #expect(found.loss == (0.5625 + 0.25) / 2)
    #expect(found["w"]?.reals == [-0.75 + 1.5, -1.5 - 0.5])
    #expect(found["v"] == nil)
    #expect(try step.loss(of: batch(Self.first)) == found.loss)
    #expect(step.step == 0)
  }

  @Test("reports loss, norm, rate and the bytes really held")
  func report() throws {
    var step = try step(
      TrainingSettings(optimiser: OptimiserSettings(rate: 0.1), clipping: .init(globalNorm: 0.1)))
    let report = try step.step([batch(Self.first)])
    #expect(report.step == 0)
    #expect(report.loss == 0.40625)
    #expect(abs(report.gradientNorm - (0.75 * 0.75 + 4).squareRoot()) < 1e-15)
    #expect(report.rate == 0.1)
    #expect(report.parameterBytes == 32)
    #expect(report.gradientBytes == 16)
    #expect(report.optimiserBytes == 32)
    #expect(report.accumulatorBytes == 0)
    #expect(report.memory.parameterBytes == 32)
    // The sum, the loss and the gradient.
    #expect(report.memory.peakBytes == 16 + 8 + 16)
    #expect(report.counters.applications[OperationUse("loss_gradient", .backward)] == 1)
    #expect(step.step == 1)
  }

  @Test("never changes a frozen weight, which owns no gradient and no moments")
  func frozen() throws {
    var step = try step()
    for _ in 0..<5 { _ = try step.step([batch(Self.first)]) }
    #expect(step[parameter: "v"]?.reals == [0.25, 0.25])
    #expect(step[parameter: "w"]?.reals != [0.5, -0.5])
    #expect(!step.optimiser.holdsState(of: 1))
    #expect(step.optimiser.stateBytes == 32)
  }

  @Test("lowers the loss")
  func learns() throws {
    var step = try step(TrainingSettings(optimiser: OptimiserSettings(rate: 0.05, decay: 0)))
    let before = try step.loss(of: batch(Self.first))
    for _ in 0..<300 { _ = try step.step([batch(Self.first)]) }
    #expect(try step.loss(of: batch(Self.first)) < before * 1e-3)
  }

  @Test(
    "accumulates to the large batch in both ways when target counts are equal",
    arguments: [GradientAccumulation.meanOfMeans, .tokenWeighted])
  func equalCounts(_ accumulation: GradientAccumulation) throws {
    let step = try step(TrainingSettings(accumulation: accumulation))
    let large = try step.gradients(of: [batch(Self.first, Self.second)])
    let micro = try step.gradients(of: [batch(Self.first), batch(Self.second)])
    #expect(abs(large.loss - micro.loss) < 1e-15)
    #expect(
      zip(large["w"]?.reals ?? [], micro["w"]?.reals ?? []).allSatisfy { abs($0 - $1) < 1e-15 })
    #expect(micro["w"]?.count == 2)
  }

  @Test("accumulates to the large batch only by kept targets when their counts differ")
  func unequalCounts() throws {
    let naive = try step(TrainingSettings(accumulation: .meanOfMeans))
    let weighted = try step(TrainingSettings(accumulation: .tokenWeighted))
    let micro = [batch(Self.first), batch(Self.masked)]
    #expect(micro.map(\.keptTargets) == [2, 1])
    let large = try naive.gradients(of: [batch(Self.first, Self.masked)])
    let byTokens = try weighted.gradients(of: micro)
    let byMeans = try naive.gradients(of: micro)
    let (w, expected) = (byTokens["w"]?.reals ?? [], large["w"]?.reals ?? [])
    #expect(w.count == 2 && zip(w, expected).allSatisfy { abs($0 - $1) < 1e-15 })
    #expect(abs(byTokens.loss - large.loss) < 1e-15)
    #expect(abs((byMeans["w"]?.reals[0] ?? 0) - expected[0]) > 0.01)
    #expect(abs(byMeans.loss - large.loss) > 0.01)
  }

  @Test("leaves out a micro-batch that keeps no target, whose mean is not a number")
  func emptyMicroBatch() throws {
    let step = try step(TrainingSettings(accumulation: .tokenWeighted))
    let empty = batch((rows: [[1, 1]], targets: [-100]))
    let alone = try step.gradients(of: [batch(Self.first)])
    let both = try step.gradients(of: [empty, batch(Self.first)])
    #expect(both.loss == alone.loss)
    #expect(both["w"]?.reals == alone["w"]?.reals)
    #expect(try step.loss(of: empty).isNaN)
  }

  @Test("counts what accumulation keeps between micro-batches")
  func accumulatorBytes() throws {
    var step = try step()
    let report = try step.step([batch(Self.first), batch(Self.second)])
    #expect(report.accumulatorBytes == 16)
    #expect(report.counters.applications[OperationUse("loss", .forward)] == 2)
  }

  @Test("takes its rate from the schedule, from step zero on")
  func schedule() throws {
    let schedule = try Schedule(peak: 0.4, [.warmup(4)])
    var step = try step(TrainingSettings(schedule: schedule))
    var rates: [Double] = []
    for _ in 0..<6 { rates.append(try step.step([batch(Self.first)]).rate) }
    #expect(rates == [0, 0.1, 0.2, 0.4 * 0.75, 0.4, 0.4])
  }

  @Test("repeats itself bit for bit")
  func determinism() throws {
    func run() throws -> [UInt64]? {
      var step = try step()
      for _ in 0..<4 { _ = try step.step([batch(Self.first), batch(Self.masked)]) }
      return step[parameter: "w"]?.reals.map(\.bitPattern)
    }
    #expect(try run() == run())
  }

  @Test("updates weights where they stand, without a copy")
  func inPlace() throws {
    func address(_ step: borrowing TrainingStep<Double>) -> UInt {
      step.parameters[0].reals.withUnsafeBufferPointer { UInt(bitPattern: $0.baseAddress) }
    }
    var step = try step()
    // The first step may copy: this test's literal holds the weights too.
    _ = try step.step([batch(Self.first)])
    let before = address(step)
    for _ in 0..<3 { _ = try step.step([batch(Self.first), batch(Self.second)]) }
    #expect(address(step) == before)
  }

  @Test("changes nothing when a batch can't be run")
  func failure() throws {
    var step = try step()
    let before = step.parameters.map(\.reals)
    let fault = TrainingFault.execution(.missingInput("x", expected: "f32[B, 2]"))
    #expect(throws: fault) { try step.step([batch(Self.first), TrainingBatch([:])]) }
    #expect(step.parameters.map(\.reals) == before)
    #expect(step.step == 0)
  }

  @Test("accepts weights by name, with their own extents only")
  func replacing() throws {
    var step = try step()
    try step.replace(parameter: "v", with: NDArray(extents: [2], real: [1, 2]))
    #expect(step[parameter: "v"]?.reals == [1, 2])
    #expect(throws: TrainingFault.unknownParameter("u")) {
      try step.replace(parameter: "u", with: .filled([2]))
    }
    #expect(throws: TrainingFault.self) { try step.replace(parameter: "v", with: .filled([3])) }
  }

  @Test("refuses graphs that can't be trained")
  func graphs() throws {
    var graph = GraphSketch.regression
    graph.gradients.swapAt(0, 1)
    let weights: [NDArray<Double>] = [.filled([2]), .filled([2])]
    #expect(throws: TrainingFault.gradientOfFrozen("v")) {
      try TrainingStep(graph: graph, parameters: weights)
    }
    #expect(throws: TrainingFault.missingLoss(name: "cost", outputs: ["loss"])) {
      try TrainingStep(
        graph: GraphSketch.regression, parameters: weights, settings: .init(loss: "cost"))
    }
    var vector = GraphSketch.regression
    vector.outputs[0].value = vector.nodes[0].results[0]
    let step = try TrainingStep(graph: vector, parameters: weights)
    #expect(throws: TrainingFault.lossIsNoScalar(name: "loss", extents: [2])) {
      try step.loss(of: batch(Self.first))
    }
  }
}
