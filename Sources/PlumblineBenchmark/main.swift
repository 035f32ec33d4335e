// plumbline-benchmark: what a cold check takes, what a step takes, and what the machine could give.
// A program of its own: it measures the finished tool from outside, as a user meets it.
import Foundation

/// Prints a line at once, also into a pipe: a comparison takes minutes.
func show(_ line: String) {
  FileHandle.standardOutput.write(Data((line + "\n").utf8))
}

/// Runs what was asked for, in the order of the help.
func run(_ request: Request) throws {
  let cold = request.benchmarks.intersection([.check, .limits])
  if !cold.isEmpty {
    let report = try ColdBenchmark(request).report(cold)
    show(request.json ? try report.json() : report.text)
  }
  if request.benchmarks.contains(.step) {
    for configuration in request.configurations {
      show(try StepBenchmark(configuration, request).figure().json())
    }
  }
  if request.benchmarks.contains(.profile) {
    for configuration in request.configurations {
      let profile = try ProfileTable(StepBenchmark(configuration, request), request)
      show(request.json ? try profile.json() : profile.text)
    }
  }
  if request.benchmarks.contains(.loop) {
    let figure = try LoopBenchmark(request).figure()
    show(request.json ? try figure.json() : figure.text)
  }
  if request.benchmarks.contains(.analyse) { try AnalyseBenchmark(request).run() }
  if request.benchmarks.contains(.compare) { try Comparison(request).run() }
}

let arguments = Array(CommandLine.arguments.dropFirst())
if arguments.contains("--help") {
  print(usage)
  exit(0)
}
do {
  try run(Request(arguments))
} catch {
  let message = (error as? BenchmarkFailure)?.message ?? "\(error)"
  FileHandle.standardError.write(Data("plumbline-benchmark: \(message)\n".utf8))
  exit(2)
}
