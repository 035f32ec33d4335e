// CompiledStep+Training: steps of the optimiser, whose updates are part of the plan.
// Only the numbers that change are set here; the updates read them from the arena.
import Kernels

extension CompiledStep {
  /// Runs forward, backward and the updates, for a step of one micro-batch.
  ///
  /// - Parameters:
  ///   - rate: the learning rate of this step.
  ///   - momentum: of this step, or Adam's first beta; the settings' own unless told.
  /// - Throws: ``ExecutionFault``; some weights may have been updated already.
  package func train(rate: Double, momentum: Double? = nil) throws(ExecutionFault) {
    setShare(1, starts: true)
    setRegisters(rate: rate, momentum: momentum)
    try run()
    summed = 0
  }

  /// Runs forward and backward for a micro-batch and adds its gradients to the sums.
  ///
  /// The first one after an update starts the sums anew. One without weight is left out: its mean
  /// over nothing would be no number.
  /// - Parameter weight: the factor of its loss in the loss of the step; they sum to one.
  /// - Throws: ``ExecutionFault``; the sums are then worth nothing, and ``forgetSums()`` drops them.
  package func accumulate(weight: Double) throws(ExecutionFault) {
    precondition(
      plan.options.optimiser?.accumulates == true, "the step was not planned with accumulation")
    guard weight != 0 else { return }
    setShare(Float(weight), starts: summed == 0)
    try run(0..<plan.updateStart)
    summed += 1
  }

  /// Makes one update with the sums of the micro-batches: norm, clipping, and each weight.
  ///
  /// - Parameters:
  ///   - rate: the learning rate of this step.
  ///   - momentum: of this step, or Adam's first beta; the settings' own unless told.
  /// - Throws: ``ExecutionFault``; some weights may have been updated already.
  package func update(rate: Double, momentum: Double? = nil) throws(ExecutionFault) {
    precondition(summed > 0, "an update is asked for before any gradient was summed")
    setRegisters(rate: rate, momentum: momentum)
    try run(plan.updateStart..<plan.instructions.count)
    summed = 0
  }

  /// Lets the next micro-batch start the sums anew.
  package func forgetSums() { summed = 0 }

  /// Counts one update more and says how it is done.
  func setRegisters(rate: Double, momentum: Double? = nil) {
    guard let options = plan.options.optimiser, let registers = plan.registers else {
      preconditionFailure("a step that was planned without an optimiser is asked to train")
    }
    updates += 1
    let place = addresses.real(registers).pointer
    for (register, value) in options.registers(rate: rate, momentum: momentum, step: updates) {
      place[register.rawValue] = value
    }
  }

  private func setShare(_ share: Float, starts: Bool) {
    guard let registers = plan.registers else { return }
    let place = addresses.real(registers).pointer
    place[UpdateRegister.share.rawValue] = share
    place[UpdateRegister.starts.rawValue] = starts ? 1 : 0
  }

  /// The norm over all gradients before clipping, of the last step; `nil` when nobody asked for it.
  package var gradientNorm: Float? {
    guard let options = plan.options.optimiser, options.globalNorm != nil || options.measuresNorm,
      let registers = plan.registers
    else { return nil }
    return addresses.real(registers).pointer[UpdateRegister.norm.rawValue]
  }
}
