// AnalysisCostTests: FLOPs against published totals, and against the unfolded graph.
// Bytes are predicted here and compared with what a run really held.
import Autodiff
import Dimensions
import Execution
import IR
import Kernels
import Operations
import Testing

@testable import Analysis

@Suite struct CostReportTests {
  static let sizes: [Symbol: Int] = [Symbol("B"): 1, Symbol("T"): 1024]

  // Published: the nanoGPT notebook's forward, and its rows.
  @Test("GPT-2 small computes its published FLOPs")
  func published() throws {
    let program = try HandmadeGPT2().program()
    let report = try CostReport(program, of: #require(program.entry))
    #expect(report.forward.flops.evaluate(Self.sizes) == 291_648_307_200)
    func flops(_ path: String) throws -> Int128? {
      try report.flops(at: FoldedPath(parsing: path)).evaluate(Self.sizes)
    }
    #expect(try flops("h[0].attn.c_attn") == 3_623_878_656)
    #expect(try flops("h[5].attn.c_proj") == 1_207_959_552)
    #expect(try flops("h[0].mlp.c_fc") == 4_831_838_208)
    #expect(try flops("h") == 12 * 17_716_740_096)
    #expect(try flops("h[0..<3].attn") == 3 * 8_053_063_680)
    #expect(try flops("wte") == 0)
    #expect(try flops("") == 291_648_307_200)
  }

  @Test("doubling the length more than doubles the work")
  func quadratic() throws {
    let program = try HandmadeGPT2().program()
    let flops = try CostReport(program, of: #require(program.entry)).forward.flops
    let short = try #require(flops.evaluate([Symbol("B"): 1, Symbol("T"): 512]))
    let long = try #require(flops.evaluate([Symbol("B"): 1, Symbol("T"): 1024]))
    #expect(long > 2 * short)
  }

  // A step is three times the forward: each contraction has two in its backward.
  @Test("a training step is three times the forward")
  func training() throws {
    var program = try HandmadeGPT2().program(loss: true)
    let derivative = try program.differentiateLoss()
    let report = try CostReport(program, of: #require(program.loss), backward: derivative)
    #expect(report.step.flops.evaluate(Self.sizes) == 874_944_921_600)
    #expect(report.backward?.flops == 2 * report.forward.flops)
    for row in report.rows where row.forward.flops != 0 {
      #expect(row.backward.flops == 2 * row.forward.flops, "\(row.path)")
    }
  }

  @Test("the rows of a level add up to their owner's")
  func rows() throws {
    let program = try HandmadeGPT2().program()
    let report = try CostReport(program, of: #require(program.entry))
    let own = Dimension.sum(of: report.rows.map(\.own.flops))
    #expect(own == report.forward.flops)
    let model = try #require(report.rows.first { $0.path.components.isEmpty })
    #expect(model.forward.flops == report.forward.flops)
    let below = report.rows.filter { $0.path.components.count == 1 }.map(\.forward.flops)
    #expect(Dimension.sum(of: below) + model.own.flops == model.forward.flops)
    #expect(report.forward.operations.keys.sorted() == ["affine", "einsum"])
  }

  @Test(
    "folded work is the unfolded graph's, also where a frozen chain ends early",
    arguments: [1, 2, 5])
  func unfolded(count: Int) throws {
    for var program in [
      try SamplePrograms.chain(count, embedded: true),
      try SamplePrograms.chain(count, embedded: false),
      try SamplePrograms.forgetful(count), try SamplePrograms.adapter(),
      try SamplePrograms.severalOutputs(),
      try SamplePrograms.sharedWeight(),
    ] {
      let derivative = try program.differentiateLoss()
      let report = try CostReport(program, of: #require(program.loss), backward: derivative)
      let graph = try program.flattened(derivative)
      for (phase, work) in [(Phase.forward, report.forward), (.backward, report.backward)] {
        let nodes = graph.nodes.filter { $0.phase == phase }
        let sum = Dimension.sum(
          of: nodes.map { node in
            node.operation.cost(
              of: node.operands.map { graph.values[$0].type },
              results: node.results.map { graph.values[$0].type }
            ).multiplyAdds
          })
        #expect(work?.multiplyAdds == sum, "\(program.name) \(phase)")
      }
      let rows = Dimension.sum(
        of: report.rows.filter { $0.path.components.isEmpty }.map(\.backward.multiplyAdds))
      #expect(rows == report.backward?.multiplyAdds)
    }
  }
}

@Suite struct MemoryPredictionTests {
  @Test("the predicted bytes are the bytes that a run holds, node by node")
  func agreesWithExecution() throws {
    for var program in [
      try SamplePrograms.twoLayers(), try SamplePrograms.chain(4, embedded: true),
      try SamplePrograms.chain(3, embedded: false), try SamplePrograms.adapter(),
      try SamplePrograms.severalOutputs(), try SamplePrograms.sharedWeight(),
    ] {
      let derivative = try program.differentiateLoss()
      let graph = try program.flattened(derivative)
      let sizes = [Symbol("B"): 3]
      let prediction = try MemoryPrediction(graph, sizes: sizes)
      var inputs: [String: NDArray<Float>] = [:]
      for port in graph.inputs {
        let type = graph.values[port.value].type
        let extents = try #require(type.extents(sizes))
        let count = extents.reduce(1, *)
        inputs[port.name] =
          type.element.kind == .index
          ? NDArray(extents: extents, payload: .index([Int32](repeating: 1, count: count)))
          : NDArray(extents: extents, payload: .real([Float](repeating: 0.5, count: count)))
      }
      let parameters = try graph.parameters.map { parameter in
        let extents = try #require(parameter.declaration.type.extents([:]))
        return NDArray<Float>(
          extents: extents,
          payload: .real([Float](repeating: 0.1, count: extents.reduce(1, *))))
      }
      let reading = try Executor<Float>(graph).run(inputs: inputs, parameters: parameters).memory
      #expect(prediction.bytesAtNode == reading.bytesAtNode, "\(program.name)")
      #expect(prediction.peakBytes == reading.peakBytes)
      #expect(prediction.peakNode == reading.peakNode)
      #expect(prediction.finalBytes == reading.finalBytes)
      #expect(prediction.parameterBytes == reading.parameterBytes)
      #expect(prediction.inputBytes == reading.inputBytes)
      #expect(
        prediction.residents.reduce(0) { $0 + $1.bytes } == prediction.peakBytes,
        "\(program.name)")
    }
  }

  @Test("the state of AdamW is two f32 moments for each trainable weight")
  func optimiser() throws {
    var program = try SamplePrograms.adapter()
    let derivative = try program.differentiateLoss()
    let graph = try program.flattened(derivative)
    let prediction = try MemoryPrediction(graph, sizes: [Symbol("B"): 2])
    #expect(prediction.optimiserBytes == 6 * 8)
    #expect(prediction.gradientBytes == 6 * 4)
    #expect(prediction.parameterBytes == 42 * 4)
  }

  @Test("a missing size and bytes beyond 64 bits are faults")
  func faults() throws {
    var program = try SamplePrograms.twoLayers()
    let derivative = try program.differentiateLoss()
    let graph = try program.flattened(derivative)
    #expect(throws: MemoryFault.self) { try MemoryPrediction(graph, sizes: [:]) }
    #expect(throws: MemoryFault.self) {
      try MemoryPrediction(graph, sizes: [Symbol("B"): .max / 2])
    }
  }
}
