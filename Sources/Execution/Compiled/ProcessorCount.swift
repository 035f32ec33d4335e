// ProcessorCount: how many threads may really run at the same time.
// Foundation counts the cores that are online; an affinity mask or a container may grant fewer.
import Foundation

/// The processors that this process may use.
package enum ProcessorCount {
  /// The smallest of what is online, what the affinity mask allows and what the control group pays.
  package static func available() -> Int {
    var count = ProcessInfo.processInfo.activeProcessorCount
    #if os(Linux)
    // Both files are the kernel's own text; where one is missing it sets no limit.
    let read = { (path: String) in try? String(contentsOfFile: path, encoding: .utf8) }
    if let allowed = read("/proc/self/status").flatMap(affinity) { count = min(count, allowed) }
    if let paid = read("/sys/fs/cgroup/cpu.max").flatMap(quota) { count = min(count, paid) }
    #endif
    return max(1, count)
  }

  /// The bits of the affinity mask in a process's status: `Cpus_allowed:	ff,ffffffff`.
  package static func affinity(status: String) -> Int? {
    guard
      let line = status.split(whereSeparator: \.isNewline).first(where: {
        $0.hasPrefix("Cpus_allowed:")
      })
    else { return nil }
    let digits = line.drop { $0 != ":" }.compactMap(\.hexDigitValue)
    let count = digits.reduce(0) { $0 + $1.nonzeroBitCount }
    return count > 0 ? count : nil
  }

  /// Whole processors in a control group's limit: `max 100000`, or microseconds of each period.
  package static func quota(limit: String) -> Int? {
    let words = limit.split(whereSeparator: \.isWhitespace)
    guard words.count == 2, let budget = Double(words[0]), let period = Double(words[1]),
      budget > 0, period > 0, budget / period < 65_536
    else { return nil }
    return Int((budget / period).rounded(.up))
  }
}
