// Request: what the command line asked for.
// One type for all benchmarks, because they share most of their options.
import Foundation

/// A benchmark, by the word that asks for it.
enum Benchmark: String, CaseIterable {
  case check
  case limits
  case step
  case compare
  case profile
  case analyse
  case loop
}

/// What is compared with the peer.
enum ComparedPart: String {
  case steps
  case attention
  case multiplication
}

/// What the command line asked for.
struct Request {
  var benchmarks: Set<Benchmark> = []
  var json = false
  var runs: Int?
  var model = "models/gpt2-xl.model"
  /// The model with a `train` section whose loop is timed, and the text that it is trained on.
  var trained = "models/story-gpt.model"
  var data: String?
  /// The directory with the models that are stepped through.
  var models = "models"
  /// The tool, by default the one built beside this program.
  var binary = Request.own.deletingLastPathComponent().appendingPathComponent("plumbline").path
  var configurations: [StepConfiguration] = []
  var parts: Set<ComparedPart> = []
  var threads: Int?
  var seconds = 5.0
  var python: String?
  /// A directory of configs to analyse; the published ones of the fixtures unless given.
  var configs: String?
  /// Whether runs on a busy machine are shown all the same, with a mark.
  var busyAllowed = false
  /// Whether the plain executor steps, which is the reference and slow.
  var plain = false
  /// Whether a profile tells applications of one operation to different extents apart.
  var extents = false
  /// Whether operations are planned one by one, to see what joining them brings.
  var unfused = false

  /// The number of workers.
  var workers: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }

  /// This program, followed through links.
  static var own: URL {
    URL(
      fileURLWithPath: Bundle.main.executablePath ?? CommandLine.arguments.first
        ?? "plumbline-benchmark"
    ).resolvingSymlinksInPath()
  }

  init(_ arguments: [String]) throws(BenchmarkFailure) {
    var remaining = arguments[...]
    while let argument = remaining.popFirst() {
      if let benchmark = Benchmark(rawValue: argument) {
        benchmarks.insert(benchmark)
        continue
      }
      switch argument {
      case "--attention": parts.insert(.attention)
      case "--gemm": parts.insert(.multiplication)
      case "--busy": busyAllowed = true
      case "--plain": plain = true
      case "--extents": extents = true
      case "--unfused": unfused = true
      case let option where Self.valued.contains(option):
        guard let value = remaining.popFirst() else {
          throw BenchmarkFailure("\(argument) needs a value")
        }
        try set(argument, to: value)
      default: throw BenchmarkFailure("`\(argument)` has no meaning here\n\n\(usage)")
      }
    }
    if benchmarks.isEmpty { benchmarks = [.check, .limits] }
    if parts.isEmpty { parts = [.steps] }
    if configurations.isEmpty { configurations = StepConfiguration.allCases }
  }

  private static let valued = [
    "--format", "--runs", "--binary", "--model", "--models", "--config", "--threads", "--seconds",
    "--python", "--configs", "--data",
  ]

  private mutating func set(_ option: String, to value: String) throws(BenchmarkFailure) {
    switch option {
    case "--binary": binary = value
    case "--model": (model, trained) = (value, value)
    case "--data": data = value
    case "--models": models = value
    case "--python": python = value
    case "--configs": configs = value
    case "--format":
      guard ["text", "json"].contains(value) else {
        throw BenchmarkFailure("--format is text or json, found \(value)")
      }
      json = value == "json"
    case "--config":
      guard let configuration = StepConfiguration(rawValue: value) else {
        let known = StepConfiguration.allCases.map(\.rawValue).joined(separator: ", ")
        throw BenchmarkFailure("--config is one of \(known), found \(value)")
      }
      configurations.append(configuration)
    case "--seconds":
      guard let number = Double(value), number > 0, number < 3600 else {
        throw BenchmarkFailure("--seconds needs a number above 0, found \(value)")
      }
      seconds = number
    case "--threads": threads = try Self.count(value, for: option)
    default: runs = try Self.count(value, for: option)
    }
  }

  private static func count(
    _ value: String, for option: String
  ) throws(BenchmarkFailure) -> Int {
    guard let count = Int(value), count > 0 else {
      throw BenchmarkFailure("\(option) needs a number of at least 1, found \(value)")
    }
    return count
  }
}
