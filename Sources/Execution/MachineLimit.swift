// MachineLimit: the FLOPs a second that multiply-adds in registers reach, which no step can pass.
// Measured when somebody asks, because a machine's sheet knows neither its clock nor its neighbours.
import Kernels

/// What the units of the processor give at most.
package enum MachineLimit {
  /// FLOPs a second over some threads, the best of a few short runs of some milliseconds.
  ///
  /// - Parameters:
  ///   - threads: that work at the same time.
  ///   - kernels: of the instruction set in question.
  /// - Returns: `nil` when the system grants no memory.
  package static func flops(
    threads: Int, kernels: any KernelSet.Type = KernelChoice.best
  ) -> Double? {
    let pool = ThreadPool(threads: max(threads, 1))
    let each = ((kernels.startCount * 4 + 4095) & ~4095) + 4096
    guard let arena = try? Arena(bytes: each * pool.threads) else { return nil }
    for worker in 0..<pool.threads {
      let own = UnsafeMutableRawPointer(arena.place(at: worker * each).pointer)
        .assumingMemoryBound(to: Float.self)
      for index in 0..<kernels.startCount { own[index] = 0.5 + Float(index) / 4096 }
    }
    let rounds = 100_000
    let job = kernels.multiplyAdds(rounds: rounds, pieces: pool.threads)
    let clock = ContinuousClock()
    var best = Duration.seconds(3600)
    for _ in 0..<5 {
      let start = clock.now
      pool.run(job) { arena.raw(at: $0 * each) }
      best = min(best, clock.now - start)
    }
    let (seconds, attoseconds) = best.components
    let time = Double(seconds) + Double(attoseconds) * 1e-18
    return time > 0
      ? 2 * Double(kernels.multiplyAddCount(rounds: rounds) * pool.threads) / time : nil
  }
}

/// The most FLOPs a second that a machine was seen to do, which only grows.
///
/// What is measured while others work is too low, so it is measured again now and then; and what a
/// step did is no more than the machine can do.
package struct MachineLimitSeen: Sendable {
  /// FLOPs a second; `nil` when they can't be measured.
  package private(set) var flops: Double?
  private let measure: @Sendable () -> Double?
  private var asked = 0

  /// - Parameter measure: how the limit is found, now and later.
  package init(_ measure: @escaping @Sendable () -> Double?) {
    self.measure = measure
    flops = measure()
  }

  /// The part of the limit that a speed in FLOPs a second is, at most 1.
  ///
  /// Measures again at the 1st, 2nd, 4th, 8th … time, and whenever the speed is beyond the limit.
  package mutating func share(of speed: Double) -> Double? {
    guard let known = flops, speed.isFinite else { return nil }
    asked += 1
    let isDue = asked & (asked - 1) == 0
    var best = known
    if isDue || speed > best { best = max(best, measure() ?? 0) }
    best = max(best, speed)
    flops = best
    return best > 0 ? max(speed, 0) / best : nil
  }
}
