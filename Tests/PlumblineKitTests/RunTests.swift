// RunTests: what a run refuses, and what it writes.
// The numbers themselves are compared with PyTorch in NumericOracleTests.
import Commands
import Diagnostics
import Foundation
import Interchange
import Kernels
import Language
import PlumblineKit
import Testing
import Training

@Suite struct RunTests {
  private let tiny: ElaboratedModel
  private let folder: TemporaryFolder
  private var directory: String { folder.path }

  init() throws {
    tiny = try #require(Workspace.load(Fixture.path("Fixtures/numeric/1_gpt2")).model)
    folder = try TemporaryFolder()
  }

  private func file(_ tensors: [SafetensorsTensor]) throws -> String {
    let path = directory + "/\(UUID().uuidString).safetensors"
    try SafetensorsWriter(tensors).write(to: path)
    return path
  }

  private func ids(_ name: String, _ values: [Int64], rows: Int = 2) -> SafetensorsTensor {
    SafetensorsTensor(name: name, shape: [rows, values.count / rows], integers: values)
  }

  private func failure(_ options: RunOptions) throws -> Diagnostic {
    let error = try #require(throws: RunFailure.self) { try Runner.run(tiny, options) }
    return try #require(error.diagnostics.first)
  }

  @Test("a fresh model is as unsure as chance: its loss is near ln of the vocabulary")
  func freshLoss() throws {
    let values = (0..<24).map { Int64($0 * 7 % 97) }
    let path = try file([ids("input_ids", values), ids("labels", values)])
    let report = try Runner.run(tiny, RunOptions(inputs: path))
    #expect(abs(try #require(report.loss) - log(97)) < 0.1)
    #expect(report["logits"]?.shape == [2, 12, 97])
    #expect(report["loss"]?.shape == [1])
  }

  @Test("without labels there is no loss, but there are logits")
  func withoutLabels() throws {
    let path = try file([ids("input_ids", [1, 2, 3, 4])])
    let report = try Runner.run(tiny, RunOptions(inputs: path))
    #expect(report.loss == nil)
    #expect(report.tensors.map(\.name) == ["logits"])
  }

  @Test("what a run writes can be read again")
  func output() throws {
    let path = try file([ids("input_ids", [1, 2, 3, 4]), ids("labels", [1, 2, 3, 4])])
    var options = RunOptions(inputs: path)
    options.gradients = true
    options.steps = 2
    let report = try Runner.run(tiny, options)
    let target = directory + "/out.safetensors"
    try report.write(to: target)
    let reader = try SafetensorsReader(path: target)
    #expect(reader.entries.count == 3 + 28 + 2 * 28)
    #expect(try reader.doubles("losses") == report.losses)
    #expect(reader.header["parameters/step2/transformer.wte.weight"]?.shape == [97, 32])
  }

  @Test("a missing input names both sides and the nearest tensor")
  func missingInput() throws {
    var options = RunOptions(
      inputs: try file([ids("input_ids", [1, 2]), ids("label", [1, 2])]))
    options.gradients = true
    let found = try failure(options)
    #expect(found.id == "missing-input")
    #expect(found.message.contains("the model wants `labels` i32[B, T]"))
    #expect(found.facts.contains(.line("it has input_ids, label")))
    #expect(found.fixes.first?.message == "say which tensor it is: --input labels=label")
  }

  @Test("inputs under a prefix are pointed to")
  func missingPrefix() throws {
    let found = try failure(RunOptions(inputs: try file([ids("a/b/input_ids", [1, 2])])))
    #expect(found.fixes.first?.message == "say where it is: --prefix a/b/")
  }

  @Test("an index that a table does not have is named before anything runs")
  func indexOutOfRange() throws {
    let found = try failure(RunOptions(inputs: try file([ids("input_ids", [1, 97])])))
    #expect(found.id == "index-out-of-range")
    #expect(found.message == "`input_ids` holds 97, but `transformer.wte` has 97 rows")
  }

  @Test("indices beyond 32 bits and real numbers are no indices")
  func wrongIndices() throws {
    let wide = try failure(RunOptions(inputs: try file([ids("input_ids", [1, 1 << 40])])))
    #expect(wide.message.contains("does not fit 32 bits"))
    let real = SafetensorsTensor(name: "input_ids", shape: [1, 1], floats: [1])
    let found = try failure(RunOptions(inputs: try file([real])))
    #expect(found.message.contains("holds F32, but `input_ids` is i32"))
  }

