// Peer: PyTorch in a process of its own.
// Nothing of it is needed to build or to test, so its absence is told with what to do about it.
import Foundation

/// A Python with PyTorch, and the script that it runs.
struct Peer {
  let python: String
  let script: String
  let version: String

  /// - Parameter python: an interpreter; the place that the README of the peers names unless given.
  /// - Throws: ``BenchmarkFailure`` saying how to install what is missing.
  init(python: String?) throws(BenchmarkFailure) {
    let path = python ?? ".build/peers/bin/python"
    script = "Fixtures/peers/torch_step.py"
    let files = FileManager.default
    guard files.fileExists(atPath: script) else {
      throw BenchmarkFailure("there is no \(script): run from the package's directory")
    }
    guard files.isExecutableFile(atPath: path) else {
      throw BenchmarkFailure("there is no \(path), so there is no peer\n\(Self.help)")
    }
    let found = try ChildOutput(path, ["-c", "import torch; print(torch.__version__)"])
    guard found.exitCode == 0 else {
      let reason = found.errors.split(separator: "\n").last ?? ""
      throw BenchmarkFailure("\(path) can't import torch: \(reason)\n\(Self.help)")
    }
    self.python = path
    version = String(found.text.split(separator: "\n").last ?? "")
  }

  private static let help = """
    make one with
      python3 -m venv .build/peers
      .build/peers/bin/pip install torch numpy
    or name another with --python PATH
    """

  /// Runs the script.
  func run<Figure: Decodable>(
    _ arguments: [String], threads: Int, seconds: Double
  ) throws(BenchmarkFailure) -> Figure {
    let options = ["--threads", "\(threads)", "--seconds", "\(seconds)"]
    return try ChildOutput(python, [script] + arguments + options).decoded(of: script)
  }
}
