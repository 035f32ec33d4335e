// AdapterSweepTests: rank, alpha and targets as axes of a study: what they change, and what is refused.
// Apart from other axes, because these act on the model's `adapt` line and not on its section.
import Diagnostics
import Foundation
import Testing
import Training

@testable import PlumblineKit

@Suite struct AdapterSweepTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private static let adapter = """
    adapter lora(rank: Int, alpha: Float = 8.0) for base: linear {
      require 1 <= rank && rank <= min(base.in, base.out)

      param down: [rank, base.in]  = kaiming_uniform
      param up:   [base.out, rank] = zeros

      forward(x: [..., base.in]) -> [..., base.out] {
        low = einsum(x, down : ... i, r i -> ... r)
        return base(x) + (alpha / rank) * einsum(low, up : ... r, o r -> ... o)
      }
    }
    """

  private static func model(
    _ line: String = "adapt h[*].attn.c_attn with lora(rank: 2, alpha: 8)", vary: String = ""
  ) -> String {
    """
    import "gpt2-small.model"

    \(adapter)

    model small = gpt2_small {
      config vocab = 30, context = 8, width = 8, heads = 2, layers = 2

      freeze all
      \(line)
    }

    train small {
      batch     B = 2, T = 8
      steps     3
      loss      cross_entropy(logits : b t [v], targets: i32[B, T])
      optimizer adamw(rate: 1e-3)
      schedule  constant
      \(vary)
    }
    """
  }

  private func sweep(
    _ axes: [String], _ text: String = model(), out: String = "study", allowed: [String] = []
  ) throws -> Sweep {
    let path = try folder.file("small.model", text)
    let data = try folder.file("text.txt", TrainingSample.text)
    var overrides = TrainingOverrides()
    overrides.allowed = allowed
    var request = TrainingRequest(data: data, output: folder.path + "/" + out)
    request.threads = 1
    return try Sweep(
      path: path, settings: [], overrides: overrides,
      axes: axes.compactMap { SweepAxis(parsing: $0) }, request: request)
  }

  /// Weights of LoRA on the layers of width 8 by hand: `rank · (in + out)` for each.
  @Test("rank and targets make the models of PEFT's counts, the last axis fastest")
  func counts() throws {
    let study = try sweep(["targets=attn.c_attn|attn.c_attn, c_proj|all-linear", "rank=1,4"])
    let perLayer = [[32], [32, 16, 40], [32, 16, 40, 40]]
    let expected = perLayer.flatMap { sizes in [1, 4].map { 2 * $0 * sizes.reduce(0, +) } }
    #expect(study.counts.map(\.trained) == expected)
    let base = Set(study.counts.map { $0.total - $0.trained })
    #expect(base.count == 1, "the base is the same in all")
  }

  @Test("the axes of the file are those of the command line, with names in any order")
  func file() throws {
    let vary = """
      vary      rank = 1, 3
        vary      targets = "mlp.c_fc attn.c_attn"
      """
    let own = try sweep([], Self.model(vary: vary))
    let given = try sweep(["rank=1,3", "targets=attn.c_attn,mlp.c_fc|mlp.c_fc"])
    #expect(own.counts.map(\.trained) == [144, 432])
    #expect(
      own.grid.points.map(\.text)
        == ["1", "3"].map {
          "rank = \($0), targets = mlp.c_fc attn.c_attn"
        })
    #expect(given.counts.map(\.trained) == [144, 80, 432, 240])
  }

  @Test("one element of a list is that element, and alpha and rank stand where the line lets them")
  func places() throws {
    let study = try sweep(["targets=h.1.attn.c_attn|mlp.c_fc", "alpha=2,16"])
    #expect(study.counts.map(\.trained) == [64, 64, 160, 160])
    _ = try study.run()
    func text(_ run: String) throws -> String {
      try folder.text(folder.path + "/study/" + run + "/model.model")
    }
    let first = try text("targets=h.1.attn.c_attn,alpha=2")
    #expect(first.contains("adapt h[1].attn.c_attn with lora(rank: 2, alpha: 2)"))
    #expect(
      try text("targets=mlp.c_fc,alpha=16").contains(
        "adapt h[*].mlp.c_fc with lora(rank: 2, alpha: 16)"))
    let positional = try sweep(
      ["rank=4", "alpha=3"], Self.model("adapt h[*].attn.c_attn with lora(2)"), out: "other")
    #expect(positional.counts.map(\.trained) == [256])
    _ = try positional.run()
    let other = try folder.text(folder.path + "/other/rank=4,alpha=3/model.model")
    #expect(other.contains("with lora(4, alpha: 3)"))
  }

  @Test("a field of the config by that name is what is varied, and reaches all that use it")
  func field() throws {
    let text = Self.model("adapt h[*].attn.c_attn with lora(rank: rank, alpha: 2 * rank)")
      .replacing("config vocab = 30", with: "config rank = 2, vocab = 30")
    let study = try sweep(["rank=1,4"], text)
    #expect(study.counts.map(\.trained) == [64, 256])
  }

  @Test(
    "what can't be a study is refused at its value, before a run begins",
    arguments: [
      ("rank=2,9", "sweep-value-illegal", "9"), ("rank=0,2", "sweep-value-illegal", "0"),
      ("rank=2,1.5", "sweep-value", "1.5"), ("alpha=8,-1", "sweep-value", "-1"),
      ("targets=attn.c_attn|attn.c_atn", "adapter-matches-nothing", "attn.c_atn"),
      ("targets=mlp.c_fc|c_attn, q_proj", "target-matches-nothing", "c_attn, q_proj"),
      ("targets=c_attn|wte", "sweep-value-illegal", "wte"), ("rnak=2,4", "unknown-name", "2"),
    ])
  func refused(_ axis: String, _ id: String, _ value: String) throws {
    let failure = try failure { try sweep([axis]) }
    let finding = try #require(failure.diagnostics.first)
    #expect(finding.id == id, "\(finding)")
    let range = try #require(finding.range)
    #expect(failure.sources[range.source].path == "--vary")
    #expect(failure.sources.text(in: range) == value)
    #expect(!FileManager.default.fileExists(atPath: folder.path + "/study"))
  }

  @Test("a name that matches nothing says what was meant, and is passed over when that is allowed")
  func meant() throws {
    let refused = try failure { try sweep(["targets=c_attn|c_attn, mlp.c_fd"]) }
    #expect(refused.diagnostics[0].fixes.contains { $0.message.contains("`mlp.c_fc`") })
    let study = try sweep(
      ["targets=c_attn|c_attn, q_proj", "rank=1,2"], allowed: ["target-matches-nothing"])
    #expect(study.counts.map(\.trained) == [64, 128, 64, 128])
    let repeats = try #require(study.findings.first { $0.id == "study-runs-repeat" })
    #expect(repeats.message.hasPrefix("2 of the 4 runs are repeats"))
    #expect(study.findings.contains { $0.id == "ambiguous-target" } == false)
  }

  @Test("axes that no line takes, or that lines take differently, are refused")
  func lines() throws {
    let plain = Self.model("").replacing("  freeze all", with: "")
    #expect(
      try failure { try sweep(["rank=2,4"], plain) }.diagnostics[0].id
        == "sweep-without-adapter")
    let two = Self.model(
      """
      adapt h[*].attn.c_attn with lora(rank: 2, alpha: 8)
        adapt h[*].mlp.c_fc with lora(rank: 4, alpha: 8)
      """)
    for axis in ["rank=1,2", "targets=c_attn"] {
      #expect(
        try failure { try sweep([axis], two) }.diagnostics[0].id
          == "sweep-without-adapter", "\(axis)")
    }
    // Both lines say the same alpha, so both get the new one.
    #expect(try sweep(["alpha=1,2"], two).counts.map(\.trained) == [448, 448])
  }

  @Test("a rank that costs more than it saves is told once, with the run that has it")
  func warnings() throws {
    let study = try sweep(["rank=1,6,7"])
    let told = study.findings.filter { $0.id == "rank-above-break-even" }
    #expect(told.count == 1 && told.allSatisfy { $0.range != nil }, "\(study.findings)")
    let facts = told.flatMap(\.facts).map(\.text)
    #expect(facts.contains("in the run with rank = 7"))
  }

  @Test("a best rank at the end of those that were tried is a remark, a best one between them none")
  func edges() throws {
    func remarks(_ scores: [Double?]) -> [Diagnostic] {
      let axis = SweepAxis(name: "rank", values: ["2", "8", "4"])
      let runs = zip(axis.values, scores).map { value, score in
        (SweepPoint(choices: [.init(name: "rank", value: value)], folder: ""), score)
      }
      return SweepEdges.findings([axis], runs)
    }
    #expect(
      remarks([3, 1, 2]).map(\.message) == [
        "the best `rank`, 8, is the highest of 3 that were tried"
      ])
    #expect(remarks([1, 3, 2]).first?.message.contains("lowest") == true)
    #expect(remarks([1, 3, 2]).first?.severity == .note)
    for scores in [[3, 2, 1], [1, 1, 1], [nil, nil, nil], [nil, 2, 1]] as [[Double?]] {
      #expect(remarks(scores).isEmpty, "\(scores)")
    }
    let seeds = SweepAxis(name: "seed", values: ["1", "2", "3"])
    let runs = seeds.values.enumerated().map { index, value in
      (
        SweepPoint(choices: [.init(name: "seed", value: value)], folder: ""),
        Optional(Double(index))
      )
    }
    #expect(SweepEdges.findings([seeds], runs).isEmpty)
  }

  @Test("a study of adapters goes on where it stands and shows what each run trains")
  func table() throws {
    let study = try sweep(["rank=1,2"])
    let results = try study.run()
    let report = try SweepReport(results, of: study)
    #expect(report.text.contains("trained") && report.text.contains("128"))
    let again = try sweep(["rank=1,2"]).run()
    #expect(again.allSatisfy { $0.isOld })
    let runs = try #require(try json(report.json())["runs"] as? [[String: Any]])
    #expect(runs.map { $0["trained_parameters"] as? Int } == [64, 128])
  }
}
