// ResidentMemory: how much memory the operating system says that this process holds.
// Neither the plan nor the arena is asked: what is compared with them may not come from them.
import Foundation
import Intrinsics

/// Readings of the process.
package enum ResidentMemory {
  /// The bytes of this process that are in memory now; `nil` where the system isn't asked.
  package static func bytes() -> Int? {
    #if os(Linux)
    // What the allocator keeps for later is not held by anybody.
    plumbline_trim()
    guard let data = try? FileHandle(forReadingAtPath: "/proc/self/status")?.readToEnd() else {
      return nil
    }
    return bytes(of: "VmRSS:", in: String(decoding: data, as: UTF8.self))
    #else
    return nil
    #endif
  }

  /// A line `VmRSS:	  1234 kB` of a process's status, in bytes.
  package static func bytes(of field: String, in status: String) -> Int? {
    for line in status.split(separator: "\n") where line.hasPrefix(field) {
      let words = line.split(whereSeparator: \.isWhitespace)
      guard words.count > 1, let kilobytes = Int(words[1]) else { return nil }
      let (bytes, overflow) = kilobytes.multipliedReportingOverflow(by: 1024)
      return overflow ? nil : bytes
    }
    return nil
  }
}
