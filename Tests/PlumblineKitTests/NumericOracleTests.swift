// NumericOracleTests: losses, gradients and AdamW steps against numbers from PyTorch.
// The tolerances are those of Fixtures/numeric/README.md; double precision is held far tighter.
import Execution
import Foundation
import Interchange
import Kernels
import PlumblineKit
import Testing
import Training

@Suite struct NumericOracleTests {
  /// A case and the model that describes it.
  struct Case: CustomTestStringConvertible, Sendable {
    var name: String
    /// `nil` for the case's own `config.json`.
    var model: String?
    /// The variants of AdamW that the case gives.
    var variants: [String]

    var testDescription: String { name }
  }

  static let cases = [
    Case(name: "1_gpt2", model: nil, variants: ["wd_all", "wd_2d", "wd_2d_clip"]),
    Case(
      name: "2_encdec", model: "encoder-decoder-tiny.model", variants: ["wd_all", "wd_2d"]),
    Case(name: "6_gpt2_lora", model: "gpt2-lora-tiny.model", variants: ["wd_all", "wd_2d"]),
    Case(name: "7a_label_mask", model: nil, variants: ["wd_2d"]),
    Case(name: "3_llama", model: nil, variants: ["wd_all", "wd_2d"]),
    Case(name: "4_bert_mlm", model: nil, variants: ["wd_all", "wd_2d"]),
    Case(name: "5_t5", model: nil, variants: ["wd_all", "wd_2d"]),
    Case(name: "8_gemma2", model: nil, variants: ["wd_2d"]),
    Case(name: "8_gpt_neox", model: nil, variants: ["wd_2d"]),
    Case(name: "8_gptj", model: nil, variants: ["wd_2d"]),
    Case(name: "8_mistral", model: nil, variants: ["wd_2d"]),
    Case(name: "8_phi", model: nil, variants: ["wd_2d"]),
    Case(name: "8_qwen3", model: nil, variants: ["wd_2d"]),
  ]

  /// Within what the two precisions agree with PyTorch, and the size of a gradient that is none.
  static func tolerance(_ precision: RunOptions.Precision) -> (relative: Double, roundOff: Double) {
    precision == .single ? (1e-5, 1e-7) : (1e-11, 1e-15)
  }

  /// What computes: the plain kernels in both precisions, and planned steps with the fast ones.
  enum Computation: String, CaseIterable, Sendable {
    case plain, exact, planned

    var precision: RunOptions.Precision { self == .exact ? .double : .single }
    var engine: Engine { self == .planned ? .planned(threads: 2) : .plain }
  }

