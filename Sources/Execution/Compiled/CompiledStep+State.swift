// CompiledStep+State: what a checkpoint keeps of a step beside its weights, and how it comes back.
// Weights go in and out by ``setParameter(_:_:)`` and ``parameter(_:)``; here is the optimiser's part.
import Kernels

extension CompiledStep {
  /// The moments of a weight, as many as the optimiser keeps; `nil` for one that is not updated.
  package func moments(_ index: Int) -> [[Float]]? {
    plan.moments[index]?.moments.map { addresses.array($0).reals }
  }

  /// Sets the moments of a weight; with its value and ``updates`` a run goes on where it was.
  ///
  /// - Parameters:
  ///   - index: the number of the weight.
  ///   - arrays: one for each moment, with the weight's number of elements each.
  /// - Throws: ``ExecutionFault`` when the weight is not updated, or the arrays are too many, too few
  ///   or of another size.
  package func setMoments(_ index: Int, _ arrays: [[Float]]) throws(ExecutionFault) {
    let name = plan.graph.parameters[index].name
    guard let views = plan.moments[index]?.moments else {
      throw .malformedGraph("'\(name)' is not updated, and so has no moments")
    }
    guard arrays.count == views.count else {
      throw .malformedGraph("'\(name)' has \(views.count) moments, found \(arrays.count)")
    }
    for (array, view) in zip(arrays, views) where array.count != view.count {
      throw .malformedGraph(
        "a moment of '\(name)' has \(view.count) elements, found \(array.count)")
    }
    for (array, view) in zip(arrays, views) {
      addresses.write(NDArray(extents: view.extents, real: array), to: view)
    }
  }

  /// Sets the moments of every weight to zero and counts updates from the beginning.
  package func forgetMoments() {
    updates = 0
    summed = 0
    for case let state? in plan.moments {
      for view in state.moments {
        addresses.real(view).pointer.update(repeating: 0, count: view.count)
      }
    }
  }

  /// A weight where it lies in the arena, for a plan that only reads it while this step lives.
  package func lent(_ index: Int) -> ExternalWeight? {
    let parameter = plan.graph.parameters[index]
    for (place, buffer) in plan.buffers.enumerated() where buffer.value == parameter.value {
      guard case .parameter = buffer.place else { continue }
      return ExternalWeight(
        UnsafeRawPointer(addresses.buffers[place].pointer), bytes: buffer.bytes)
    }
    return nil
  }

  /// A step that reads the weights of this one where they lie, without a copy.
  ///
  /// Whatever this step learns, that one sees. It may run between the steps of this one, not during.
  /// - Parameters:
  ///   - plan: of a graph over the same weights, by name; those that it calls external are read here.
  ///   - pool: the threads, this step's own unless told.
  /// - Returns: the other step, which holds this one as long as it lives.
  /// - Throws: ``ExecutionFault`` when a weight is not here or the system grants no memory.
  package func reading(
    _ plan: CompiledPlan, pool: ThreadPool? = nil
  ) throws(ExecutionFault) -> CompiledStep {
    var numbers: [String: Int] = [:]
    for (index, parameter) in self.plan.graph.parameters.enumerated() {
      numbers[parameter.name] = index
    }
    var external: [Int: ExternalWeight] = [:]
    for index in plan.options.external {
      let name = plan.graph.parameters[index].name
      guard let number = numbers[name], let place = lent(number) else {
        throw .malformedGraph("'\(name)' is no weight of the step that lends its own")
      }
      external[index] = place
    }
    return try CompiledStep(plan, pool: pool ?? self.pool, external: external, lender: self)
  }
}
