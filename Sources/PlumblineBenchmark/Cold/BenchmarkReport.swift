// BenchmarkReport: the figures, as a table for people and as JSON for scripts.
// It holds figures only; whether one is good enough is for the reader to say.
import Foundation

/// One line of the report.
struct BenchmarkFigure: Encodable {
  let name: String
  /// How often the program was run.
  let runs: Int
  /// The median wall time of a run.
  let seconds: Double
  /// The largest resident set of any run, in bytes.
  let peakBytes: Int
  let exitCode: Int

  init(_ name: String, runs: [ChildRun]) {
    self.name = name
    self.runs = runs.count
    let times = runs.map(\.seconds).sorted()
    seconds = times.isEmpty ? 0 : times[times.count / 2]
    peakBytes = runs.map(\.peakBytes).max() ?? 0
    exitCode = runs.last?.exitCode ?? 0
  }
}

/// All figures of one invocation.
struct BenchmarkReport: Encodable {
  var check: [BenchmarkFigure] = []
  /// Time of the check by the time of an empty Python program.
  var ratio: Double?
  var limits: [BenchmarkFigure] = []

  /// The report as JSON with sorted keys.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// The report as a table.
  var text: String {
    let figures = check + limits
    let width = figures.map(\.name.count).max() ?? 0
    var lines = [
      Self.row("", width, "median ms", "peak MB", "runs", "exit")
    ]
    for figure in figures {
      lines.append(
        Self.row(
          figure.name, width, Self.decimals(figure.seconds * 1e3, 1),
          Self.decimals(Double(figure.peakBytes) / 1e6, 1), "\(figure.runs)", "\(figure.exitCode)"))
    }
    if let ratio {
      lines.append("")
      lines.append("a cold check takes \(Self.decimals(ratio, 2)) times an empty Python program")
    }
    return lines.joined(separator: "\n")
  }

  private static func row(_ name: String, _ width: Int, _ columns: String...) -> String {
    name + String(repeating: " ", count: width - name.count)
      + columns.map { String(repeating: " ", count: max(1, 11 - $0.count)) + $0 }.joined()
  }

  /// A number with a fixed number of decimals.
  private static func decimals(_ value: Double, _ places: Int) -> String {
    String(format: "%.\(places)f", value)
  }
}
