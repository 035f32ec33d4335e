// CompiledStep+Timing: a step that notes how long each of its instructions took.
// Apart from the step itself, whose loop has nothing in it but the jobs.

extension CompiledStep {
  /// Runs all instructions, and notes of each the time it took if it is less than what is there.
  ///
  /// - Parameter least: for each instruction of the plan, its shortest time so far.
  /// - Throws: ``ExecutionFault`` when an instruction gave up; what came after it did not run.
  package func run(notingLeast least: inout [Duration]) throws(ExecutionFault) {
    precondition(
      least.count == plan.instructions.count,
      "\(least.count) times for \(plan.instructions.count) instructions")
    log.clear()
    let clock = ContinuousClock()
    for index in least.indices {
      let start = clock.now
      try run(instruction: index)
      least[index] = min(least[index], clock.now - start)
    }
  }
}
