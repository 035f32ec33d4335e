// CompiledStep+Comparison: a planned step taken apart, so that each kernel can be judged by itself.
// Each instruction gets the reference's operands: what comes out wrong was made wrong there.
import Dimensions
import IR
import Kernels

/// The multiply-adds of the kernels that work for one node of a plan.
package struct WorkRecord: Hashable, Sendable {
  /// What a profile calls them.
  package var label: String
  /// The places in the graph's list of nodes for which they work.
  package var members: [Int]
  package var multiplyAdds: Int
}

extension CompiledStep {
  /// What the last run did, for each node that was lowered.
  package var work: [WorkRecord] {
    var places: [Int: Int] = [:]
    var result: [WorkRecord] = []
    for instruction in plan.instructions {
      guard let main = instruction.members.first else { continue }
      if places[main] == nil {
        places[main] = result.count
        // Plain kernels count for the whole node, in the log.
        let counted = log.multiplyAdds(ofNode: main)
        result.append(
          WorkRecord(
            label: instruction.label, members: instruction.members, multiplyAdds: counted))
      }
      guard let place = places[main] else { continue }
      if !instruction.isPlain {
        if instruction.multiplyAdds > 0 { result[place].label = instruction.label }
        result[place].multiplyAdds += instruction.multiplyAdds
      }
    }
    return result
  }

  /// Runs each instruction on the reference's values and shows what it made.
  ///
  /// Inputs and weights must be set. The plan keeps every value, so that each has its own memory.
  /// - Parameters:
  ///   - reference: for each value of the graph, what it should be; `nil` where nobody knows.
  ///   - visit: is given each value that was made, and what the kernels made of it.
  /// - Throws: ``ExecutionFault`` when an instruction gives up.
  package func compare(
    with reference: [NDArray<Float>?], visit: (_ value: Int, _ found: NDArray<Float>) -> Void
  ) throws(ExecutionFault) {
    precondition(plan.options.keepsEverything, "values are compared that the plan lets die")
    var last: [Int: Int] = [:]
    for (index, instruction) in plan.instructions.enumerated() {
      for node in instruction.members { last[node] = index }
    }
    log.clear()
    for (index, instruction) in plan.instructions.enumerated() {
      try run(instruction: index)
      for node in instruction.members where last[node] == index {
        for value in plan.graph.nodes[node].results {
          guard let view = plan.views[value] else { continue }
          visit(value, addresses.array(view))
          if let wanted = reference[value], wanted.extents == view.extents,
            wanted.elementKind == view.kind
          {
            addresses.write(wanted, to: view)
          }
        }
      }
    }
  }
}
