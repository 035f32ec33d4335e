// DeviceMemory: whether a training step fits the device that its plan names.
// Apart from the rules of Validation because only a plan of the executor says what a step holds.
import Analysis
import Diagnostics
import Dimensions
import IR
import Language
import Validation

/// The judgement of a step's memory.
package enum DeviceMemory {
  /// The id of the finding.
  package static let id = "memory-exceeds-device"

  /// The sizes of one device's share of a batch, and the axis that is shared out.
  package static func share(
    of plan: TrainingPlan, _ program: Program
  ) -> (sizes: [Symbol: Int], axis: Symbol?) {
    var sizes = plan.batch
    guard let entry = program.entry, let input = program[entry].inputs.first,
      let axis = program[entry].type(of: input).shape.first?.symbol, let size = sizes[axis]
    else { return (sizes, nil) }
    let count = max(plan.device?.count ?? 1, 1)
    sizes[axis] = max((size + count - 1) / count, 1)
    return (sizes, axis)
  }

  /// One finding when a step needs more than the device has.
  package static func findings(_ program: Program, plan: TrainingPlan) -> [Diagnostic] {
    guard let device = plan.device, let limit = device.memory, !plan.batch.isEmpty,
      program.loss != nil
    else { return [] }
    let (sizes, axis) = share(of: plan, program)
    guard let memory = try? StepMemory(program, plan: plan, sizes: sizes),
      Double(memory.total) > limit
    else { return [] }
    return [
      Diagnostic(
        id: id, severity: memory.isExact ? .error : .warning,
        message: "a step needs \(memory.isExact ? "" : "about ")\(Figures.bytes(memory.total)),"
          + " the device has \(Figures.bytes(Int(limit)))",
        range: device.range,
        facts: memory.rows.map { row in
          let derivation = row.derivation.isEmpty ? "" : "   \(row.derivation)"
          return .line("\(row.name): \(Figures.bytes(row.bytes))\(derivation)")
        } + [.line(advice(program, plan, memory, axis, limit))])
    ]
  }

  /// The largest share of a batch that fits, found by planning.
  package static func largest(
    _ program: Program, plan: TrainingPlan, sizes: [Symbol: Int], axis: Symbol, limit: Double
  ) -> Int? {
    func fits(_ size: Int) -> Bool {
      var trial = sizes
      trial[axis] = size
      guard let memory = try? StepMemory(program, plan: plan, sizes: trial) else { return false }
      return Double(memory.total) <= limit
    }
    let lower = program.assumptions.bounds(of: axis).lower ?? 1
    guard var high = sizes[axis], high > lower, fits(max(lower, 1)) else { return nil }
    var low = max(lower, 1)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if fits(middle) { low = middle } else { high = middle }
    }
    return low
  }

  private static func advice(
    _ program: Program, _ plan: TrainingPlan, _ memory: StepMemory, _ axis: Symbol?,
    _ limit: Double
  ) -> String {
    let state = memory.rows.filter { ["weights", "optimiser state"].contains($0.name) }
      .reduce(0) { $0 + $1.bytes }
    if Double(state) > limit {
      return "weights and optimiser state alone do not fit: shard them, or train an adapter"
    }
    guard let axis, let size = memory.sizes[axis],
      let fitting = largest(
        program, plan: plan, sizes: memory.sizes, axis: axis, limit: limit)
    else { return "no smaller batch fits: shorten the sequences, or recompute activations" }
    return "\(axis.name) = \(fitting) fits where \(axis.name) = \(size) does not; accumulate more"
      + " to keep the tokens of an update"
  }
}

extension LoadedModel {
  /// What the rules look at; `nil` without a model.
  package var ruleSubject: RuleSubject? {
    model.map { RuleCheck($0, library: library, file: file).subject }
  }
}
