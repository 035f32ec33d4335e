// DecodingTests: one row after the other against all rows at once, bit by bit, over many families.
// And both against the plain executor, which knows neither kept rows nor fast kernels.
import Dimensions
import Execution
import Foundation
import IR
import Kernels
import Testing

@testable import PlumblineKit

@Suite struct DecodingTests {
  /// Tiny models of families that write.
  static let writers = [
    "1_gpt2", "3_llama", "8_gemma2", "8_gpt_neox", "8_gptj", "8_mistral", "8_phi", "8_qwen3",
    "families/deepseek_v2", "families/deepseek_v3", "families/gemma", "families/gemma3",
    "families/gpt_oss", "families/llama_linear", "families/llama_llama3", "families/llama_yarn",
    "families/mpt_three_heads", "families/olmo", "families/qwen2_moe",
  ]

  private func model(_ path: String, keepsRows: Bool, context: Int? = nil) throws -> LanguageModel {
    let loaded = try Workspace.load(Fixture.path("Fixtures/numeric/" + path))
    var options = LanguageModelOptions()
    options.weights = Fixture.path("Fixtures/numeric/\(path)/model.safetensors")
    options.keepsRows = keepsRows
    options.context = context
    options.threads = 2
    return try LanguageModel(try #require(loaded.model), options)
  }

  private func tokens(_ count: Int, below classes: Int) -> [Int] {
    var bits = RandomBits(seed: 11, name: "tokens")
    return (0..<count).map { _ in Int.random(in: 0..<classes, using: &bits) }
  }

  /// The logits after every prefix.
  private func logits(_ model: LanguageModel, _ tokens: [Int]) throws -> [[Float]] {
    var row = [Float](repeating: 0, count: model.classes)
    model.source.reset()
    return try tokens.indices.map { last in
      try model.source.read(Array(tokens[...last]), into: &row)
      return row
    }
  }

  private func bits(_ rows: [[Float]]) -> [[UInt32]] { rows.map { $0.map(\.bitPattern) } }

  @Test("kept rows give the bits of all rows computed anew", arguments: writers)
  func sameBits(_ path: String) throws {
    let kept = try model(path, keepsRows: true)
    #expect(kept.keptBytes > 0)
    let tokens = tokens(min(kept.context, 40), below: kept.classes)
    let expected = bits(try logits(try model(path, keepsRows: false), tokens))
    let found = bits(try logits(kept, tokens))
    let differing = found.indices.filter { found[$0] != expected[$0] }
    #expect(differing.isEmpty, "after \(differing.map { $0 + 1 }) tokens")
    // Once more: nothing of the first time is left.
    #expect(bits(try logits(kept, tokens)) == found)
  }

  @Test(
    "a prompt that is read at once gives the bits of one that is read token by token",
    arguments: writers)
  func prompts(_ path: String) throws {
    let kept = try model(path, keepsRows: true)
    let tokens = tokens(min(kept.context, 70), below: kept.classes)
    let expected = bits(try logits(kept, tokens))
    var row = [Float](repeating: 0, count: kept.classes)
    for length in Set([1, 5, 6, 31, 32, 33, 37, 64, tokens.count]) where length <= tokens.count {
      kept.source.reset()
      try kept.source.read(Array(tokens.prefix(length)), into: &row)
      #expect(row.map(\.bitPattern) == expected[length - 1], "\(length) tokens at once")
    }
  }

  @Test("kept rows give what the plain executor gives", arguments: writers)
  func plain(_ path: String) throws {
    let kept = try model(path, keepsRows: true)
    let tokens = tokens(min(kept.context, 13), below: kept.classes)
    let own = try logits(kept, tokens)
    let loaded = try Workspace.load(Fixture.path("Fixtures/numeric/" + path))
    let step = try StepGraph(try #require(loaded.model).program, .forward)
    let weights = try StepWeights<Double>(
      reading: Fixture.path("Fixtures/numeric/\(path)/model.safetensors"), for: step)
    var inputs: [String: NDArray<Double>] = [:]
    for port in step.graph.inputs {
      let value = ImpliedInputs.value(of: port.name)
      inputs[port.name] = NDArray(
        extents: [1, tokens.count], index: tokens.map { value ?? Int32($0) })
    }
    let result = try Executor<Double>(step.graph).run(inputs: inputs, parameters: weights.arrays)
    let theirs = try #require(result.outputs["logits"]).reals
    let largest = theirs.reduce(1) { max($0, abs($1)) }
    for (position, row) in own.enumerated() {
      let worst = row.indices.map { abs(Double(row[$0]) - theirs[position * kept.classes + $0]) }
        .reduce(0, max)
      #expect(worst <= 2e-5 * largest, "after \(position + 1) tokens: \(worst)")
    }
  }

  @Test("attention that is spelled out is kept too, to the same bits", arguments: writers)
  func spelledOut(_ path: String) throws {
    let loaded = try Workspace.load(Fixture.path("Fixtures/numeric/" + path))
    let step = try StepGraph(try #require(loaded.model).program, .forward)
    let weights = try FileWeights(
      WeightsOpening.safetensors(Fixture.path("Fixtures/numeric/\(path)/model.safetensors")),
      for: step)
    var implied: [String: Int32] = [:]
    for port in step.graph.inputs { implied[port.name] = ImpliedInputs.value(of: port.name) }
    let pool = ThreadPool(threads: 1)
    let kept = try KeptRows(
      single: DecodingGraph(step.graph, rows: 1, capacity: 24, implied: implied),
      block: DecodingGraph(step.graph, rows: 7, capacity: 24, implied: implied),
      weights: weights.tensors, pool: pool)
    let anew = try AllRows(
      step.graph, capacity: 24, isExact: false, implied: implied, weights: weights.tensors,
      pool: pool)
    let tokens = tokens(24, below: kept.classes)
    var (row, other) = ([Float](repeating: 0, count: kept.classes), [Float]())
    other = row
    for length in 1...24 {
      try anew.read(Array(tokens.prefix(length)), into: &other)
      if length == 1 || length > 12 {
        try kept.read(Array(tokens.prefix(length)), into: &row)
        #expect(row.map(\.bitPattern) == other.map(\.bitPattern), "after \(length) tokens")
      }
    }
  }
}