  @Test("a sequence longer than the table of positions is refused")
  func tooLong() throws {
    let values = [Int64](repeating: 1, count: 66)
    #expect(throws: RunFailure.self) {
      try Runner.run(tiny, RunOptions(inputs: try file([ids("input_ids", values)])))
    }
  }

  @Test("tensors that no input takes are mentioned")
  func unused() throws {
    let path = try file([ids("input_ids", [1, 2]), ids("attention_mask", [1, 0])])
    let report = try Runner.run(tiny, RunOptions(inputs: path))
    #expect(report.warnings.map(\.id) == ["unused-input"])
    let open = try file([ids("input_ids", [1, 2]), ids("attention_mask", [1, 1])])
    #expect(try Runner.run(tiny, RunOptions(inputs: open)).warnings.isEmpty)
  }

  @Test("weights of another model are refused, with what is missing and what is too much")
  func foreignWeights() throws {
    let path = try file([ids("input_ids", [1, 2])])
    let weights = Fixture.path("Fixtures/numeric/2_encdec/model.safetensors")
    let error = try #require(throws: RunFailure.self) {
      try Runner.run(tiny, RunOptions(inputs: path, weights: weights))
    }
    let kinds = Set(error.diagnostics.map(\.id))
    #expect(kinds == ["missing-weight", "unexpected-weight"])
    #expect(error.diagnostics.count == 16)
  }

  @Test("a stored copy of a tied weight must hold the same numbers")
  func tiedCopy() throws {
    let path = try file([ids("input_ids", [1, 2])])
    let source = try SafetensorsReader(
      path: Fixture.path("Fixtures/numeric/1_gpt2/model.safetensors"))
    var tensors: [SafetensorsTensor] = []
    for entry in source.entries {
      tensors.append(
        SafetensorsTensor(
          name: entry.name, shape: entry.shape, floats: try source.floats(entry.name)))
    }
    var table = try source.floats("transformer.wte.weight")
    let same = SafetensorsTensor(name: "lm_head.weight", shape: [97, 32], floats: table)
    _ = try Runner.run(tiny, RunOptions(inputs: path, weights: try file(tensors + [same])))
    table[7] += 1
    let other = SafetensorsTensor(name: "lm_head.weight", shape: [97, 32], floats: table)
    let found = try failure(RunOptions(inputs: path, weights: try file(tensors + [other])))
    #expect(found.message.contains("ties `lm_head.weight` to `transformer.wte.weight`"))
  }

  @Test("batches cycle in the order of their numbers, from the one that was asked for")
  func batches() throws {
    let names = ["batch10/a", "batch2/a", "batch0/a", "batch2/b", "other1/a", "batchX/a"]
    let inputs = try StepInputs(path: try file(names.map { ids($0, [1, 2]) }))
    #expect(inputs.batches(from: "batch0/") == ["batch0/", "batch2/", "batch10/"])
    #expect(inputs.batches(from: "batch2/") == ["batch2/", "batch10/", "batch0/"])
    #expect(inputs.batches(from: "other/") == ["other/"])
    #expect(inputs.batches(from: "") == [""])
  }

  // Fixtures/numeric/7b_grad_accum/case.json: label counts of the four micro-batches.
  @Test(
    "targets are counted as the loss sees them, shifted by one",
    arguments: [("labels_equal", 88), ("labels_unequal", 52)])
  func keptTargets(_ labels: String, _ count: Int) throws {
    let step = try StepGraph(tiny.program, .loss)
    let inputs = try StepInputs(
      path: Fixture.path("Fixtures/numeric/7b_grad_accum/io.safetensors"),
      renamed: ["labels": labels])
    let arrays = try inputs.arrays(for: step.graph, prefix: "", as: Float.self)
    let kept = try #require(KeptTargets(step.graph))
    #expect(try kept.count(arrays, sizes: [:]) == count)
  }

  @Test("rows that don't divide are not accumulated")
  func indivisible() throws {
    var options = RunOptions(
      inputs: try file([ids("input_ids", [1, 2, 3, 4]), ids("labels", [1, 2, 3, 4])]))
    options.gradients = true
    options.accumulate = 3
    #expect(try failure(options).id == "batch-does-not-divide")
  }

  @Test("settings that AdamW can't have are refused")
  func settings() throws {
    var options = RunOptions(
      inputs: try file([ids("input_ids", [1, 2, 3, 4]), ids("labels", [1, 2, 3, 4])]))
    options.steps = 1
    options.optimiser = OptimiserSettings(rate: -1)
    #expect(try failure(options).message.contains("rate"))
  }

  private func command(_ words: [String]) -> Outcome {
    CommandLineTool.run(["run"] + words, in: Surroundings(color: false) { "" })
  }

  @Test("the command takes a directory, and writes what it says")
  func commandLine() throws {
    let model = Fixture.path("Fixtures/numeric/1_gpt2")
    let target = directory + "/command.safetensors"
    let outcome = command(
      [model, "--inputs", model + "/io.safetensors", "--prefix", "batch0/", "--gradients"]
        + ["--steps", "1", "--betas", "0.9,0.95", "--decay", "matrices", "--output", target])
    #expect(outcome.status == .clean, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("loss 4.69266"))
    #expect(try SafetensorsReader(path: target).entries.count == 3 + 28 + 28)
  }

  @Test("steps are the plan's own where the command says so, with numbers that the command gives")
  func planned() throws {
    let path = try folder.file(
      "tiny.model",
      TrainingSample.model.replacing("adamw(rate: 1e-2)", with: "sgd(rate: 0.5, momentum: 0.9)"))
    let inputs = try file([
      ids("tokens", [1, 2, 3, 4]), ids("targets", [2, 3, 4, 5]),
    ])
    func losses(_ words: [String]) throws -> [Double] {
      let target = directory + "/\(UUID().uuidString).safetensors"
      let outcome = command(
        [path, "--inputs", inputs, "--steps", "3", "--output", target] + words)
      #expect(outcome.status == .clean, "\(outcome.output)\(outcome.errors)")
      return try SafetensorsReader(path: target).doubles("losses")
    }
    let plan = try losses(["--optimizer", "plan"])
    var options = RunOptions(inputs: inputs)
    options.steps = 3
    options.optimiser = OptimiserSettings(.sgd, rate: 0.5, decay: 0, momentum: 0.9)
    let model = try #require(Workspace.load(path).model)
    options.engine = .planned(threads: 1)
    func differs(_ other: [Double]) throws -> Double {
      try zip(Runner.run(model, options).losses, other).map { abs($0 - $1) }.max() ?? .infinity
    }
    #expect(try differs(plan) < 1e-6, "\(plan)")
    #expect(try differs(losses([])) > 1e-3)
    options.optimiser.rate = 0.25
    #expect(try differs(losses(["--optimizer", "plan", "--rate", "0.25"])) < 1e-6)
    #expect(try differs(plan) > 1e-4)
    let without = Fixture.path("Fixtures/models/gpt2-lora-tiny.model")
    #expect(
      command([without, "--inputs", inputs, "--optimizer", "plan", "--output", "x"]).status
        == .usage)
  }

  @Test("a false claim does not keep a model from running")
  func falseClaim() throws {
    let path = try file([ids("input_ids", [1, 2])])
    let target = directory + "/claim.safetensors"
    let outcome = command(
      [Fixture.path("Fixtures/models/gpt2-lora-tiny.model"), "--set", "layers=1"]
        + ["--inputs", path, "--output", target])
    #expect(outcome.status == .clean, "\(outcome.output)")
    #expect(outcome.errors.contains("a claim of the file fails"))
  }

  @Test(
    "a command line that says too little, or nonsense, is refused",
    arguments: [
      ["--inputs", "x"], ["--output", "y"], ["--inputs", "x", "--output", "y", "--rate", "fast"],
      ["--inputs", "x", "--output", "y", "--betas", "0.9"],
      ["--inputs", "x", "--output", "y", "--steps", "-1"],
      ["--inputs", "x", "--output", "y", "--input", "labels"],
    ])
  func usage(_ words: [String]) {
    let outcome = command([Fixture.path("Fixtures/numeric/1_gpt2")] + words)
    #expect(outcome.status == .usage)
    #expect(!outcome.errors.isEmpty)
  }
}
