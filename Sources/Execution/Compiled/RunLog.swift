// RunLog: what a run of a planned step finds out: a fault, and what plain kernels counted.
// A class, because the instructions of a step share it and write to it from any thread.
import Synchronization

/// Notes of one run.
final class RunLog: Sendable {
  private struct Notes {
    var fault: ExecutionFault?
    /// For each node, the multiply-adds that its plain kernel counted.
    var multiplyAdds: [Int: Int] = [:]
  }

  private let notes = Mutex(Notes())

  /// Keeps the first fault.
  func record(_ fault: ExecutionFault) {
    notes.withLock { $0.fault = $0.fault ?? fault }
  }

  func record(multiplyAdds: Int, node: Int) {
    notes.withLock { $0.multiplyAdds[node] = multiplyAdds }
  }

  var fault: ExecutionFault? { notes.withLock { $0.fault } }

  func multiplyAdds(ofNode node: Int) -> Int { notes.withLock { $0.multiplyAdds[node] ?? 0 } }

  func clear() {
    notes.withLock { $0.fault = nil }
  }
}
