// VerificationScale: whether a step is small enough to be run with plain kernels.
// Estimated from the analysis before anything is allocated; nothing is made smaller in silence.
import Analysis
import Dimensions
import Foundation
import IR

/// The limits of a verification that was not asked to run everything.
struct VerificationScale {
  /// Above either, lists are shortened.
  static let shortenedParameters = 50_000_000
  static let shortenedWork: Int128 = 30_000_000_000
  /// Above it, a step on the plain kernels takes more than some seconds.
  static let patientWork: Int128 = 4_000_000_000
  /// Above it, even a shortened step takes minutes.
  static let largestWork: Int128 = 300_000_000_000
  /// Weights, gradients and two moments in f32, a copy of the weights, and weights and gradients
  /// once more in f64 with a moved copy.
  static let bytesPerParameter = 48

  var sizes: [Symbol: Int]
  var memory = Int128(ProcessInfo.processInfo.physicalMemory)

  /// What a step would cost.
  private struct Estimate {
    var parameters: Int
    /// Multiply-adds of a step.
    var work: Int128
  }

  /// The program, or one with shorter lists, and what was done to it.
  ///
  /// - Throws: ``VerificationRefusal`` when it stays too large.
  func fitting(_ program: Program) throws(VerificationRefusal) -> (Program, [String]) {
    let whole = try estimate(program)
    guard
      whole.parameters > VerificationScale.shortenedParameters
        || whole.work > VerificationScale.shortenedWork
    else { return (program, []) }
    let shortening = ListShortening(program)
    let short = shortening.changes.isEmpty ? whole : try estimate(shortening.program)
    try check(short, program)
    let notes = shortening.changes.map { change in
      let owner = change.block == program[program.root].block ? "" : change.block + "."
      return "\(owner)\(change.name): \(Figures.grouped(change.after)) of "
        + "\(Figures.grouped(change.before)) layers are run, two of each kind, which share one "
        + "function; --full runs them all"
    }
    return (shortening.program, notes)
  }

  /// Small sizes for the plain kernels, where those given would keep them busy for long.
  func smallerSizes(_ program: Program) throws(VerificationRefusal) -> [Symbol: Int]? {
    guard try estimate(program).work > VerificationScale.patientWork,
      let smaller = try? SampleSizes(program, given: [:]).sizes, smaller != sizes,
      try VerificationScale(sizes: smaller).estimate(program).work < estimate(program).work
    else { return nil }
    return smaller
  }

  /// The program with two layers of each kind.
  static func shortened(_ program: Program) -> Program { ListShortening(program).program }

  private func check(_ step: Estimate, _ program: Program) throws(VerificationRefusal) {
    let bytes = Int128(step.parameters) * Int128(VerificationScale.bytesPerParameter)
    guard step.work > VerificationScale.largestWork || bytes > memory / 2 else { return }
    let fields = ["vocab", "width", "hidden", "layers"].filter { name in
      program.config.contains { $0.name == name && $0.integer != nil }
    }
    let smaller =
      fields.isEmpty
      ? program.config.filter { ($0.integer ?? 0) >= 64 }.prefix(3).map(\.name) : fields
    let settings = smaller.map { "--set \($0)=…" }.joined(separator: " ")
    throw VerificationRefusal(
      "a step is too large for the plain kernels: "
        + "\(Figures.grouped(step.parameters)) parameters, \(Figures.grouped(step.work)) "
        + "multiply-adds",
      help: (settings.isEmpty
        ? "choose smaller sizes with --set" : "make it smaller with \(settings)")
        + ", or run everything with --full")
  }

  /// Whether the values of a step fit, held once more in f64.
  ///
  /// - Throws: ``VerificationRefusal`` when they don't.
  func check(_ prediction: MemoryPrediction) throws(VerificationRefusal) {
    guard Int128(prediction.peakBytes) * 2 > memory / 2 else { return }
    let settings = sizes.keys.sorted().map { "--set \($0)=…" }.joined(separator: " ")
    throw VerificationRefusal(
      "a step holds \(Figures.bytes(prediction.peakBytes)) of values at one time",
      help: "choose smaller sizes with \(settings), or run everything with --full")
  }

  private func estimate(_ program: Program) throws(VerificationRefusal) -> Estimate {
    guard let loss = program.loss else { return Estimate(parameters: 0, work: 0) }
    let sums = WorkSums(program)
    let totals: ParameterLedger.Totals
    do throws(AnalysisError) {
      totals = try ParameterLedger(program).totals
    } catch {
      throw VerificationRefusal(error.message)
    }
    // A backward pass contracts twice for each contraction forward.
    let work = (sums[loss].multiplyAdds * 3).evaluate(sizes) ?? .max
    return Estimate(parameters: totals.total, work: work)
  }
}
