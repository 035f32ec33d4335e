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
  /// The id of the remark that one reading of the unit fits and the other does not.
  package static let unitID = "memory-unit-decides"

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
    guard let memory = try? StepMemory(program, plan: plan, sizes: sizes) else {
      return largestFinding(program, sizes, device, limit).map { [$0] } ?? []
    }
    guard Double(memory.total) > limit else {
      return unitFinding(memory, device, limit).map { [$0] } ?? []
    }
    // What is told from f32 may be too much by half; what is exact is not.
    let certain = memory.rows.filter(\.isExact).reduce(0.0) { $0 + Double($1.bytes) }
    let isCertain = certain > limit
    return [
      Diagnostic(
        id: id, severity: memory.isExact || isCertain ? .error : .warning,
        message: "a step needs \(memory.isExact ? "" : "about ")\(Figures.bytes(memory.total)),"
          + " the device has \(Figures.bytes(Int(limit)))",
        range: device.range,
        facts: memory.rows.map { row in
          let derivation = row.derivation.isEmpty ? "" : "   \(row.derivation)"
          return .line("\(row.name): \(Figures.bytes(row.bytes))\(derivation)")
        } + [.line(advice(program, plan, memory, axis, limit))] + unitFacts(memory, limit))
    ]
  }

  /// A tensor that alone is larger than the device, where nothing can be planned.
  private static func largestFinding(
    _ program: Program, _ sizes: [Symbol: Int], _ device: DevicePlan, _ limit: Double
  ) -> Diagnostic? {
    var largest: (bytes: Double, type: TensorType)?
    for function in program.functions {
      for value in function.values {
        guard let bytes = value.type.byteCount.evaluate(sizes).map({ Double($0) }),
          bytes > largest?.bytes ?? limit
        else { continue }
        largest = (bytes, value.type)
      }
    }
    guard let largest, let bytes = Int(exactly: largest.bytes.rounded()) else { return nil }
    let exact = largest.type.substituting(sizes.mapValues { Dimension($0) })
    return Diagnostic(
      id: id, severity: .error,
      message: "one tensor of a step needs \(Figures.bytes(bytes)), the device has"
        + " \(Figures.bytes(Int(limit)))", range: device.range,
      facts: [.line("\(largest.type.shapeText) = \(exact.shapeText)")])
  }

  /// The same number of the other unit: 80e9 for 80 GiB, 80 GiB for 80e9; `nil` for neither.
  private static func otherUnit(_ limit: Double) -> (count: Int, other: Double, isGiB: Bool)? {
    let gibibyte = 1_073_741_824.0
    if let count = Int(exactly: limit / gibibyte) { return (count, Double(count) * 1e9, true) }
    if let count = Int(exactly: limit / 1e9) { return (count, Double(count) * gibibyte, false) }
    return nil
  }

  /// A step that fits 16 GiB and not 16 GB.
  private static func unitFinding(
    _ memory: StepMemory, _ device: DevicePlan, _ limit: Double
  ) -> Diagnostic? {
    guard let (count, other, isGiB) = otherUnit(limit), isGiB, Double(memory.total) > other else {
      return nil
    }
    return Diagnostic(
      id: unitID, severity: .note,
      message: "a step fits \(count) GiB, but not \(count) GB", range: device.range,
      facts: [
        .line("a step needs \(Figures.bytes(memory.total))"),
        .line("\(count) GB are \(Figures.bytes(Int(other)))"),
      ])
  }

  private static func unitFacts(_ memory: StepMemory, _ limit: Double) -> [Fact] {
    guard let (count, other, isGiB) = otherUnit(limit), !isGiB, Double(memory.total) <= other else {
      return []
    }
    return [.line("\(count) GiB would be enough: \(Figures.bytes(Int(other)))")]
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
