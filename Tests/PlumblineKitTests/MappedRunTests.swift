// MappedRunTests: forward passes on weights that stay in their file, and the thread option.
// The numbers of every other kind of run are compared with PyTorch in NumericOracleTests.
import Commands
import Execution
import Foundation
import Interchange
import Kernels
import Language
import PlumblineKit
import Testing

@Suite struct MappedRunTests {
  private let tiny: ElaboratedModel
  private let weights = Fixture.path("Fixtures/numeric/1_gpt2/model.safetensors")
  private let folder: TemporaryFolder

  init() throws {
    tiny = try #require(Workspace.load(Fixture.path("Fixtures/numeric/1_gpt2")).model)
    folder = try TemporaryFolder()
  }

  private func run(_ weights: String, _ engine: Engine) throws -> RunReport {
    var options = RunOptions(
      inputs: Fixture.path("Fixtures/numeric/1_gpt2/io.safetensors"), weights: weights)
    options.prefix = "batch0/"
    options.engine = engine
    return try Runner.run(tiny, options)
  }

  /// The weights of the fixture, each as a tensor that a test may change.
  private func rewritten(_ change: (String, [Int], [Float]) -> SafetensorsTensor) throws -> String {
    let reader = try SafetensorsReader(path: weights)
    let tensors = try reader.entries.map { entry in
      change(entry.name, entry.shape, try reader.floats(entry.name))
    }
    let path = folder.path + "/\(UUID().uuidString).safetensors"
    try SafetensorsWriter(tensors).write(to: path)
    return path
  }

  @Test("a planned forward pass copies no weight, and computes what the plain executor computes")
  func mapped() throws {
    let plain = try run(weights, .plain)
    #expect(plain.mappedWeights == 0)
    let before = try Data(contentsOf: URL(fileURLWithPath: weights))
    for threads in [1, 3] {
      let planned = try run(weights, .planned(threads: threads))
      #expect(planned.mappedWeights == 28)
      let (loss, wanted) = (try #require(planned.loss), try #require(plain.loss))
      #expect(abs(loss - wanted) <= 1e-6 * wanted)
      #expect(planned["logits"]?.shape == plain["logits"]?.shape)
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: weights)) == before)
  }

  @Test("weights of another type or askew in their file are copied, to the same bits")
  func copied() throws {
    let aligned = try run(weights, .planned(threads: 2))
    let wide = try rewritten { name, shape, values in
      SafetensorsTensor(name: name, shape: shape, doubles: values.map { Double($0) })
    }
    let copied = try run(wide, .planned(threads: 2))
    #expect(copied.mappedWeights == 0)
    #expect(copied["logits"] == aligned["logits"])
    #expect(copied.loss == aligned.loss)
    let mixed = try rewritten { name, shape, values in
      name.hasSuffix(".bias")
        ? SafetensorsTensor(name: name, shape: shape, doubles: values.map { Double($0) })
        : SafetensorsTensor(name: name, shape: shape, floats: values)
    }
    let some = try run(mixed, .planned(threads: 2))
    #expect((1..<28).contains(some.mappedWeights))
    #expect(some["logits"] == aligned["logits"])
  }

  @Test("weights of another model are refused before anything runs")
  func foreign() throws {
    let path = try rewritten { name, shape, values in
      SafetensorsTensor(name: name + "s", shape: shape, floats: values)
    }
    let error = try #require(throws: RunFailure.self) { try run(path, .planned(threads: 2)) }
    #expect(error.diagnostics.first?.id == "missing-weight")
  }

  @Test("the command says how many weights stayed in their file")
  func command() throws {
    let model = Fixture.path("Fixtures/numeric/1_gpt2")
    let outcome = plumbline(
      "run", model, "--inputs", model + "/io.safetensors", "--prefix", "batch0/",
      "--threads", "2", "--output", folder.path + "/out.safetensors")
    #expect(outcome.status == .clean, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.output.contains("28 read where they lie in their file"))
  }

  @Test(
    "a number of threads that can't be is refused with the range",
    arguments: ["run", "verify", "memory"], ["0", "-3", "many", "1025", ""])
  func threads(_ command: String, _ threads: String) {
    let more = command == "run" ? ["--inputs", "x", "--output", "y"] : []
    let outcome = CommandLineTool.run(
      [command, "-", "--threads", threads] + more,
      in: Surroundings(color: false) { SampleModel.sound })
    #expect(outcome.status == .usage)
    #expect(outcome.errors.contains("--threads"))
    if Int(threads) != nil { #expect(outcome.errors.contains("from 1 to 1024, found \(threads)")) }
  }
}
