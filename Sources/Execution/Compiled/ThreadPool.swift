// ThreadPool: threads that stay, so that handing out a job costs a tenth of a microsecond.
// The only place where threads exist; kernels know pieces, and what a worker is stops here.
import Foundation
import Intrinsics
import Kernels
import Synchronization

/// Runs the pieces of one job after the other on a fixed number of threads.
///
/// The calling thread is worker 0. Pieces are handed out one by one, so a thread whose core is busy
/// with something else gets fewer; a worker that arrives when all pieces are taken is not waited for.
///
/// Sendable although it isn't checked: the stored properties never change after `init`, and the one
/// that is not a value, the list of thread handles, is read by `deinit` alone.
package final class ThreadPool: @unchecked Sendable {
  /// The number of workers, the calling thread included; at least one.
  package let threads: Int
  private let meeting: Meeting
  private let handles: [pthread_t]

  /// Starts `threads - 1` threads, or fewer if the system grants no more.
  package init(threads: Int = ProcessorCount.available()) {
    let wanted = max(1, threads)
    let meeting = Meeting(workers: wanted)
    var handles: [pthread_t] = []
    while handles.count + 1 < wanted {
      guard let handle = startThread(Worker(meeting: meeting, number: handles.count + 1)) else {
        break
      }
      handles.append(handle)
    }
    self.threads = handles.count + 1
    self.meeting = meeting
    self.handles = handles
  }

  /// How many of the other threads sleep until the next job.
  package var sleepers: Int { meeting.sleepers }

  deinit {
    meeting.stop()
    for handle in handles { pthread_join(handle, nil) }
  }

  /// Runs all pieces of a job and returns when the last is done; allocates nothing.
  ///
  /// - Precondition: No other job of this pool is running: a pool belongs to one run at a time, and
  ///   a piece does not hand out a job of its own.
  /// - Parameters:
  ///   - job: The pieces.
  ///   - scratch: The memory of a worker, asked for on the calling thread.
  package func run(_ job: KernelJob, scratch: (_ worker: Int) -> UnsafeMutableRawPointer) {
    guard job.pieces > 1, threads > 1 else {
      let memory = scratch(0)
      var piece = 0
      while piece < job.pieces {
        job.body(piece, memory)
        piece &+= 1
      }
      return
    }
    meeting.run(job, workers: threads, scratch: scratch)
  }
}

/// What one thread is started with.
private final class Worker: Sendable {
  let meeting: Meeting
  let number: Int

  init(meeting: Meeting, number: Int) {
    self.meeting = meeting
    self.number = number
  }
}

/// Where the calling thread and its workers meet.
///
/// Sendable although it isn't checked, because the memory behind `job` and `scratch` is written by
/// the caller alone, and only while no worker is inside: before `state` is stored with releasing
/// order and the open bit, and after it was seen with acquiring order without a worker. Workers read
/// that memory between entering, an acquiring exchange that succeeds only while the open bit is
/// set, and leaving, a releasing subtraction. Everything else is atomic or never changes.
private final class Meeting: @unchecked Sendable {
  /// Bits 0–15: workers inside; bit 16: open; bit 17: stopping; from bit 18: the job's number.
  private let state = Atomic<UInt64>(0)
  // The workers that look for a job and those that take pieces write different cache lines.
  private let gap: (SIMD16<UInt64>, SIMD16<UInt64>) = (.zero, .zero)
  private let next = Atomic<Int>(0)
  private let parked = Atomic<Int>(0)
  private let busy = Atomic<Bool>(false)
  private let gate = NSCondition()
  private let job: UnsafeMutablePointer<UnsafePointer<KernelJob>?>
  private let scratch: UnsafeMutablePointer<UnsafeMutableRawPointer?>

  private static let open: UInt64 = 1 << 16
  private static let stopping: UInt64 = 1 << 17
  private static let number: UInt64 = 1 << 18
  private static let inside: UInt64 = open - 1
  /// How often a worker looks for a job before it sleeps: between 50 and 200 µs.
  private static let patience = 4096
  /// How often the caller looks before it gives its core to a worker that may need it.
  private static let courtesy = 1024

  init(workers: Int) {
    precondition(workers < Int(Meeting.inside), "\(workers) workers do not fit the state")
    job = .allocate(capacity: 1)
    job.initialize(to: nil)
    scratch = .allocate(capacity: workers)
    scratch.initialize(repeating: nil, count: workers)
  }

  deinit {
    job.deallocate()
    scratch.deallocate()
  }

