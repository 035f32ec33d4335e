// RunCheckpoint: weights and moments of a step as files, and back again to the same bits.
// The order of the writes is the whole point: a state names only what is on the disk already.
import Execution
import Foundation
import Interchange
import Kernels
import Training

/// Writes and reads the generations of a run.
struct RunCheckpoint {
  let folder: RunFolder
  let step: CompiledStep
  let graph: StepGraph
  /// Whether weights that are not trained stay in the file that the run began with.
  let refersToBase: Bool

  /// The number of values that one file of a generation holds, for the reader's checks.
  private var names: [String] { graph.graph.parameters.map(\.name) }

  private var momentNames: [String] {
    step.plan.options.optimiser?.settings.momentNames ?? []
  }

  /// Writes a generation, then the state that names it, then removes the one before.
  ///
  /// - Parameters:
  ///   - state: of the run, without its files.
  ///   - log: is brought to the disk first.
  /// - Returns: the state as it was written.
  /// - Throws: ``DiskFault``; then the generation before stands.
  func save(_ state: RunState, log: RunLogFile) throws(DiskFault) -> RunState {
    do throws(DiskFault) {
      return try write(state, log)
    } catch {
      // The checkpoint before the last is worth less than one of now.
      guard error.code == ENOSPC || error.code == EDQUOT, folder.clearPrevious() else {
        throw error
      }
      return try write(state, log)
    }
  }

  private func write(_ state: RunState, _ log: RunLogFile) throws(DiskFault) -> RunState {
    var state = state
    state.log = try log.synchronise()
    state.files = []
    if step.updates > 0 {
      let weights = RunFolder.weightsName(step.updates)
      let moments = RunFolder.momentsName(step.updates)
      do throws(DiskFault) {
        state.files = [
          .init(try write(weightTensors, as: weights)),
          .init(try write(momentTensors, as: moments)),
        ]
        try DurableFile.write(state.json, to: folder.state)
      } catch {
        // What no state names must not fill a disk that is full.
        let named = (try? RunState(of: folder))?.standing.map(\.name) ?? []
        for name in [weights, moments] where !named.contains(name) {
          unlink(folder.path + "/" + name)
        }
        throw error
      }
    } else {
      try DurableFile.write(state.json, to: folder.state)
    }
    try folder.clearLeftovers(keeping: state)
    return state
  }

  private func write(
    _ tensors: [SafetensorsTensor], as name: String
  ) throws(DiskFault) -> FileFingerprint {
    let path = folder.path + "/" + name
    let writer: SafetensorsWriter
    do throws(SafetensorsError) {
      writer = try SafetensorsWriter(
        tensors, metadata: metadata)
    } catch {
      throw DiskFault(path, "cannot be written: \(error)")
    }
    return try writer.writeDurably(to: path)
  }

  private var metadata: [String: String] {
    var metadata = ["format": "pt", "updates": "\(step.updates)"]
    if refersToBase { metadata["holds"] = RunBase.holdsTrained }
    return metadata
  }

  private var weightTensors: [SafetensorsTensor] {
    names.enumerated().compactMap { index, name in
      if refersToBase, graph.graph.parameters[index].isFrozen { return nil }
      return step.parameter(index).map {
        SafetensorsTensor(name: name, shape: $0.extents, floats: $0.reals)
      }
    }
  }

  private var momentTensors: [SafetensorsTensor] {
    names.enumerated().flatMap { index, name -> [SafetensorsTensor] in
      let shape = step.parameter(index)?.extents ?? []
      return zip(momentNames, step.moments(index) ?? []).map { moment, values in
        SafetensorsTensor(name: "\(name)/\(moment)", shape: shape, floats: values)
      }
    }
  }

  /// Puts a generation back into the step.
  ///
  /// - Parameters:
  ///   - state: of the run.
  ///   - base: the file of the weights that the checkpoint leaves out.
  /// - Throws: ``RunFailure`` when a file is not what the state says, or not of this model.
  func restore(_ state: RunState, base: String?) throws(RunFailure) {
    for file in state.files { try state.check(file, in: folder) }
    func reader(_ name: String) throws(RunFailure) -> SafetensorsReader {
      guard state.files.contains(where: { $0.name == name }) else {
        throw RunFailure("checkpoint-damaged", "\(folder.state) does not name \(name)")
      }
      do throws(SafetensorsError) {
        return try SafetensorsReader(path: folder.path + "/" + name)
      } catch {
        throw RunFailure(error, in: folder.path + "/" + name)
      }
    }
    let weights = try reader(RunFolder.weightsName(state.step))
    let moments = try reader(RunFolder.momentsName(state.step))
    // A checkpoint without the base's weights; those of an older version hold them.
    let isPartial =
      refersToBase
      && names.indices.contains {
        graph.graph.parameters[$0].isFrozen && weights.header[names[$0]] == nil
      }
    let frozen: [NDArray<Float>]
    if isPartial, let base {
      frozen = try StepWeights<Float>(
        reading: base, for: graph, fresh: Set(weights.entries.map(\.name))
      ).arrays
    } else {
      frozen = []
    }
    do throws(SafetensorsError) {
      for (index, name) in names.enumerated() {
        let shape = step.parameter(index)?.extents ?? []
        if isPartial, graph.graph.parameters[index].isFrozen, let array = frozen.element(index) {
          do throws(ExecutionFault) {
            try step.setParameter(index, array)
          } catch {
            throw .file(path: base ?? "", reason: "is of another model: \(error)")
          }
          continue
        }
        guard weights.header[name]?.shape == shape else {
          throw .file(
            path: weights.path,
            reason: "is of another model: `\(name)` is \(weights.header[name]?.shape ?? []),"
              + " expected \(shape)")
        }
        let values = try weights.floats(name)
        var own: [[Float]] = []
        if step.plan.moments[index] != nil {
          for moment in momentNames { own.append(try moments.floats("\(name)/\(moment)")) }
        }
        do throws(ExecutionFault) {
          try step.setParameter(index, NDArray(extents: shape, real: values))
          if step.plan.moments[index] != nil { try step.setMoments(index, own) }
        } catch {
          throw .file(path: moments.path, reason: "is of another model: \(error)")
        }
      }
    } catch {
      throw RunFailure("checkpoint-damaged", error.description)
    }
    step.updates = state.step
  }
}
