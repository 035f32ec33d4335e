// MemorySchedule: what a planned step holds in memory and when, free of how it was planned.
// Apart from the planner, so that the reports need no executor and tests need no model.

/// What memory is for.
package enum MemoryUse: String, Hashable, Sendable, CaseIterable {
  case weights
  case optimiser = "optimiser state"
  /// What a step is given, and what is known before it runs.
  case inputs = "inputs and constants"
  case gradients
  /// What micro-batches add up, between the runs of a step.
  case sums = "gradient sums"
  /// Made in the forward pass and read in the backward pass.
  case kept = "kept activations"
  /// Made and read within one pass.
  case working = "working activations"
  /// What kernels need beside their operands, of all workers.
  case workspace
}

/// The part of a training step in which something runs.
package enum MemoryPhase: String, Hashable, Sendable, CaseIterable {
  case forward, backward, update
}

/// Buffers with their lifetimes over the operations of a step.
package struct MemorySchedule: Hashable, Sendable {
  /// A piece of memory.
  package struct Buffer: Hashable, Sendable {
    /// A dotted path with the elements of lists as numbers: `h.0.attn.scores`.
    package var label: String
    package var use: MemoryUse
    package var bytes: Int
    /// The first and the last step that need it; `nil` when it lives throughout.
    package var lifetime: ClosedRange<Int>?

    package init(_ label: String, _ use: MemoryUse, bytes: Int, lifetime: ClosedRange<Int>? = nil) {
      self.label = label
      self.use = use
      self.bytes = bytes
      self.lifetime = lifetime
    }
  }

  /// One operation of the schedule.
  package struct Step: Hashable, Sendable {
    package var operation: String
    /// The dotted path of the block; empty for the model itself.
    package var path: String
    package var phase: MemoryPhase

    package init(_ operation: String, path: String = "", phase: MemoryPhase) {
      self.operation = operation
      self.path = path
      self.phase = phase
    }

    /// `h.0.attn: softmax`.
    package var name: String { (path.isEmpty ? "" : path + ": ") + operation }
  }

  package var buffers: [Buffer]
  package var steps: [Step]
  /// The size of the one piece of memory in which all of it has a place.
  package var arenaBytes: Int

  package init(buffers: [Buffer], steps: [Step], arenaBytes: Int) {
    self.buffers = buffers
    self.steps = steps
    self.arenaBytes = arenaBytes
  }

  /// For each use that occurs, the bytes alive at each step; a schedule without steps has one level.
  ///
  /// - Complexity: O(buffers + uses · steps)
  package var levels: [MemoryUse: [Int]] {
    let count = max(steps.count, 1)
    var changes: [MemoryUse: [Int]] = [:]
    for buffer in buffers where buffer.bytes > 0 {
      let first = min(max(buffer.lifetime?.lowerBound ?? 0, 0), count - 1)
      let last = min(max(buffer.lifetime?.upperBound ?? count - 1, first), count - 1)
      changes[buffer.use, default: Array(repeating: 0, count: count + 1)][first] += buffer.bytes
      changes[buffer.use, default: []][last + 1] -= buffer.bytes
    }
    return changes.mapValues { changes in
      var level = 0
      return changes.dropLast().map { change in
        level += change
        return level
      }
    }
  }
}
