// DecodingTests: one row after the other against all rows at once, bit by bit, over many families.
// And both against the plain executor, which knows neither kept rows nor fast kernels.
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

  @Test("kept rows give the bits of all rows computed anew", arguments: writers)
  func sameBits(_ path: String) throws {
    let kept = try model(path, keepsRows: true)
    let anew = try model(path, keepsRows: false)
    let count = min(kept.context, 40)
    let tokens = tokens(count, below: kept.classes)
    var single = [Float](repeating: 0, count: kept.classes)
    var whole = single
    kept.source.reset()
    for length in 1...count {
      try kept.source.read(Array(tokens.prefix(length)), into: &single)
      try anew.source.read(Array(tokens.prefix(length)), into: &whole)
      #expect(single.map(\.bitPattern) == whole.map(\.bitPattern), "after \(length) tokens")
    }
  }
}
