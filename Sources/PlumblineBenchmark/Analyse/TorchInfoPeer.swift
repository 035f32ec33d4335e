// TorchInfoPeer: torchinfo in a process of its own that stays for all configs.
// Apart from the other peer, which is started anew for each figure.
import Foundation

/// A Python that answers with what torchinfo took for a config.
///
/// A class, because it owns a process and ends it.
final class TorchInfoPeer {
  /// What torchinfo took.
  struct Answer: Decodable {
    let ms: Double?
    let parameters: Int?
    let error: String?
  }

  private struct Versions: Decodable {
    let torchinfo: String
    let torch: String
    let transformers: String
  }

  static let help = "install torch, transformers and torchinfo, and name the Python with --python"

  let version: String
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var rest = Data()

  /// Nil when no Python was named and the usual place has none.
  ///
  /// - Throws: ``BenchmarkFailure`` when one was named that has no torchinfo.
  init?(python: String?) throws(BenchmarkFailure) {
    let path = python ?? ".build/peers/bin/python"
    let script = "Fixtures/peers/torchinfo_summary.py"
    let files = FileManager.default
    guard files.isExecutableFile(atPath: path) else {
      guard let python else { return nil }
      throw BenchmarkFailure("there is no \(python)")
    }
    guard files.fileExists(atPath: script) else {
      throw BenchmarkFailure("there is no \(script): run from the package's directory")
    }
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = [script]
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    do {
      try process.run()
    } catch {
      throw BenchmarkFailure("\(path) can't be started: \(error.localizedDescription)")
    }
    guard let line = Self.line(from: output, &rest),
      let versions = try? JSONDecoder().decode(Versions.self, from: line)
    else {
      process.terminate()
      throw BenchmarkFailure("\(path) has no torchinfo: \(Self.help)")
    }
    version =
      "torchinfo \(versions.torchinfo) on the meta device (PyTorch \(versions.torch),"
      + " transformers \(versions.transformers))"
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  /// Lets torchinfo read a config.
  func summary(of path: String) throws(BenchmarkFailure) -> Answer {
    do {
      try input.fileHandleForWriting.write(contentsOf: Data((path + "\n").utf8))
    } catch {
      throw BenchmarkFailure("torchinfo went away: \(error.localizedDescription)")
    }
    guard let line = Self.line(from: output, &rest),
      let answer = try? JSONDecoder().decode(Answer.self, from: line)
    else { throw BenchmarkFailure("torchinfo went away while it read \(path)") }
    return answer
  }

  /// The next line of a pipe; `nil` at its end.
  private static func line(from pipe: Pipe, _ rest: inout Data) -> Data? {
    while true {
      if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
        let line = rest[rest.startIndex..<end]
        rest = Data(rest[rest.index(after: end)...])
        return Data(line)
      }
      let more = pipe.fileHandleForReading.availableData
      if more.isEmpty { return nil }
      rest += more
    }
  }
}
