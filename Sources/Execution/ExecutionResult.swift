// ExecutionResult: what a run hands back beside its numbers: counts, bytes, and what it showed.
// Apart from the executor so that readers of a result need not read the loop.
import Dimensions
import IR
import Kernels

/// An operation in one of the two passes: the key under which work is counted.
package struct OperationUse: Hashable, Sendable {
  package var operation: String
  package var phase: Phase

  package init(_ operation: String, _ phase: Phase) {
    self.operation = operation
    self.phase = phase
  }
}

/// Work that was really done.
package struct ExecutionCounters: Hashable, Sendable {
  /// Multiply-adds counted inside the loops.
  package internal(set) var multiplyAdds: [OperationUse: Int] = [:]
  /// How many nodes ran.
  package internal(set) var applications: [OperationUse: Int] = [:]

  package init() {}

  /// The multiply-adds of a pass, over all operations.
  package func multiplyAdds(in phase: Phase) -> Int {
    multiplyAdds.reduce(0) { $1.key.phase == phase ? $0 + $1.value : $0 }
  }

  /// The multiply-adds of both passes.
  package var totalMultiplyAdds: Int { multiplyAdds.values.reduce(0, +) }

  /// Adds the work of another run.
  package mutating func add(_ other: ExecutionCounters) {
    multiplyAdds.merge(other.multiplyAdds, uniquingKeysWith: +)
    applications.merge(other.applications, uniquingKeysWith: +)
  }

  mutating func record(_ node: FlatNode, _ counter: KernelCounter) {
    let use = OperationUse(node.operation.name, node.phase)
    multiplyAdds[use, default: 0] += counter.multiplyAdds
    applications[use, default: 0] += 1
  }
}

/// One result as it came out of a kernel.
package struct Observation: Hashable, Sendable {
  /// The place in the graph's list of nodes.
  package var node: Int
  /// The place in the graph's list of values.
  package var value: Int
  package var extents: [Int]
  package var kind: ElementKind
  package var byteCount: Int
}

/// The numbers of one run.
package struct ExecutionResult<Scalar: KernelScalar>: Sendable {
  package internal(set) var outputs: [String: NDArray<Scalar>] = [:]
  /// For each parameter of the graph, its gradient; `nil` when it has none.
  package internal(set) var gradients: [NDArray<Scalar>?] = []
  package internal(set) var counters = ExecutionCounters()
  package internal(set) var memory = MemoryReading()
  /// The sizes that the inputs gave to the symbolic dimensions.
  package internal(set) var sizes: [Symbol: Int] = [:]
}
