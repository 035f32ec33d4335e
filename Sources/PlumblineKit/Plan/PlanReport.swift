// PlanReport: everything that follows from a training plan before it runs.
// Joins the forecast, the memory of a step and the time on a machine; text and JSON stand apart.
import Analysis
import Dimensions
import IR
import Language
import Validation

/// The report of `plumbline plan`.
package struct PlanReport: Sendable {
  /// The machine as the command line or the plan gives it.
  package struct Machine: Hashable, Sendable {
    /// Bytes of each device.
    package var memory: Double?
    /// FLOP/s of each device.
    package var peak: Double?
    /// The share of the peak that is reached.
    package var mfu: Double?
    package var count = 1

    package init(memory: Double? = nil, peak: Double? = nil, mfu: Double? = nil, count: Int = 1) {
      self.memory = memory
      self.peak = peak
      self.mfu = mfu
      self.count = count
    }
  }

  package let model: String
  package let forecast: PlanForecast
  package let machine: Machine
  package let memory: StepMemory?
  /// Why there is no figure of memory.
  package let memoryNote: String?
  /// The largest first axis of a batch that fits the memory, when the plan's does not.
  package let fitting: (axis: String, size: Int)?

  /// Reports on the plan of a sound model; `nil` without a `train` section.
  ///
  /// - Parameters:
  ///   - loaded: the model.
  ///   - machine: what the command line says; the plan's `device` line fills the rest.
  package init?(_ loaded: LoadedModel, machine: Machine = Machine()) {
    guard let model = loaded.model, let subject = loaded.ruleSubject,
      let forecast = PlanForecast(subject), !forecast.isEmpty
    else { return nil }
    self.model = model.program.name
    self.forecast = forecast
    let written = forecast.plan.device
    var machine = machine
    machine.memory = machine.memory ?? written?.memory
    machine.peak = machine.peak ?? written?.peak
    machine.mfu = machine.mfu ?? written?.mfu
    machine.count = machine.count > 1 ? machine.count : written?.count ?? 1
    self.machine = machine
    var plan = forecast.plan
    if plan.device == nil { plan.device = DevicePlan(range: plan.range) }
    plan.device?.count = machine.count
    let (sizes, axis) = DeviceMemory.share(of: plan, model.program)
    var fitting: (axis: String, size: Int)?
    do throws(VerificationRefusal) {
      let memory = try StepMemory(model.program, plan: plan, sizes: sizes)
      self.memory = memory
      memoryNote = nil
      if let limit = machine.memory, Double(memory.total) > limit, let axis,
        let size = DeviceMemory.largest(
          model.program, plan: plan, sizes: sizes, axis: axis, limit: limit)
      {
        fitting = (axis.name, size)
      }
    } catch {
      memory = nil
      memoryNote = error.message
    }
    self.fitting = fitting
  }

  /// Whether a step fits; `nil` when memory or limit are unknown.
  package var fits: Bool? {
    guard let memory, let limit = machine.memory else { return nil }
    return Double(memory.total) <= limit
  }

  /// Seconds of the whole run; `nil` without a speed.
  package var seconds: Double? {
    guard let run = forecast.work?.run, let peak = machine.peak else { return nil }
    return run / (peak * (machine.mfu ?? 1) * Double(machine.count))
  }
}
