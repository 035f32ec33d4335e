// StepBenchmark: one configuration, made ready once and stepped until the time is over.
// Loading and planning are not timed: a training run pays for them once.
import Dimensions
import Execution
import Foundation
import IR
import Kernels
import PlumblineKit

/// The timing of one configuration.
struct StepBenchmark {
  let configuration: StepConfiguration
  private let request: Request
  let step: StepGraph

  /// Loads the model and unfolds its step.
  ///
  /// - Throws: ``BenchmarkFailure`` when the model is not there or not sound.
  init(_ configuration: StepConfiguration, _ request: Request) throws(BenchmarkFailure) {
    self.configuration = configuration
    self.request = request
    let path = request.models + "/" + configuration.file
    do {
      let loaded = try Workspace.load(path)
      guard let model = loaded.model, !loaded.isUnsound else {
        throw BenchmarkFailure("\(path) has errors, which `plumbline check` explains")
      }
      step = try StepGraph(model.program, .gradients, isFused: !request.plain)
    } catch let failure as BenchmarkFailure {
      throw failure
    } catch {
      throw BenchmarkFailure("\(path): \(error)")
    }
  }

  /// The sizes of the batch.
  var sizes: [Symbol: Int] {
    [Symbol("B"): configuration.batch, Symbol("T"): configuration.length]
  }

  /// Times steps on the same batch, as the peer does.
  func figure() throws -> StepFigure {
    var stepper = try stepper()
    for _ in 0..<(request.plain ? 0 : 3) { _ = try stepper.step() }
    let load = OtherLoad()
    let clock = ContinuousClock()
    let end = clock.now + .seconds(request.seconds)
    var times: [Double] = []
    var loss = 0.0
    while clock.now < end || times.count < (request.plain ? 1 : 5) {
      let start = clock.now
      loss = try stepper.step()
      times.append((clock.now - start).inSeconds)
    }
    return StepFigure(configuration, times: times, share: load.share, loss: loss)
  }

  /// The step, ready to run.
  func stepper() throws -> any Stepper {
    if request.plain { return try PlainStepper(self) }
    return try CompiledStepper(self, threads: request.workers, unfused: request.unfused)
  }

  /// Tokens and targets, drawn alike.
  func inputs() throws(BenchmarkFailure) -> [String: NDArray<Float>] {
    var result: [String: NDArray<Float>] = [:]
    for input in step.graph.inputs {
      let type = step.graph.values[input.value].type
      guard let extents = type.extents(sizes), type.element.kind == .index else {
        throw BenchmarkFailure("input \(input.name) of \(configuration.file) is no table of tokens")
      }
      var bits = RandomBits(seed: 1, name: "input " + input.name)
      let tokens = (0..<extents.reduce(1, *)).map { _ in
        Int32(
          min(Int(bits.uniform() * Double(configuration.vocabulary)), configuration.vocabulary - 1))
      }
      result[input.name] = NDArray(extents: extents, index: tokens)
    }
    return result
  }
}
