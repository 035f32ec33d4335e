// KernelTimer: kernels run by themselves, with memory of their own and the threads of a step.
// The best of many runs: what a kernel can do, where a step shows what it does.
import Execution
import Foundation
import Kernels

/// Threads, their scratch memory, and a clock.
///
/// A class, because threads and memory have an identity.
final class KernelTimer {
  let kernels: any KernelSet.Type
  let pool: ThreadPool
  /// How long each kernel is repeated.
  let seconds: Double
  private let scratch: BenchmarkMemory
  private let scratchBytes: Int
  /// The most multiply-adds a second that registers alone have reached so far.
  private var limit = 0.0

  /// - Parameters:
  ///   - threads: how many run the pieces.
  ///   - scratchBytes: for each of them.
  ///   - seconds: how long each kernel is repeated.
  init(threads: Int, scratchBytes: Int, seconds: Double) {
    kernels = KernelChoice.best
    pool = ThreadPool(threads: threads)
    self.seconds = seconds
    self.scratchBytes = (max(scratchBytes, 1 << 16) + 4095) & ~4095
    scratch = BenchmarkMemory(floats: self.scratchBytes / 4 * threads)
  }

  /// The seconds of the fastest of many runs.
  func best(_ jobs: [KernelJob]) -> Double {
    let clock = ContinuousClock()
    let end = clock.now + .seconds(seconds)
    var best = Double.infinity
    var runs = 0
    while clock.now < end || runs < 5 {
      let start = clock.now
      run(jobs)
      best = min(best, (clock.now - start).inSeconds)
      runs += 1
    }
    return best
  }

  private func run(_ jobs: [KernelJob]) {
    let base = scratch.place(at: 0)
    for job in jobs {
      pool.run(job) { worker in
        UnsafeMutableRawPointer(base.pointer) + worker * self.scratchBytes
      }
    }
  }

  /// FLOPs a second that the multiply-add units of all threads reach, the best so far.
  ///
  /// Measured anew at each reading, so that it comes from the same minute as what it is compared with.
  func flopsLimit() -> Double {
    let rounds = 200_000
    let pieces = pool.threads
    let start = scratch.place(at: 0)
    for index in 0..<(scratchBytes / 4 * pieces) { start.pointer[index] = 0.5 }
    for worker in 0..<pieces {
      let own = start + worker * scratchBytes / 4
      for index in 0..<kernels.startCount { own.pointer[index] = 0.5 + Float(index) / 4096 }
    }
    let seconds = best([kernels.multiplyAdds(rounds: rounds, pieces: pieces)])
    let flops = 2 * Double(kernels.multiplyAddCount(rounds: rounds) * pieces) / seconds
    limit = max(limit, flops)
    return limit
  }
}

/// Memory for the operands of a kernel, with numbers in it.
///
/// A class, because it frees what it allocated.
final class BenchmarkMemory {
  private let bytes: UnsafeMutableRawPointer
  private let floats: UnsafeMutablePointer<Float>

  /// Allocates a number of floats in -1…1, in large pages like a step's arena.
  init(floats count: Int) {
    let page = 1 << 21
    let wanted = max(count, 16) * 4
    // Small ones too: in the arena they share a large page with others.
    let size = (wanted + page - 1) / page * page
    bytes = .allocate(byteCount: size, alignment: page)
    #if os(Linux)
    madvise(bytes, size, Int32(MADV_HUGEPAGE))
    #endif
    floats = bytes.bindMemory(to: Float.self, capacity: max(count, 16))
    var state: UInt32 = 0x9E37_79B9
    for index in 0..<max(count, 16) {
      state = state &* 1_664_525 &+ 1_013_904_223
      floats[index] = Float(Int32(bitPattern: state)) / Float(1 << 31)
    }
  }

  deinit { bytes.deallocate() }

  func place(at offset: Int) -> Place<Float> { Place(floats + offset) }
}
