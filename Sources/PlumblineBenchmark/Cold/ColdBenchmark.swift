// ColdBenchmark: whole runs of the tool, from its start to its end.
// The tool is a child here; steps are timed inside this program instead.
import Foundation

/// Times checks from a cold start.
struct ColdBenchmark {
  private let request: Request

  /// - Throws: ``BenchmarkFailure`` when the tool is not there.
  init(_ request: Request) throws(BenchmarkFailure) {
    self.request = request
    guard FileManager.default.isExecutableFile(atPath: request.binary) else {
      throw BenchmarkFailure(
        "there is no program \(request.binary): run `swift build -c release` first")
    }
  }

  /// The figures of the benchmarks asked for.
  func report(_ benchmarks: Set<Benchmark>) throws -> BenchmarkReport {
    var report = BenchmarkReport()
    if benchmarks.contains(.check) { try check(into: &report) }
    if benchmarks.contains(.limits) { try limits(into: &report) }
    return report
  }

  /// Times cold checks and empty Python programs by turns, so that both meet the same machine.
  private func check(into report: inout BenchmarkReport) throws {
    var tool: [ChildRun] = []
    var python: [ChildRun] = []
    let interpreter = try pythonInterpreter()
    for _ in 0..<(request.runs ?? 21) {
      tool.append(try ChildRun(request.binary, ["check", request.model]))
      python.append(try ChildRun(interpreter, ["-c", "pass"]))
    }
    report.check = [
      BenchmarkFigure("check \(request.model)", runs: tool),
      BenchmarkFigure("python3 -c pass", runs: python),
    ]
    report.ratio = report.check[0].seconds / report.check[1].seconds
  }

  /// Checks each hard file a few times.
  private func limits(into report: inout BenchmarkReport) throws {
    let directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("plumbline-benchmark-\(getpid())")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    for file in HardFile.allCases {
      let path = try file.write(in: directory)
      var runs: [ChildRun] = []
      for _ in 0..<(request.runs ?? 5) {
        runs.append(try ChildRun(request.binary, ["check", path]))
      }
      report.limits.append(BenchmarkFigure(file.rawValue, runs: runs))
    }
  }

  /// The interpreter itself: `python3` on the search path may be a script that looks for it.
  private func pythonInterpreter() throws -> String {
    let found = try ChildOutput(
      "/usr/bin/env", ["python3", "-c", "import sys; print(sys.executable)"])
    guard found.exitCode == 0, let path = found.text.split(separator: "\n").first else {
      throw BenchmarkFailure("python3 can't be started, so there is nothing to compare with")
    }
    return String(path)
  }
}
