// BatchSource: where micro-batches come from, and the thread that makes the next ones beside a step.
// Apart from the loop, which sees arrays by name and does not care what they were read from.
import Dispatch
import Kernels
import Synchronization

/// Micro-batches by their number.
///
/// A batch depends on nothing but its number, so that a run that goes on needs no other state.
package protocol BatchSource: Sendable {
  /// The inputs of the loss and how many targets count.
  ///
  /// The number counts micro-batches one by one over all updates, from 0.
  func batch(_ number: Int) -> TrainingBatch<Float>
}

/// The same micro-batches again and again, for a look at whether a model can learn at all.
package struct RepeatedBatches: BatchSource {
  private let batches: [TrainingBatch<Float>]

  /// - Parameter batches: at least one.
  package init(_ batches: [TrainingBatch<Float>]) {
    precondition(!batches.isEmpty, "a source without batches")
    self.batches = batches
  }

  package func batch(_ number: Int) -> TrainingBatch<Float> { batches[number % batches.count] }
}

/// Makes the micro-batches of the next update while a step runs.
///
/// A class, because a queue and what it has made have an identity; one caller takes in order.
package final class BatchAhead: Sendable {
  private let source: any BatchSource
  private let count: Int
  private let queue = DispatchQueue(label: "plumbline.batches")
  private let made = DispatchSemaphore(value: 0)
  private let slot = Mutex<(update: Int, batches: [TrainingBatch<Float>])?>(nil)
  private let asked = Mutex<Int?>(nil)

  /// - Parameters:
  ///   - source: of the micro-batches.
  ///   - count: how many an update has.
  package init(_ source: any BatchSource, count: Int) {
    self.source = source
    self.count = count
  }

  /// The micro-batches of an update; those of the next one are begun.
  package func take(_ update: Int) -> [TrainingBatch<Float>] {
    let isAsked = asked.withLock { $0 == update }
    var batches: [TrainingBatch<Float>]?
    if isAsked {
      made.wait()
      batches = slot.withLock { slot in
        defer { slot = nil }
        return slot?.batches
      }
    }
    ask(update + 1)
    return batches ?? make(update)
  }

  private func make(_ update: Int) -> [TrainingBatch<Float>] {
    (0..<count).map { source.batch(update * count + $0) }
  }

  private func ask(_ update: Int) {
    // What was asked for and not taken is taken off the slot first.
    let isOpen = asked.withLock { asked in
      defer { asked = update }
      return asked.map { $0 != update - 1 } ?? false
    }
    if isOpen {
      made.wait()
      slot.withLock { $0 = nil }
    }
    queue.async { [self] in
      let batches = make(update)
      slot.withLock { $0 = (update, batches) }
      made.signal()
    }
  }
}
