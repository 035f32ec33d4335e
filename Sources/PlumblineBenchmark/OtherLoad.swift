// OtherLoad: how much of a core other processes used while something was timed.
// A busy neighbour slows two threads far more than it shows in the median, so figures carry this.
import Foundation

/// A stretch of time, and what others did in it.
struct OtherLoad {
  /// Beyond this share of one core a figure is not to be trusted.
  static let bound = 0.05

  private let began = ContinuousClock.now
  private let machine = OtherLoad.machineSeconds
  private let own = OtherLoad.ownSeconds

  /// The share of one core that others have used since this was made; 0 where no one tells.
  var share: Double {
    guard let machine, let now = Self.machineSeconds else { return 0 }
    let elapsed = (ContinuousClock.now - began).inSeconds
    return max(0, ((now - machine) - (Self.ownSeconds - own)) / max(elapsed, 1e-9))
  }

  /// Processor time of everything that runs, over all cores; `nil` without `/proc/stat`.
  private static var machineSeconds: Double? {
    guard let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8),
      let line = text.split(separator: "\n").first
    else { return nil }
    // user nice system idle iowait irq softirq steal; guests are counted among the users.
    let ticks = line.split(separator: " ").dropFirst().prefix(8).compactMap { Double($0) }
    guard ticks.count == 8 else { return nil }
    let busy = ticks.reduce(0, +) - ticks[3] - ticks[4]
    return busy / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  private static var ownSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

extension Duration {
  var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
