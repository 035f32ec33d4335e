// OptimiserOracleTests: five steps of Adam and of SGD in all its forms, against PyTorch's numbers.
// Both executors take them; what is apart is only who updates the weights.
import Execution
import Foundation
import Interchange
import Kernels
import PlumblineKit
import Testing
import Training

@Suite struct OptimiserOracleTests {
  /// As `torch.optim` was told.
  static let variants: [(name: String, settings: OptimiserSettings)] = [
    ("adam", OptimiserSettings(.adam, beta2: 0.95)),
    ("adam_decay", OptimiserSettings(.adam, beta2: 0.95, decay: 0.1)),
    ("sgd", OptimiserSettings(.sgd, rate: 0.1)),
    ("sgd_decay", OptimiserSettings(.sgd, rate: 0.1, decay: 0.1)),
    ("sgd_momentum", OptimiserSettings(.sgd, rate: 0.05, decay: 0.01, momentum: 0.9)),
    ("sgd_dampened", OptimiserSettings(.sgd, rate: 0.05, momentum: 0.9, dampening: 0.5)),
    (
      "sgd_nesterov",
      OptimiserSettings(.sgd, rate: 0.05, decay: 0.01, momentum: 0.9, nesterov: true)
    ),
  ]

  private let folder = Fixture.path("Fixtures/numeric/1_gpt2")

  private func load() throws -> (StepGraph, StepWeights<Float>, [[String: NDArray<Float>]]) {
    let model = try #require(try Workspace.load(folder).model)
    let step = try StepGraph(model.program, .gradients)
    let weights = try StepWeights<Float>(reading: folder + "/model.safetensors", for: step)
    let inputs = try StepInputs(path: folder + "/io.safetensors", renamed: [:])
    let batches = try (0..<3).map { number -> [String: NDArray<Float>] in
      try inputs.arrays(for: step.graph, prefix: "batch\(number)/")
    }
    return (step, weights, batches)
  }

  /// Holds losses and weights against what PyTorch found.
  private func compare(
    _ variant: String, _ losses: [Double], _ weights: [String: [Float]]
  ) throws {
    let expected = try SafetensorsReader(path: folder + "/optimisers.safetensors")
    let gradients = try SafetensorsReader(path: folder + "/expected_f64.safetensors")
    for (own, theirs) in zip(losses, try expected.doubles(variant + "/losses")) {
      #expect(abs(own - theirs) <= 1e-5 * theirs, "\(variant): \(own) for \(theirs)")
    }
    let prefix = variant + "/step5/"
    var compared = 0
    for entry in expected.entries where entry.name.hasPrefix(prefix) {
      let name = String(entry.name.dropFirst(prefix.count))
      let found = try #require(weights[name])
      let slopes = try gradients.doubles("grads/" + name)
      for (index, wanted) in try expected.floats(entry.name).enumerated() {
        // Adam divides round-off by its own size.
        guard !variant.hasPrefix("adam") || abs(slopes[index]) > 1e-6 else { continue }
        compared += 1
        #expect(abs(found[index] - wanted) <= 1e-5, "\(entry.name)[\(index)]")
      }
    }
    #expect(compared > 3_000)
  }

  @Test("the plain executor takes PyTorch's steps", arguments: variants.indices)
  func plain(_ index: Int) throws {
    let (name, settings) = Self.variants[index]
    let (step, weights, batches) = try load()
    var training = try TrainingStep(
      graph: step.graph, parameters: weights.arrays,
      settings: TrainingSettings(optimiser: settings))
    var losses: [Double] = []
    for number in 0..<5 {
      losses.append(try training.step([TrainingBatch(batches[number % 3])]).loss)
    }
    #expect(losses.count == 5)
    let found = zip(weights.names, training.parameters.map(\.reals))
    try compare(name, losses, Dictionary(uniqueKeysWithValues: found))
    let trained = weights.arrays.reduce(0) { $0 + $1.count }
    #expect(training.optimiser.stateBytes == settings.moments * 4 * trained)
  }

  @Test(
    "the compiled step takes PyTorch's steps, and holds the moments that it says",
    arguments: variants.indices)
  func compiled(_ index: Int) throws {
    let (name, settings) = Self.variants[index]
    let (step, weights, batches) = try load()
    var options = StepOptions()
    options.workers = 2
    options.outputs = ["loss"]
    options.optimiser = OptimiserOptions(settings, decayed: weights.arrays.map { _ in true })
    let sizes = ["B": 2, "T": 12]
    let plan = try StepCompiler(options).compile(
      step.graph,
      sizes: Dictionary(uniqueKeysWithValues: sizes.map { (.init($0.key), $0.value) }))
    let compiled = try CompiledStep(plan, pool: ThreadPool(threads: 2))
    for (number, array) in weights.arrays.enumerated() {
      try compiled.setParameter(number, array)
    }
    var losses: [Double] = []
    for number in 0..<5 {
      for (input, array) in batches[number % 3] { try compiled.setInput(input, array) }
      try compiled.train(rate: settings.rate)
      losses.append(Double(try #require(compiled.output("loss")?.reals.first)))
    }
    var found: [String: [Float]] = [:]
    for (number, name) in weights.names.enumerated() {
      found[name] = compiled.parameter(number)?.reals
    }
    try compare(name, losses, found)
    let trained = weights.arrays.reduce(0) { $0 + $1.count }
    let registers = 4 * UpdateRegister.allCases.count
    #expect(plan.memory.classes[.optimiser] == settings.moments * 4 * trained + registers)
  }
}
