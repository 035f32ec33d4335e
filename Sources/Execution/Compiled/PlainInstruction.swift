// PlainInstruction: an operation without a fast kernel, run by its plain one inside a planned step.
// It allocates and uses one thread; reports list it, and the shipped models have none.
import Dimensions
import IR
import Kernels

extension Lowering {
  /// Runs the operation's plain kernel, on copies of its operands.
  package mutating func lowerPlainly(_ node: PlanNode) {
    guard let operation = node.operation, let index = node.members.first else {
      preconditionFailure("\(node.name) was made of several operations and has no plain kernel")
    }
    let reads = operands(of: node)
    let writes = node.results.indices.map { result(of: node, $0) }
    let plain = PlainRun(
      operation: operation, reads: reads, writes: writes, sizes: sizes, node: index,
      scope: plan.graph.path(of: node.scope))
    var instruction = Instruction(operation.name, reads: reads, writes: writes) { at in
      [KernelJob(pieces: 1) { _, _ in plain.run(at) }]
    }
    instruction.isPlain = true
    emit(instruction)
  }
}

/// One application of a plain kernel to views.
private struct PlainRun: Sendable {
  let operation: any Operation
  let reads: [TensorView]
  let writes: [TensorView]
  let sizes: [Symbol: Int]
  let node: Int
  let scope: String

  func run(_ at: Addresses) {
    var context = EvaluationContext(sizes: sizes)
    do throws(KernelFault) {
      let made = try operation.evaluate(reads.map { at.array($0) }, in: &context)
      guard made.map(\.extents) == writes.map(\.extents) else {
        throw KernelFault(
          "expected extents \(writes.map(\.extents)), found \(made.map(\.extents))")
      }
      for (array, view) in zip(made, writes) {
        guard array.elementKind == view.kind, array.count == view.count else {
          throw KernelFault("a result holds \(array.count) elements of another kind")
        }
        at.write(array, to: view)
      }
      at.log.record(multiplyAdds: context.counter.multiplyAdds, node: node)
    } catch {
      at.log.record(
        .kernel(
          FailedApplication(
            scope: scope, operation: operation.name, node: node, message: error.message)))
    }
  }
}

extension Addresses {
  /// The elements of a view as an array of its own.
  func array(_ view: TensorView) -> NDArray<Float> {
    switch view.kind {
    case .real: NDArray(extents: view.extents, real: elements(real(view), view))
    case .index: NDArray(extents: view.extents, index: elements(index(view), view))
    case .mask: NDArray(extents: view.extents, mask: elements(mask(view), view))
    }
  }

  /// Writes an array of the view's extents and kind.
  func write(_ array: NDArray<Float>, to view: TensorView) {
    switch array.payload {
    case .real(let elements): write(elements, real(view), view)
    case .index(let elements): write(elements, index(view), view)
    case .mask(let elements): write(elements, mask(view), view)
    }
  }

  private func elements<Element>(_ place: Place<Element>, _ view: TensorView) -> [Element] {
    let walk = CopyWalk(
      extents: view.extents, view.strides, TensorView.denseStrides(view.extents))
    return Array(unsafeUninitializedCapacity: view.count) { target, count in
      if let base = target.baseAddress { walk.run(from: place, to: Place(base)) }
      count = view.count
    }
  }

  private func write<Element>(_ elements: [Element], _ place: Place<Element>, _ view: TensorView) {
    let walk = CopyWalk(
      extents: view.extents, TensorView.denseStrides(view.extents), view.strides)
    elements.withUnsafeBufferPointer { source in
      guard let base = source.baseAddress else { return }
      walk.run(from: Place(UnsafeMutablePointer(mutating: base)), to: place)
    }
  }
}
