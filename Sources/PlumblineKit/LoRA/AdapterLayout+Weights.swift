// AdapterLayout+Weights: the numbers of adapters, to PEFT's files, from them, and into the base.
// All three turn the same matrices, so that what is saved, read back and merged is one thing.
import Foundation
import Interchange
import Kernels
import Language

extension AdapterLayout {
  /// Gives a weight of the model by its name.
  package typealias Source = (String) throws(RunFailure) -> NDArray<Float>

  /// The tensors of `adapter_model.safetensors`.
  ///
  /// - Parameters:
  ///   - adapter: the adapters under the names that they get there.
  ///   - names: what the base model's checkpoint calls its weights.
  ///   - source: the weights as they are now.
  /// - Returns: the matrices in PEFT's order of axes, and the weights of layers that are saved whole.
  /// - Throws: what `source` throws.
  package func tensors(
    of adapter: PEFTAdapter, named names: [String: String] = [:], from source: Source
  ) throws(RunFailure) -> [SafetensorsTensor] {
    var result: [SafetensorsTensor] = []
    for (site, layer) in zip(sites, adapter.layers) {
      let (down, up) = try matrices(of: site, from: source)
      result.append(
        SafetensorsTensor(
          name: layer.downName, shape: [site.rank, site.base.input], floats: down))
      result.append(
        SafetensorsTensor(name: layer.upName, shape: [site.base.output, site.rank], floats: up))
    }
    for module in saved {
      for parameter in module.parameters {
        let array = try source(parameter)
        result.append(
          SafetensorsTensor(
            name: PEFTAdapter.prefix + CheckpointNames.canonical(names[parameter] ?? parameter),
            shape: array.extents, floats: array.reals))
      }
    }
    return result
  }

  /// Writes `adapter_config.json` and `adapter_model.safetensors`.
  ///
  /// - Parameters:
  ///   - folder: is made where it is missing.
  ///   - names: what the base model's checkpoint calls its weights.
  ///   - base: the base model's name or folder.
  ///   - task: `CAUSAL_LM` and the like.
  ///   - source: the weights as they are now.
  /// - Throws: ``RunFailure`` when a file can't be written.
  package func write(
    to folder: String, named names: [String: String] = [:], base: String? = nil,
    task: String? = nil, from source: Source
  ) throws(RunFailure) {
    let adapter = peft(named: names, base: base, task: task)
    let tensors = try tensors(of: adapter, named: names, from: source)
    do throws(SafetensorsError) {
      try adapter.write(to: folder, tensors)
    } catch {
      throw RunFailure(error)
    }
  }

  /// Reads an adapter's weights from `adapter_model.safetensors`.
  ///
  /// - Parameters:
  ///   - folder: where the file stands.
  ///   - names: what the base model's checkpoint calls its weights.
  /// - Returns: the weights by their names in the model, turned as the model has them.
  /// - Throws: ``RunFailure`` when the file can't be read, lacks a matrix, has another shape for one or
  ///   holds something that the model has no place for.
  package func read(
    from folder: String, named names: [String: String] = [:]
  ) throws(RunFailure) -> [String: NDArray<Float>] {
    let path = URL(fileURLWithPath: folder).appendingPathComponent(PEFTAdapter.weightsName).path
    let adapter = peft(named: names)
    do throws(SafetensorsError) {
      let reader = try SafetensorsReader(path: path)
      var wanted: [(tensor: String, parameter: String, shape: [Int], flips: Bool)] = []
      for (site, layer) in zip(sites, adapter.layers) {
        wanted.append(
          (
            layer.downName, site.down.parameter, [site.rank, site.base.input],
            site.down.isTransposed
          ))
        wanted.append(
          (layer.upName, site.up.parameter, [site.base.output, site.rank], site.up.isTransposed))
      }
      var result: [String: NDArray<Float>] = [:]
      for (tensor, parameter, shape, flips) in wanted {
        guard let found = reader.header[tensor]?.shape else {
          throw .file(path: path, reason: "it lacks `\(tensor)` \(shape)")
        }
        guard found == shape else {
          throw .file(path: path, reason: "`\(tensor)` is \(found), expected \(shape)")
        }
        let values = try reader.floats(tensor)
        result[parameter] = NDArray(
          extents: flips ? shape.reversed() : shape,
          real: flips ? Self.transposed(values, rows: shape[0], columns: shape[1]) : values)
      }
      var places = Set(wanted.map(\.tensor))
      for module in saved {
        for parameter in module.parameters {
          let tensor =
            PEFTAdapter.prefix + CheckpointNames.canonical(names[parameter] ?? parameter)
          guard let shape = reader.header[tensor]?.shape else {
            throw .file(path: path, reason: "it lacks `\(tensor)`, which is trained in full")
          }
          result[parameter] = NDArray(extents: shape, real: try reader.floats(tensor))
          places.insert(tensor)
        }
      }
      if let other = reader.entries.first(where: { !places.contains($0.name) }) {
        throw .file(
          path: path, reason: "it holds `\(other.name)`, and the model adapts no such layer")
      }
      return result
    } catch {
      throw RunFailure(error)
    }
  }

