// RunAdapters: the adapters of a run, from its last checkpoint, to PEFT's files or into the base.
// Apart from the loop, which trains adapters as any weight and needs to know nothing of them.
import Diagnostics
import IR
import Interchange
import Kernels
import Language

/// What a run with adapters has learnt.
package struct RunAdapters: Sendable {
  private let layout: AdapterLayout
  private let step: StepGraph
  private let names: [String: String]
  private let checkpoint: SafetensorsReader
  private let state: RunState
  /// The updates that were made.
  package let updates: Int
  /// The folder or the file that the run began with, if any.
  package let base: String?

  /// Whether a model adapts any layer.
  ///
  /// - Throws: ``RunFailure`` when there are too many layers to name.
  package static func areIn(_ program: Program) throws(RunFailure) -> Bool {
    try !AdapterLayout.parameters(in: program).isEmpty
  }

  /// Refuses to begin with adapters that no file of PEFT's could hold in the end.
  ///
  /// - Parameters:
  ///   - model: what is to be trained.
  ///   - allowed: ids of findings that the command line lets pass.
  /// - Throws: ``RunFailure`` that says what has no place there, and how to start all the same.
  package static func refuse(
    _ model: ElaboratedModel, allowing allowed: [String]
  ) throws(RunFailure) {
    guard try areIn(model.program) else { return }
    do throws(RunFailure) {
      _ = try AdapterLayout(model)
    } catch {
      guard let id = error.diagnostics.first?.id, !allowed.contains(id) else { return }
      var refusal = error
      refusal.diagnostics[0].fixes.append(
        FixIt(
          message: "train it all the same, and keep it in checkpoints alone: --allow \(id)",
          effect: .none))
      throw refusal
    }
  }

  /// - Parameter folder: of a run that was trained.
  /// - Throws: ``RunFailure`` when the folder has no run or no checkpoint, a file of it is damaged, or
  ///   the model has no adapters that PEFT's layout can hold.
  package init(of folder: RunFolder) throws(RunFailure) {
    let state = try RunState(of: folder)
    try state.check(state.model, in: folder)
    let loaded: LoadedModel
    do throws(UnreadableFile) {
      loaded = try Workspace.load(folder.model)
    } catch {
      throw RunFailure("unreadable-file", "\(error.path): \(error.reason)")
    }
    guard let model = loaded.model, !loaded.isUnsound else {
      throw RunFailure(loaded.diagnostics.filter { $0.severity == .error })
    }
    layout = try AdapterLayout(model)
    step = try StepGraph(model.program, .forward)
    let name = RunFolder.weightsName(state.step)
    guard let file = state.files.first(where: { $0.name == name }) else {
      throw RunFailure(
        "no-run", "\(folder.path) has no checkpoint yet, so nothing was learnt",
        help: "train it: plumbline train --resume --out \(folder.path)")
    }
    try state.check(file, in: folder)
    do throws(SafetensorsError) {
      checkpoint = try SafetensorsReader(path: folder.path + "/" + name)
    } catch {
      throw RunFailure(error)
    }
    updates = state.step
    base = state.start?.path
    self.state = state
    if let known = state.start?.names {
      names = known
    } else if let start = state.start {
      names = try layout.names(in: start.path, for: step)
    } else {
      names = [:]
    }
  }

  private func weight(_ name: String) throws(RunFailure) -> NDArray<Float> {
    do throws(SafetensorsError) {
      return NDArray(
        extents: checkpoint.header[name]?.shape ?? [], real: try checkpoint.floats(name))
    } catch {
      throw RunFailure(error)
    }
  }

  /// Writes `adapter_config.json` and `adapter_model.safetensors`.
  ///
  /// - Parameters:
  ///   - folder: is made where it is missing.
  ///   - base: the base model's name, for loaders that fetch it.
  ///   - task: `CAUSAL_LM` and the like.
  /// - Throws: ``RunFailure`` when a file can't be written.
  package func write(
    to folder: String, base: String? = nil, task: String? = nil
  ) throws(RunFailure) {
    try layout.write(to: folder, named: names, base: base, task: task) {
      name throws(RunFailure) in try weight(name)
    }
  }

  /// Writes the base model's weights with the adapters added.
  ///
  /// - Parameters:
  ///   - path: the file that is written.
  ///   - base: where the base's weights lie now, when they were moved.
  /// - Throws: ``RunFailure`` when another layer shares an adapted weight, the base is gone or another,
  ///   or the file can't be written.
  package func merge(to path: String, base: String? = nil) throws(RunFailure) {
    var frozen: [String: NDArray<Float>] = [:]
    let missing = step.weights.filter { checkpoint.header[$0.name] == nil }
    if !missing.isEmpty, let file = try state.base(at: base) {
      let weights = try StepWeights<Float>(
        reading: file, for: step, fresh: Set(checkpoint.entries.map(\.name)))
      for (index, weight) in step.weights.enumerated() {
        frozen[weight.name] = weights.arrays[index]
      }
    }
    let tensors = try layout.merged(step, named: names) { name throws(RunFailure) in
      if checkpoint.header[name] == nil, let array = frozen[name] { return array }
      return try weight(name)
    }
    do throws(SafetensorsError) {
      try SafetensorsWriter(tensors).write(to: path)
    } catch {
      throw RunFailure(error)
    }
  }
}

extension AdapterLayout {
  /// What a checkpoint of the base model calls its weights, by their names in the model.
  ///
  /// - Throws: ``RunFailure`` when the file can't be read or is of another model.
  package func names(
    in path: String, for step: StepGraph
  ) throws(RunFailure) -> [String: String] {
    let tensors =
      path.hasSuffix(".gguf")
      ? try WeightFindings.tensors(of: WeightsOpening.gguf(path), for: step, fresh: parameters)
      : try WeightFindings.tensors(
        of: WeightsOpening.safetensors(path), for: step, fresh: parameters)
    var result: [String: String] = [:]
    for (weight, tensor) in zip(step.weights, tensors) { result[weight.name] = tensor }
    return result
  }
}
