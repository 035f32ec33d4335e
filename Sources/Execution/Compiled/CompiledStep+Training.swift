// CompiledStep+Training: steps of the optimiser, whose updates are part of the plan.
// Only the numbers that change are set here; the updates read them from the arena.
import Kernels

extension CompiledStep {
  /// Runs forward, backward and the updates.
  ///
  /// - Parameter rate: the learning rate of this step.
  /// - Throws: ``ExecutionFault``; some weights may have been updated already.
  package func train(rate: Double) throws(ExecutionFault) {
    setRegisters(rate: rate)
    try run()
  }

  /// Counts one update more and says how it is done.
  func setRegisters(rate: Double) {
    guard let options = plan.options.optimiser, let registers = plan.registers else {
      preconditionFailure("a step that was planned without an optimiser is asked to train")
    }
    updates += 1
    let place = addresses.real(registers).pointer
    for (register, value) in options.registers(rate: rate, step: updates) {
      place[register.rawValue] = value
    }
  }

  /// The norm over all gradients before clipping, of the last step; `nil` when nobody asked for it.
  package var gradientNorm: Float? {
    guard let options = plan.options.optimiser, options.globalNorm != nil || options.measuresNorm,
      let registers = plan.registers
    else { return nil }
    return addresses.real(registers).pointer[UpdateRegister.norm.rawValue]
  }

  /// Sets the moments of every weight to zero and counts updates from the beginning.
  package func forgetMoments() {
    updates = 0
    for case let state? in plan.moments {
      for view in [state.first, state.second] {
        addresses.real(view).pointer.update(repeating: 0, count: view.count)
      }
    }
  }
}
