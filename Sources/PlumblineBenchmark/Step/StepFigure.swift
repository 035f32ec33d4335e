// StepFigure: what was measured of a step, in the JSON that the peer prints too.
// The keys are the peer's, so that a script can read either.
import Foundation

/// The figures of one run.
struct StepFigure: Codable {
  let peer: String
  let config: String
  let medianMs: Double
  let minMs: Double
  let steps: Int
  let tokensPerS: Int
  let gflops: Double
  let peakRssMb: Int
  let foreignShare: Double
  let loss: Double

  /// Takes the times of each step in seconds, and the share of a core that others used meanwhile.
  init(_ configuration: StepConfiguration, times: [Double], share: Double, loss: Double) {
    let sorted = times.sorted()
    let median = sorted[sorted.count / 2]
    peer = "plumbline"
    config = configuration.rawValue
    medianMs = median.rounded(1e-5) * 1e3
    minMs = sorted[0].rounded(1e-5) * 1e3
    steps = times.count
    tokensPerS = Int(Double(configuration.tokens) / median)
    gflops = (configuration.flops / median / 1e9).rounded(0.1)
    peakRssMb = ResidentMemory.peakBytes >> 20
    foreignShare = share.rounded(1e-3)
    self.loss = loss.rounded(1e-4)
  }

  /// Reads the line that a run printed.
  ///
  /// - Throws: ``BenchmarkFailure`` when the program failed or printed something else.
  init(_ run: ChildOutput, of program: String) throws(BenchmarkFailure) {
    self = try run.decoded(of: program)
  }

  /// One line of JSON.
  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

extension ChildOutput {
  /// The line of JSON that a peer prints.
  ///
  /// - Throws: ``BenchmarkFailure`` when the program failed or printed something else.
  func decoded<Figure: Decodable>(of program: String) throws(BenchmarkFailure) -> Figure {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard exitCode == 0, let line = text.split(separator: "\n").last,
      let figure = try? decoder.decode(Figure.self, from: Data(line.utf8))
    else {
      throw BenchmarkFailure("\(program) failed with \(exitCode): \(errors.suffix(400))\(text)")
    }
    return figure
  }
}

extension Double {
  /// The nearest multiple of a step.
  fileprivate func rounded(_ step: Double) -> Double {
    // Divided by a whole number, because a tenth is none in binary.
    let scale = (1 / step).rounded()
    return (self * scale).rounded() / scale
  }
}

/// The memory of this process.
enum ResidentMemory {
  /// The largest resident set so far, in bytes.
  static var peakBytes: Int {
    // The resource usage of a child starts at its parent's peak; this line starts anew.
    if let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
      let kilobytes = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
        .flatMap({ Int($0) })
    {
      return kilobytes << 10
    }
    var usage = rusage()
    // 0 is RUSAGE_SELF, whose type differs from system to system.
    getrusage(0, &usage)
    #if canImport(Darwin)
    return usage.ru_maxrss
    #else
    return usage.ru_maxrss << 10
    #endif
  }
}
