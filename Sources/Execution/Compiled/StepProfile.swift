// StepProfile: how long each instruction of a planned step takes.
// Apart from the run, which asks no clock.
import Foundation

/// Times of a step's instructions.
package struct StepProfile: Sendable {
  /// One instruction over all runs.
  package struct Entry: Sendable {
    package var label: String
    package var phase: StepPhase
    /// The least of all runs, and their sum.
    package var seconds: Double
    package var totalSeconds: Double
    package var multiplyAdds: Int
    /// Read and written, each element once.
    package var bytes: Int
    package var isPlain: Bool
    /// The places in the graph's list of nodes for which it works.
    package var members: [Int]
  }

  package private(set) var entries: [Entry]
  package private(set) var runs = 0

  package init(_ plan: CompiledPlan) {
    entries = plan.instructions.map { instruction in
      Entry(
        label: instruction.label, phase: instruction.phase, seconds: .infinity, totalSeconds: 0,
        multiplyAdds: instruction.multiplyAdds, bytes: instruction.movedBytes,
        isPlain: instruction.isPlain, members: instruction.members)
    }
  }

  mutating func record(_ seconds: Double, at index: Int) {
    entries[index].seconds = min(entries[index].seconds, seconds)
    entries[index].totalSeconds += seconds
  }

  mutating func finishRun() { runs += 1 }
}

extension CompiledStep {
  /// Runs once and adds the time of every instruction to a profile of the same plan.
  ///
  /// - Throws: ``ExecutionFault`` as ``run()`` does.
  package func run(into profile: inout StepProfile) throws(ExecutionFault) {
    log.clear()
    let clock = ContinuousClock()
    for index in plan.instructions.indices {
      let start = clock.now
      try run(instruction: index)
      let time = clock.now - start
      profile.record(
        Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18, at: index)
    }
    profile.finishRun()
  }

  /// Like ``train(rate:)``, with times.
  package func train(
    rate: Double, into profile: inout StepProfile
  ) throws(ExecutionFault) {
    setRegisters(rate: rate)
    try run(into: &profile)
  }
}
