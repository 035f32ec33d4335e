// CompiledStep+Memory: what a run really touches of the arena, held against the plan.
// The memory is painted before a run and looked at after it.
import Kernels

/// What a run touched.
package struct ArenaUse: Hashable, Sendable {
  /// The bytes of the arena, as planned and as asked from the system.
  package var plannedBytes: Int
  /// The end of the last byte of the step's own memory that a run wrote, from the arena's start.
  package var touchedEnd: Int
  /// The end of the step's own memory, from the arena's start.
  package var plannedEnd: Int
}

extension CompiledStep {
  /// Runs once on painted memory.
  ///
  /// Two colours, because a run may happen to write the first one.
  /// - Throws: ``ExecutionFault`` as ``run()`` does.
  package func measuredUse() throws(ExecutionFault) -> ArenaUse {
    let start = plan.memory.persistentBytes
    let range = start..<(start + plan.memory.stepBytes)
    var end = start
    for colour: UInt8 in [0xA5, 0x5A] {
      arena.paint(range, with: colour)
      try run()
      end = max(end, arena.end(of: range, otherThan: colour))
    }
    return ArenaUse(
      plannedBytes: plan.memory.arenaBytes, touchedEnd: end, plannedEnd: range.upperBound)
  }
}
