// ProfileTable: where the time of a step goes, by operation and pass.
// Each instruction counts with its shortest time, so that what others did meanwhile is left out.
import Execution
import Foundation

/// One line of a profile.
struct ProfileLine: Encodable {
  let operation: String
  let phase: String
  var calls = 0
  var milliseconds = 0.0
  var flops = 0.0
  var bytes = 0.0
}

/// A profile of one configuration.
struct ProfileTable {
  let configuration: StepConfiguration
  private(set) var lines: [ProfileLine] = []
  /// FLOPs a second of the units, measured before and after.
  private var limit: Double
  private var step: Double

  /// Runs steps until the time is over.
  ///
  /// - Parameters:
  ///   - benchmark: the step.
  ///   - request: how long, on how many threads, and whether extents are told apart.
  /// - Throws: ``BenchmarkFailure`` or what the step throws.
  init(_ benchmark: StepBenchmark, _ request: Request) throws {
    configuration = benchmark.configuration
    let threads = request.workers
    let timer = KernelTimer(threads: threads, scratchBytes: 0, seconds: 0.1)
    limit = timer.flopsLimit()
    var stepper = try CompiledStepper(benchmark, threads: threads, unfused: request.unfused)
    for _ in 0..<3 { _ = try stepper.step() }
    let instructions = stepper.compiled.plan.instructions
    var profile = StepProfile(stepper.compiled.plan)
    let clock = ContinuousClock()
    let end = clock.now + .seconds(request.seconds)
    step = .infinity
    while clock.now < end {
      let start = clock.now
      try stepper.step(into: &profile)
      step = min(step, (clock.now - start).inSeconds)
    }
    limit = timer.flopsLimit()
    var found: [String: ProfileLine] = [:]
    for (instruction, entry) in zip(instructions, profile.entries) {
      var name = entry.isPlain ? entry.label + " (plain)" : entry.label
      if request.extents, let written = instruction.writes.first {
        name += " \(written.extents)"
      }
      let key = name + " " + entry.phase.rawValue
      var line = found[key] ?? ProfileLine(operation: name, phase: entry.phase.rawValue)
      line.calls += 1
      line.milliseconds += entry.seconds * 1e3
      line.flops += 2 * Double(entry.multiplyAdds)
      line.bytes += Double(entry.bytes)
      found[key] = line
    }
    lines = found.values.sorted {
      ($0.milliseconds, $1.operation) > ($1.milliseconds, $0.operation)
    }
  }

  /// The lines as JSON.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return String(decoding: try encoder.encode(lines), as: UTF8.self)
  }

  /// The profile as a table, the slowest first.
  var text: String {
    var table = FigureTable(
      "operation", "phase", "calls", "ms", "of step", "GFLOP", "GFLOP/s", "of limit", "MB", "GB/s")
    let total = lines.reduce(0) { $0 + $1.milliseconds }
    for line in lines {
      let rate = line.flops / line.milliseconds / 1e6
      let share = rate * 1e9 / limit
      table.add([
        line.operation, line.phase, "\(line.calls)", line.milliseconds.decimals(3),
        (line.milliseconds / total).decimals(3), (line.flops / 1e9).decimals(2),
        line.flops > 0 ? rate.decimals(1) : "", line.flops > 0 ? share.decimals(3) : "",
        (line.bytes / 1e6).decimals(1), (line.bytes / line.milliseconds / 1e6).decimals(1),
      ])
    }
    let sum = lines.reduce(0) { $0 + $1.flops } / 1e9
    return """
      \(configuration.rawValue): the shortest times add up to \(total.decimals(1)) ms, the fastest \
      step took \((step * 1e3).decimals(1)) ms
      \(sum.decimals(1)) GFLOP in kernels; the units reach \((limit / 1e9).decimals(0)) GFLOP/s

      """ + table.text
  }
}