  /// A base weight with its adapter added: `W + scaling · up · down`, in the base's own layout.
  ///
  /// Summed in double precision and rounded once.
  /// - Throws: ``RunFailure`` when several layers read the weight and only one is adapted, and what
  ///   `source` throws.
  package func merged(_ site: Site, from source: Source) throws(RunFailure) -> NDArray<Float> {
    guard !isShared(site) else {
      throw RunFailure(
        "merge-changes-tied-weight",
        "`\(site.module)` can't be merged: other layers share its weight `\(site.weight)`",
        facts: [.line("the sum would change those layers too")],
        help: "keep the adapter beside the base, or untie the weight")
    }
    let base = try source(site.weight)
    let (down, up) = try matrices(of: site, from: source)
    let (input, output, rank) = (site.base.input, site.base.output, site.rank)
    var sums = base.reals
    for row in 0..<output {
      for column in 0..<input {
        var sum = 0.0
        for index in 0..<rank {
          sum += Double(up[row * rank + index]) * Double(down[index * input + column])
        }
        let place = site.base.kind == .conv1D ? column * output + row : row * input + column
        sums[place] = Float(Double(sums[place]) + site.scaling * sum)
      }
    }
    return NDArray(extents: base.extents, real: sums)
  }

  /// Every weight of the base model with the adapters added, as its checkpoint names them.
  ///
  /// - Parameters:
  ///   - step: the adapted model's weights, in order.
  ///   - names: what the base model's checkpoint calls them.
  ///   - source: the weights as they are now.
  /// - Returns: one tensor for each weight that is no adapter's.
  /// - Throws: ``RunFailure`` as ``merged(_:from:)`` does.
  package func merged(
    _ step: StepGraph, named names: [String: String] = [:], from source: Source
  ) throws(RunFailure) -> [SafetensorsTensor] {
    let own = parameters
    var adapted: [String: Site] = [:]
    for site in sites { adapted[site.weight] = site }
    var result: [SafetensorsTensor] = []
    for (name, _) in step.weights where !own.contains(name) {
      let array: NDArray<Float>
      if let site = adapted[name] {
        array = try merged(site, from: source)
      } else {
        array = try source(name)
      }
      result.append(
        SafetensorsTensor(
          name: CheckpointNames.canonical(names[name] ?? name), shape: array.extents,
          floats: array.reals))
    }
    return result
  }

  /// Merges the adapters of a folder into the weights of a base model.
  ///
  /// - Parameters:
  ///   - model: with its adapters.
  ///   - base: a file of the base model's weights.
  ///   - folder: where the adapters stand in PEFT's layout.
  ///   - target: the file that is written, under the base's names.
  /// - Throws: ``RunFailure`` when files and model don't fit, or the file can't be written.
  package static func merge(
    _ model: ElaboratedModel, base: String, adapters folder: String, to target: String
  ) throws(RunFailure) {
    let layout = try AdapterLayout(model)
    let step = try StepGraph(model.program, .forward)
    let weights = try StepWeights<Float>(reading: base, for: step, fresh: layout.parameters)
    var names: [String: String] = [:]
    var arrays: [String: NDArray<Float>] = [:]
    for (index, weight) in step.weights.enumerated() {
      names[weight.name] = weights.names[index]
      arrays[weight.name] = weights.arrays[index]
    }
    for (name, array) in try layout.read(from: folder, named: names) { arrays[name] = array }
    let tensors = try layout.merged(step, named: names) { name throws(RunFailure) in
      guard let array = arrays[name] else {
        preconditionFailure("the model has no weight '\(name)'")
      }
      return array
    }
    do throws(SafetensorsError) {
      try SafetensorsWriter(tensors).write(to: target)
    } catch {
      throw RunFailure(error)
    }
  }

  /// The two matrices of a site as PEFT stores them: `[rank, in]` and `[out, rank]`.
  private func matrices(
    of site: Site, from source: Source
  ) throws(RunFailure) -> (down: [Float], up: [Float]) {
    let down = try source(site.down.parameter).reals
    let up = try source(site.up.parameter).reals
    return (
      site.down.isTransposed
        ? Self.transposed(down, rows: site.base.input, columns: site.rank) : down,
      site.up.isTransposed
        ? Self.transposed(up, rows: site.rank, columns: site.base.output) : up
    )
  }

  /// A matrix `[rows, columns]` as `[columns, rows]`.
  private static func transposed(_ values: [Float], rows: Int, columns: Int) -> [Float] {
    var result = values
    for row in 0..<rows {
      for column in 0..<columns { result[column * rows + row] = values[row * columns + column] }
    }
    return result
  }
}
