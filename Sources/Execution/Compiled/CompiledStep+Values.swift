// CompiledStep+Values: arrays in and out of a planned step, by name and by number.
// These copy; what must not copy reads the places themselves.
import Dimensions
import IR
import Kernels

extension CompiledStep {
  /// Copies an array into an input.
  ///
  /// - Throws: ``ExecutionFault`` when there is no such input, or the array is of another shape.
  package func setInput(_ name: String, _ array: NDArray<Float>) throws(ExecutionFault) {
    guard let port = plan.graph.inputs.first(where: { $0.name == name }) else {
      throw .unknownInput(name, known: plan.graph.inputs.map(\.name))
    }
    try set(port.value, .input(name), array)
  }

  /// Copies an array into a weight.
  ///
  /// - Throws: ``ExecutionFault`` when the array is of another shape, or the weight's memory is
  ///   somebody else's.
  package func setParameter(_ index: Int, _ array: NDArray<Float>) throws(ExecutionFault) {
    let parameter = plan.graph.parameters[index]
    guard !plan.options.external.contains(index) else {
      throw .malformedGraph("'\(parameter.name)' lies in memory that is only read")
    }
    try set(parameter.value, .parameter(parameter.name), array)
  }

  private func set(
    _ value: Int, _ tensor: SuppliedTensor, _ array: NDArray<Float>
  ) throws(ExecutionFault) {
    guard let view = supplied[value] else {
      preconditionFailure("\(tensor) has no memory")
    }
    guard array.elementKind == view.kind else {
      throw .wrongKind(tensor, expected: view.kind, found: array.elementKind)
    }
    guard array.extents.count == view.rank else {
      throw .wrongRank(tensor, expected: "\(view.extents)", found: array.extents)
    }
    for (axis, extent) in view.extents.enumerated() where array.extents[axis] != extent {
      throw .wrongExtent(tensor, axis: axis, expected: "\(extent)", found: array.extents[axis])
    }
    guard array.isConsistent else {
      throw .wrongCount(tensor, extents: array.extents, found: array.count)
    }
    addresses.write(array, to: view)
  }

  /// The memory of inputs and weights, by value.
  func suppliedViews() -> [Int: TensorView] {
    var result: [Int: TensorView] = [:]
    for (index, buffer) in plan.buffers.enumerated() {
      switch buffer.place {
      case .parameter, .input:
        guard let value = buffer.value else { continue }
        result[value] = TensorView(
          dense: index, extents: plan.graph.values[value].type.extents(plan.sizes) ?? [],
          kind: plan.graph.values[value].type.element.kind)
      case .constant, .optimiser, .gradientSum, .step: continue
      }
    }
    return result
  }

  /// A value of the graph after a run; `nil` for one that does not live that long.
  package func array(of value: Int) -> NDArray<Float>? {
    guard plan.survives[value] else { return nil }
    return plan.views[value].map { addresses.array($0) }
  }

  /// An output after a run.
  package func output(_ name: String) -> NDArray<Float>? {
    plan.graph.outputs.first { $0.name == name }.flatMap { array(of: $0.value) }
  }

  /// The gradient of a weight after a run; `nil` when it has none, or none that was kept.
  package func gradient(_ index: Int) -> NDArray<Float>? {
    guard plan.keepsGradients, plan.graph.gradients.indices.contains(index) else { return nil }
    return plan.graph.gradients[index].flatMap { array(of: $0) }
  }

  /// A weight as it is now.
  package func parameter(_ index: Int) -> NDArray<Float>? {
    supplied[plan.graph.parameters[index].value].map { addresses.array($0) }
  }

  /// Multiply-adds and applications of one run, by operation and pass.
  package var counters: ExecutionCounters {
    var result = ExecutionCounters()
    for use in plan.uses {
      result.multiplyAdds[use] = 0
      result.applications[use, default: 0] += 1
    }
    for instruction in plan.instructions {
      for (member, share) in instruction.shares {
        result.multiplyAdds[plan.uses[member], default: 0] += share
      }
      guard instruction.shares.isEmpty, let main = instruction.members.first else { continue }
      let counted =
        instruction.isPlain ? log.multiplyAdds(ofNode: main) : instruction.multiplyAdds
      result.multiplyAdds[plan.uses[main], default: 0] += counted
    }
    return result
  }
}

extension CompiledPlan {
  /// Whether gradients can be read after a run.
  package var keepsGradients: Bool { options.keepsGradients || options.optimiser == nil }
}
