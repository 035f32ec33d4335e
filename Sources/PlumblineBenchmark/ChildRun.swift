// ChildRun: one cold run of a program: its time, its peak memory and how it ended.
// Foundation's Process hides the resource usage of a single child, so the child is spawned by hand.
import Foundation

/// What one run of a program took.
struct ChildRun {
  /// Wall time from before the start until the end was seen.
  let seconds: Double
  /// The largest resident set, in bytes, never below this program's own: a child inherits it.
  let peakBytes: Int
  /// The exit code, or 128 plus the signal that ended the program.
  let exitCode: Int

  /// Runs a program to its end, with its output thrown away.
  ///
  /// - Parameters:
  ///   - program: the path, or a name to look for on the search path.
  ///   - arguments: the arguments after the program's name.
  /// - Throws: ``BenchmarkFailure`` when the program can't be started.
  init(_ program: String, _ arguments: [String]) throws(BenchmarkFailure) {
    var pointers: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
    pointers.append(nil)
    defer { for pointer in pointers { free(pointer) } }
    #if canImport(Darwin)
    var actions: posix_spawn_file_actions_t?
    #else
    var actions = posix_spawn_file_actions_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for descriptor in [STDOUT_FILENO, STDERR_FILENO] {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_WRONLY, 0)
    }
    let clock = ContinuousClock()
    let start = clock.now
    var process: pid_t = 0
    let error = posix_spawnp(&process, program, &actions, nil, pointers, environ)
    guard error == 0 else {
      throw BenchmarkFailure("\(program) can't be started: \(String(cString: strerror(error)))")
    }
    var status: Int32 = 0
    var usage = rusage()
    while wait4(process, &status, 0, &usage) < 0 {
      guard errno == EINTR else { throw BenchmarkFailure("\(program) was lost while it ran") }
    }
    let elapsed = (clock.now - start).components
    seconds = Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
    #if canImport(Darwin)
    peakBytes = usage.ru_maxrss
    #else
    peakBytes = usage.ru_maxrss * 1024
    #endif
    let signal = Int(status & 0x7F)
    exitCode = signal == 0 ? Int((status >> 8) & 0xFF) : 128 + signal
  }
}

/// Why there is no figure.
struct BenchmarkFailure: Error {
  let message: String

  init(_ message: String) { self.message = message }
}
