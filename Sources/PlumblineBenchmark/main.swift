// plumbline-benchmark: what a cold check takes, and what the hardest files take.
// A program of its own: it measures the finished tool from outside, as a user meets it.
import Foundation

let usage = """
  usage: plumbline-benchmark [check] [limits] [--format text|json] [--runs N] [--binary PATH]
                             [--model PATH]

  check    plumbline check models/gpt2-xl.model beside an empty Python program
  limits   a thousand layers, and files that nobody would write

  example: swift run -c release plumbline-benchmark check --runs 51
  """

/// What the command line asked for.
struct Request {
  var benchmarks: Set<String> = []
  var json = false
  var runs: Int?
  var model = "models/gpt2-xl.model"
  /// The tool, by default the one built beside this program.
  var binary = URL(fileURLWithPath: CommandLine.arguments.first ?? "plumbline-benchmark")
    .resolvingSymlinksInPath().deletingLastPathComponent().appendingPathComponent("plumbline").path

  init(_ arguments: [String]) throws(BenchmarkFailure) {
    var remaining = arguments[...]
    while let argument = remaining.popFirst() {
      switch argument {
      case "check", "limits": benchmarks.insert(argument)
      case "--format", "--runs", "--binary", "--model":
        guard let value = remaining.popFirst() else {
          throw BenchmarkFailure("\(argument) needs a value")
        }
        try set(argument, to: value)
      default: throw BenchmarkFailure("`\(argument)` has no meaning here\n\n\(usage)")
      }
    }
    if benchmarks.isEmpty { benchmarks = ["check", "limits"] }
  }

  private mutating func set(_ option: String, to value: String) throws(BenchmarkFailure) {
    switch option {
    case "--binary": binary = value
    case "--model": model = value
    case "--format":
      guard ["text", "json"].contains(value) else {
        throw BenchmarkFailure("--format is text or json, found \(value)")
      }
      json = value == "json"
    default:
      guard let count = Int(value), count > 0 else {
        throw BenchmarkFailure("--runs needs a number of at least 1, found \(value)")
      }
      runs = count
    }
  }
}

/// The interpreter itself: `python3` on the search path may be a script that looks for it.
func pythonInterpreter() throws -> String {
  let process = Process()
  let pipe = Pipe()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["python3", "-c", "import sys; print(sys.executable)"]
  process.standardOutput = pipe
  try process.run()
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  let path = String(decoding: output, as: UTF8.self).split(separator: "\n").first.map(String.init)
  guard process.terminationStatus == 0, let path else {
    throw BenchmarkFailure("python3 can't be started, so there is nothing to compare with")
  }
  return path
}

/// Times cold checks and empty Python programs by turns, so that both meet the same machine.
func check(_ request: Request, into report: inout BenchmarkReport) throws {
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
func limits(_ request: Request, into report: inout BenchmarkReport) throws {
  let directory = FileManager.default.temporaryDirectory
    .appendingPathComponent("plumbline-benchmark-\(getpid())")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: directory) }
  for file in HardFile.allCases {
    let path = try file.write(in: directory)
    var runs: [ChildRun] = []
    for _ in 0..<(request.runs ?? 5) { runs.append(try ChildRun(request.binary, ["check", path])) }
    report.limits.append(BenchmarkFigure(file.rawValue, runs: runs))
  }
}

let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.contains("--help") {
  print(usage)
  exit(0)
}
do {
  let request = try Request(arguments)
  guard FileManager.default.isExecutableFile(atPath: request.binary) else {
    throw BenchmarkFailure(
      "there is no program \(request.binary): run `swift build -c release` first")
  }
  var report = BenchmarkReport()
  if request.benchmarks.contains("check") { try check(request, into: &report) }
  if request.benchmarks.contains("limits") { try limits(request, into: &report) }
  print(request.json ? try report.json() : report.text)
} catch {
  let message = (error as? BenchmarkFailure)?.message ?? "\(error)"
  FileHandle.standardError.write(Data("plumbline-benchmark: \(message)\n".utf8))
  exit(2)
}
