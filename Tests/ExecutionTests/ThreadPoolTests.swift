// ThreadPoolTests: every piece runs once, whatever the number of threads, and idle threads sleep.
// Counts are kept one slot a piece, so that a race would be one for the thread sanitizer to see.
import Execution
import Foundation
import Kernels
import Testing

@Suite struct ThreadPoolTests {
  /// Counts how often each piece ran, and gives each worker a line of scratch.
  private final class Tally: @unchecked Sendable {
    // Each piece writes its own slot, and the pool joins before anybody reads them all.
    let counts: UnsafeMutablePointer<Int>
    let scratch: UnsafeMutableRawPointer
    let capacity: Int

    init(capacity: Int) {
      self.capacity = capacity
      counts = .allocate(capacity: capacity)
      counts.initialize(repeating: 0, count: capacity)
      scratch = .allocate(byteCount: 64 * 64, alignment: 64)
    }

    deinit {
      counts.deallocate()
      scratch.deallocate()
    }

    func job(_ pieces: Int) -> KernelJob {
      KernelJob(pieces: pieces) { piece, scratch in
        self.counts[piece] += 1
        scratch.storeBytes(of: piece, as: Int.self)
      }
    }

    var all: [Int] { (0..<capacity).map { counts[$0] } }
  }

  @Test("each piece runs exactly once in a job", arguments: [1, 2, 3, 8], [0, 1, 2, 7, 1000])
  func runsEachPieceOnce(threads: Int, pieces: Int) {
    let pool = ThreadPool(threads: threads)
    let tally = Tally(capacity: 1001)
    for _ in 0..<20 { pool.run(tally.job(pieces)) { tally.scratch + 64 * $0 } }
    #expect(tally.all == (0..<1001).map { $0 < pieces ? 20 : 0 })
  }

  @Test("many small jobs follow one another, and each sees what the one before wrote")
  func ordersJobs() {
    let pool = ThreadPool(threads: 3)
    let tally = Tally(capacity: 6)
    // Each job moves the numbers on: even slots to odd ones, then back, one more each time.
    let there = KernelJob(pieces: 3) { piece, _ in
      tally.counts[2 * piece + 1] = tally.counts[2 * ((piece + 1) % 3)] + 1
    }
    let back = KernelJob(pieces: 3) { piece, _ in
      tally.counts[2 * piece] = tally.counts[2 * ((piece + 1) % 3) + 1] + 1
    }
    for _ in 0..<20_000 {
      pool.run(there) { tally.scratch + 64 * $0 }
      pool.run(back) { tally.scratch + 64 * $0 }
    }
    #expect(tally.all == [40_000, 39_999, 40_000, 39_999, 40_000, 39_999])
  }

  @Test("each thread keeps to a scratch of its own")
  func separatesScratch() {
    let pool = ThreadPool(threads: 4)
    let tally = Tally(capacity: 4096)
    let job = KernelJob(pieces: 4096) { piece, scratch in
      scratch.storeBytes(of: piece, as: Int.self)
      for _ in 0..<50 { tally.counts[piece] &+= 1 }
      if scratch.load(as: Int.self) != piece { tally.counts[piece] = -1 }
    }
    pool.run(job) { tally.scratch + 64 * $0 }
    #expect(tally.all.allSatisfy { $0 == 50 })
  }

  @Test("threads that wait for long sleep, and wake for the next job", .timeLimit(.minutes(1)))
  func parks() {
    let pool = ThreadPool(threads: 3)
    let tally = Tally(capacity: 64)
    for _ in 0..<10 {
      pool.run(tally.job(64)) { tally.scratch + 64 * $0 }
      while pool.sleepers < 2 { usleep(1_000) }
    }
    #expect(tally.all.allSatisfy { $0 == 10 })
  }

  @Test("a pool wakes its threads after they slept")
  func wakes() {
    let pool = ThreadPool(threads: 8)
    let tally = Tally(capacity: 512)
    for _ in 0..<30 {
      usleep(2_000)
      pool.run(tally.job(512)) { tally.scratch + 64 * $0 }
    }
    #expect(tally.all.allSatisfy { $0 == 30 })
  }

  @Test("pools come and go, used or not, asleep or awake")
  func comesAndGoes() {
    for round in 0..<100 {
      let pool = ThreadPool(threads: 3)
      let tally = Tally(capacity: 8)
      if round % 3 > 0 { pool.run(tally.job(8)) { tally.scratch + 64 * $0 } }
      if round % 10 == 2 { usleep(2_000) }
      #expect(tally.all.allSatisfy { $0 == (round % 3 > 0 ? 1 : 0) })
    }
  }

  @Test("an affinity mask and a control group's quota are understood")
  func readsLimits() {
    #expect(ProcessorCount.available() >= 1)
    #expect(ProcessorCount.affinity(status: "Name:\tx\nCpus_allowed:\tff,0000000f\nB:\t1") == 12)
    #expect(ProcessorCount.affinity(status: "Name:\tx") == nil)
    #expect(ProcessorCount.quota(limit: "150000 100000\n") == 2)
    #expect(ProcessorCount.quota(limit: "max 100000\n") == nil)
    #expect(ProcessorCount.quota(limit: "1e300 1e-300") == nil)
    #expect(ProcessorCount.quota(limit: "") == nil)
  }
}