  func run(
    _ job: KernelJob, workers: Int, scratch memory: (_ worker: Int) -> UnsafeMutableRawPointer
  ) {
    let found = busy.exchange(true, ordering: .acquiring)
    precondition(!found, "a pool runs one job at a time")
    withUnsafePointer(to: job) { place in
      self.job.pointee = place
      var worker = 0
      while worker < workers {
        scratch[worker] = memory(worker)
        worker &+= 1
      }
      next.store(0, ordering: .relaxed)
      let before = state.load(ordering: .relaxed)
      // Nobody is inside, so only the job's number is carried over.
      let opened = ((before & ~Meeting.inside) &+ Meeting.number) | Meeting.open
      state.store(opened, ordering: .sequentiallyConsistent)
      if parked.load(ordering: .sequentiallyConsistent) > 0 {
        gate.lock()
        gate.broadcast()
        gate.unlock()
      }
      work(0)
      var left = state.bitwiseAnd(~Meeting.open, ordering: .acquiringAndReleasing).newValue
      var looks = 0
      while left & Meeting.inside != 0 {
        looks &+= 1
        if looks % Meeting.courtesy == 0 { sched_yield() } else { plumbline_pause() }
        left = state.load(ordering: .acquiring)
      }
      self.job.pointee = nil
    }
    busy.store(false, ordering: .releasing)
  }

  /// Takes pieces until none is left.
  private func work(_ worker: Int) {
    guard let job = job.pointee, let memory = scratch[worker] else {
      preconditionFailure("worker \(worker) entered without a job")
    }
    let pieces = job.pointee.pieces
    let body = job.pointee.body
    while true {
      let piece = next.add(1, ordering: .relaxed).oldValue
      guard piece < pieces else { return }
      body(piece, memory)
    }
  }

  /// A thread's whole life.
  func serve(_ worker: Int) {
    var last: UInt64 = 0
    var looks = 0
    while true {
      let current = state.load(ordering: .acquiring)
      if current & Meeting.stopping != 0 { return }
      if calls(current, after: last) {
        let entered = state.weakCompareExchange(
          expected: current, desired: current &+ 1, ordering: .acquiring
        ).exchanged
        guard entered else { continue }
        last = current / Meeting.number
        work(worker)
        state.subtract(1, ordering: .releasing)
        looks = 0
      } else if looks < Meeting.patience {
        looks &+= 1
        plumbline_pause()
      } else {
        sleep(after: last)
        looks = 0
      }
    }
  }

  /// Whether there is an open job that the worker has not served.
  private func calls(_ current: UInt64, after last: UInt64) -> Bool {
    current & Meeting.open != 0 && current / Meeting.number != last
  }

  /// Sleeps until a job or the end.
  ///
  /// The caller stores the state and then reads how many sleep, a worker does the reverse, both in
  /// one total order, so one of the two notices the other.
  private func sleep(after last: UInt64) {
    gate.lock()
    parked.add(1, ordering: .sequentiallyConsistent)
    while true {
      let current = state.load(ordering: .sequentiallyConsistent)
      if current & Meeting.stopping != 0 || calls(current, after: last) { break }
      gate.wait()
    }
    parked.subtract(1, ordering: .sequentiallyConsistent)
    gate.unlock()
  }

  var sleepers: Int { parked.load(ordering: .relaxed) }

  func stop() {
    state.bitwiseOr(Meeting.stopping, ordering: .sequentiallyConsistent)
    gate.lock()
    gate.broadcast()
    gate.unlock()
  }
}

/// Starts a thread that serves until its meeting stops; `nil` when the system refuses.
private func startThread(_ worker: Worker) -> pthread_t? {
  let argument = Unmanaged.passRetained(worker)
  #if canImport(Darwin)
  var handle: pthread_t?
  let status = pthread_create(&handle, nil, serveThread, argument.toOpaque())
  let started = handle
  #else
  var handle = pthread_t()
  let status = pthread_create(&handle, nil, serveThread, argument.toOpaque())
  let started = Optional(handle)
  #endif
  guard status == 0 else {
    argument.release()
    return nil
  }
  return started
}

#if canImport(Darwin)
private typealias ThreadArgument = UnsafeMutableRawPointer
#else
private typealias ThreadArgument = UnsafeMutableRawPointer?
#endif

private func serveThread(_ argument: ThreadArgument) -> UnsafeMutableRawPointer? {
  let pointer: UnsafeMutableRawPointer? = argument
  guard let pointer else { return nil }
  let worker = Unmanaged<Worker>.fromOpaque(pointer).takeRetainedValue()
  worker.meeting.serve(worker.number)
  return nil
}
