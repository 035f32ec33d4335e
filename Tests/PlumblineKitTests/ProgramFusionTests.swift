// ProgramFusionTests: patterns are found however they are spelled, and compute what was written.
// A pattern that is not found, and one that is found where it is not, both fail here.
import Dimensions
import Execution
import IR
import Kernels
import Language
import Operations
import PlumblineKit
import Testing

@Suite struct ProgramFusionTests {
  /// Files of `models/` that are no family of configs, with settings that make them small, and what
  /// stands in their functions.
  static let files: [(name: String, settings: [String], found: [FusionKind: Int])] = [
    ("gpt2", gpt2, [.attention: 1]), ("gpt2-medium", gpt2, [.attention: 1]),
    ("gpt2-large", gpt2, [.attention: 1]), ("gpt2-xl", gpt2, [.attention: 1]),
    ("gpt2-small", small, [.attention: 1, .affine: 1]),
    ("gpt2-lora", small, [.attention: 1, .affine: 3]),
    ("story-gpt", small, [.attention: 1, .affine: 1]),
    ("character-gpt", small, [.attention: 1, .affine: 1]),
    ("tinystories", small, [.attention: 1, .affine: 1]),
    ("tinystories-untied", small, [.attention: 1]),
    (
      "encoder-decoder",
      [
        "vocab=19", "width=12", "heads=2", "head_width=4", "hidden=10", "encoder_layers=2",
        "decoder_layers=2",
      ], [.attention: 3, .affine: 1]
    ),
  ]
  static let small = ["vocab=19", "context=16", "width=16", "heads=2", "layers=2"]
  static let gpt2 = small + ["hidden=24"]

  @Test("the model files compute the same, fused and as written", arguments: files.indices)
  func modelFiles(_ index: Int) throws {
    let file = ProgramFusionTests.files[index]
    let loaded = try Workspace.load(
      packagePath("models/\(file.name).model"),
      settings: file.settings.compactMap(Setting.init(parsing:)))
    let program = try #require(loaded.model?.program)
    let result = try FusionComparison(program, limit: 19)
    #expect(result.fused.total == file.found)
    #expect(result.difference < 1e-12)
    #expect(result.largest > 1e-6)
    // All weights of attention are gone, forward and backward.
    #expect(result.count(of: "softmax") == 0)
    #expect(result.count(of: "softmax_gradient") == 0)
  }

  @Test("every file of the folder is tried that is no family of configs")
  func everyFile() throws {
    let tried = ProgramFusionTests.files.map { $0.name + ".model" }
    let others = try ModelFilesTests.names.filter { name in
      try !ModelFilesTests.text("models/\(name)").contains("\n  family \"")
    }
    #expect(others.allSatisfy(tried.contains), "\(others)")
    #expect(others.count > 5)
  }

  @Test("attention is found in every spelling, and computes the same", arguments: attentions)
  func attention(_ spelling: Spelling) throws {
    try check(spelling)
  }

  @Test("what looks like attention and is something else stays", arguments: others)
  func noAttention(_ spelling: Spelling) throws {
    try check(spelling)
  }

  @Test("layers are found in every spelling, and compute the same", arguments: layers)
  func layer(_ spelling: Spelling) throws {
    try check(spelling)
  }

  private func check(_ spelling: Spelling) throws {
    let loaded = Workspace.load(path: "sample.model", text: spelling.text)
    let found = loaded.diagnostics.map { "\($0.id): \($0.message)" }
    try #require(!loaded.isUnsound, "\(found)")
    let program = try #require(loaded.model?.program)
    let result = try FusionComparison(program)
    #expect(result.fused.total == spelling.found)
    #expect(result.difference < 1e-12)
    #expect(result.largest > 1e-6)
    let attentions = result.graph.nodes.filter { $0.operation is ScaledDotProductAttention }
    #expect(attentions.count == 2 * (spelling.found[.attention] ?? 0))
    let causal = attentions.count { $0.operation.attributes.boolean("causal") == true }
    #expect(causal == 2 * spelling.causal)
    #expect(attentions.allSatisfy { $0.operands.count == 3 + spelling.masks })
  }

  @Test("a program without a pattern comes out as it went in")
  func unchanged() throws {
    for program in try SamplePrograms.all() where program.name == "several_outputs" {
      let spelled = ProgramFusion.fuse(program).program
      #expect(spelled.functions.indices.count == program.functions.count)
    }
    let text = """
      model plain {
        dtype f32
        dim B >= 1
        let a = linear(4, 4)
        forward(x: [B, 4]) -> y: [B, 4] {
          return activate(a(x) * a(x), kind: "gelu")
        }
      }
      """
    let program = try #require(Workspace.load(path: "plain.model", text: text).model?.program)
    let fused = ProgramFusion.fuse(program)
    #expect(fused.total.isEmpty)
    for id in program.functions.indices.map(FunctionID.init(index:)) {
      #expect(fused.program.text(of: id) == program.text(of: id))
    }
  }

  @Test("a thousand layers are looked at once, and a long chain in time that grows with it")
  func linear() throws {
    let loaded = try Workspace.load(
      packagePath("models/gpt2.model"), settings: [Setting(name: "layers", value: "1000")])
    let program = try #require(loaded.model?.program)
    #expect(ProgramFusion.fuse(program).total == [.attention: 1])
    func time(_ steps: Int) throws -> Double {
      var sketch = ProgramSketch()
      let root = sketch.define("chain", parameters: [.weight("w", 2, 2)])
      _ = try sketch.function(of: root, [("x", SamplePrograms.rows(2))]) { function, inputs in
        var x = inputs[0]
        for _ in 0..<steps {
          x = try function.builder.multiply(x, function.builder.emit(Sigmoid(), x))
        }
        return [("loss", try function.squares(x))]
      }
      let program = sketch.program
      let clock = ContinuousClock()
      var found = 0
      let taken = clock.measure { found = ProgramFusion.fuse(program).total[.silu] ?? 0 }
      #expect(found == steps)
      return taken / .seconds(1)
    }
    _ = try time(200)
    let (short, long) = try (time(500), time(8_000))
    #expect(long < 60 * short, "\(short) s and \(long) s")
  }
}