  private func run(_ test: Case, _ options: RunOptions) throws -> RunReport {
    let path =
      test.model.map { "Fixtures/models/" + $0 } ?? "Fixtures/numeric/\(test.name)"
    let loaded = try Workspace.load(Fixture.path(path))
    // A tiny model may have heads of an unusual width; that is a warning.
    let errors = loaded.diagnostics.filter { $0.severity == .error }
    #expect(errors.isEmpty, "\(errors.map(\.message))")
    return try Runner.run(try #require(loaded.model), options)
  }

  @Test(
    "logits, loss and every gradient are PyTorch's", arguments: cases,
    Computation.allCases)
  func forwardAndBackward(_ test: Case, _ computation: Computation) throws {
    let precision = computation.precision
    let oracle = try NumericOracle(test.name, precision)
    let (tolerance, roundOff) = Self.tolerance(precision)
    var options = oracle.options(precision)
    options.gradients = true
    options.engine = computation.engine
    let report = try run(test, options)
    #expect(report.warnings.isEmpty)
    for name in ["logits", "loss"] {
      let worst = try oracle.worst(report, name, as: name, roundOff: roundOff)
      #expect(worst.size <= tolerance, "\(worst)")
    }
    let worst = try oracle.worstGradient(report, roundOff: roundOff)
    #expect(worst.size <= tolerance, "\(worst)")
    let gradients = report.tensors.filter { $0.name.hasPrefix("grads/") }.count
    #expect(gradients == oracle.expected.entries.filter { $0.name.hasPrefix("grads/") }.count)
  }

  @Test(
    "weights after one, two and three AdamW steps are PyTorch's", arguments: cases,
    [Computation.plain, .planned])
  func steps(_ test: Case, _ computation: Computation) throws {
    let oracle = try NumericOracle(test.name, .single)
    for variant in test.variants {
      var options = oracle.options(.single)
      options.steps = 3
      options.engine = computation.engine
      options.optimiser = OptimiserSettings(
        rate: 1e-3, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, decay: 0.1)
      options.decay = variant == "wd_all" ? .all : .matrices
      options.clip = variant.hasSuffix("_clip") ? 0.5 : nil
      let report = try run(test, options)
      for step in 1...3 where oracle.hasStep(step, variant: variant) {
        let (worst, compared) = try oracle.worstParameter(report, variant: variant, step: step)
        #expect(worst.size <= 1e-5, "\(worst)")
        #expect(compared > 2_000)
      }
      #expect(oracle.hasStep(3, variant: variant))
      let losses = try Self.losses(oracle, variant: variant)
      #expect(losses.count == 3)
      for (own, theirs) in zip(report.losses, losses) {
        #expect(abs(own - theirs) <= 1e-5 * theirs, "\(variant): \(own) for \(theirs)")
      }
    }
  }

  /// The losses that the case states before each step.
  private static func losses(_ oracle: NumericOracle, variant: String) throws -> [Double] {
    let data = try Data(contentsOf: URL(fileURLWithPath: oracle.directory + "/case.json"))
    let document = try JSONDocument(utf8: [UInt8](data))
    let node = document.root["f32"]?["adamw_" + variant]?["losses_before_each_step"]
    return node?.elements?.compactMap(\.double) ?? []
  }

  /// What 7b compares: labels, how they are accumulated, and the gradients expected.
  struct Accumulation: CustomTestStringConvertible, Sendable {
    var labels: String
    var parts: Int
    var rule: GradientAccumulation
    var expected: String

    var testDescription: String { "\(labels) in \(parts), \(rule.rawValue)" }
  }

  static let accumulations = [
    Accumulation(labels: "equal", parts: 1, rule: .tokenWeighted, expected: "equal/big/"),
    Accumulation(labels: "equal", parts: 4, rule: .tokenWeighted, expected: "equal/big/"),
    Accumulation(labels: "equal", parts: 4, rule: .meanOfMeans, expected: "equal/big/"),
    Accumulation(labels: "unequal", parts: 1, rule: .tokenWeighted, expected: "unequal/big/"),
    Accumulation(labels: "unequal", parts: 4, rule: .tokenWeighted, expected: "unequal/big/"),
    Accumulation(labels: "unequal", parts: 4, rule: .meanOfMeans, expected: "unequal/naive/"),
  ]

  private func gradients(
    _ accumulation: Accumulation, _ oracle: NumericOracle, _ computation: Computation
  ) throws -> RunReport {
    var options = oracle.options(computation.precision)
    options.engine = computation.engine
    options.prefix = ""
    options.renamed = ["labels": "labels_" + accumulation.labels]
    options.gradients = true
    options.accumulate = accumulation.parts
    options.accumulation = accumulation.rule
    return try run(
      Case(name: "7b_grad_accum", model: nil, variants: []), options)
  }

  @Test(
    "accumulated gradients are those of the large batch, or of the naive mean",
    arguments: accumulations, Computation.allCases)
  func accumulated(_ test: Accumulation, _ computation: Computation) throws {
    let precision = computation.precision
    let oracle = try NumericOracle("7b_grad_accum", precision)
    let (tolerance, roundOff) = Self.tolerance(precision)
    let report = try gradients(test, oracle, computation)
    let worst = try oracle.worstGradient(report, under: test.expected, roundOff: roundOff)
    #expect(worst.size <= tolerance, "\(worst)")
  }

  @Test("a naive mean over unequal micro-batches is told from the large batch")
  func naiveDiffers() throws {
    let oracle = try NumericOracle("7b_grad_accum", .double)
    let naive = Accumulation(
      labels: "unequal", parts: 4, rule: .meanOfMeans, expected: "unequal/big/")
    let report = try gradients(naive, oracle, .exact)
    let worst = try oracle.worstGradient(report, under: "unequal/big/", roundOff: 1e-15)
    #expect(worst.size > 0.01, "\(worst)")
  }
}
