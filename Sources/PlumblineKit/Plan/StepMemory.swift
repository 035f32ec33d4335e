// StepMemory: the bytes of a training step by kind, in the numbers that its plan names.
// Joins the executor's plan, exact in f32, with what a parameter costs in mixed precision.
import Analysis
import Dimensions
import Execution
import IR
import Kernels
import Language

/// The memory of one update on one device.
package struct StepMemory: Hashable, Sendable {
  /// One kind of memory.
  package struct Row: Hashable, Sendable {
    package var name: String
    package var bytes: Int
    /// What the bytes are made of: `4 B × 2,997,504`.
    package var derivation: String
    /// False for what is told from the plan in f32.
    package var isExact: Bool
  }

  /// The largest tensor of most language models.
  package struct Logits: Hashable, Sendable {
    package var shape: [Int]
    package var bytes: Int
  }

  package private(set) var rows: [Row] = []
  package private(set) var total = 0
  /// The sizes of one device's share of the batch.
  package let sizes: [Symbol: Int]
  /// The logits as one tensor in f32; `nil` when the model names none.
  package private(set) var logits: Logits?

  /// Whether every row is exact.
  package var isExact: Bool { rows.allSatisfy(\.isExact) }

  /// Plans a step; nothing is allocated.
  ///
  /// - Throws: ``VerificationRefusal`` when the step can't be planned, or a size is missing.
  package init(
    _ program: Program, plan: TrainingPlan, sizes: [Symbol: Int]
  ) throws(VerificationRefusal) {
    self.sizes = sizes
    if let open = program.dimensions.first(where: { sizes[$0.symbol] == nil }) {
      throw VerificationRefusal("the `batch` line gives no size for `\(open.symbol.name)`")
    }
    let step = PlannedStep(program, sizes: sizes, plan: StepPlan(plan), threads: 1)
    let report = MemoryReport(try step.compiled(step.graph()), model: program.name)
    logits = StepMemory.logits(of: program, sizes)
    let ledger = try? ParameterLedger(program)
    if StepMemory.half(plan, ledger) != nil, let totals = ledger?.totals {
      addMixed(totals, report, moments: step.plan.optimiser.moments)
    } else {
      addSingle(report, ledger?.totals, plan)
    }
  }

  /// The 16-bit type that the step computes in.
  private static func half(_ plan: TrainingPlan, _ ledger: ParameterLedger?) -> ElementType? {
    let halves: Set<ElementType> = [.f16, .bf16]
    if let element = plan.precision?.element { return halves.contains(element) ? element : nil }
    return ledger?.entries.map(\.declaration.type.element).first { halves.contains($0) }
  }

  /// Everything in f32, to the byte as the executor plans it.
  private mutating func addSingle(
    _ report: MemoryReport, _ totals: ParameterLedger.Totals?, _ plan: TrainingPlan
  ) {
    func count(_ each: String, _ number: Int?) -> String {
      number.map { "\(each) × \(Figures.grouped($0))" } ?? ""
    }
    let moments = StepPlan(plan).optimiser.moments
    for row in report.rows where row.bytesAtPeak > 0 {
      let derivation =
        switch row.use {
        case .weights: count("4 B", totals?.total)
        case .gradients: "4 B each, those alive at the peak"
        case .sums:
          count("4 B", totals?.trainable) + ", over \(plan.accumulate) micro-batches"
        case .optimiser:
          // The numbers of the update itself lie beside the moments.
          count("\(4 * moments) B", totals?.trainable)
            + " + \(4 * UpdateRegister.allCases.count) B"
        case .kept: "from forward to backward"
        case .working: "within a pass"
        default: ""
        }
      rows.append(
        Row(
          name: row.use.rawValue, bytes: row.bytesAtPeak, derivation: derivation, isExact: true))
    }
    if report.gapBytes > 0 {
      rows.append(
        Row(name: "gaps", bytes: report.gapBytes, derivation: "between lifetimes", isExact: true))
    }
    total = StepMemory.sum(rows)
  }

  private static func sum(_ rows: [Row]) -> Int {
    rows.reduce(0) { sum, row in
      let (next, overflow) = sum.addingReportingOverflow(row.bytes)
      return overflow ? .max : next
    }
  }

  /// Weights and gradients of 16 bits, a copy and the moments in f32, activations of half the size.
  private mutating func addMixed(
    _ totals: ParameterLedger.Totals, _ report: MemoryReport, moments: Int
  ) {
    func add(_ name: String, _ each: Int, _ count: Int) {
      let (bytes, overflow) = each.multipliedReportingOverflow(by: count)
      rows.append(
        Row(
          name: name, bytes: overflow ? .max : bytes,
          derivation: "\(each) B × \(Figures.grouped(count))", isExact: true))
    }
    add("weights", 2, totals.total)
    add("gradients", 2, totals.trainable)
    add("optimiser state", 4 + 4 * moments, totals.trainable)
    if report.rows.contains(where: { $0.use == .sums && $0.bytesAtPeak > 0 }) {
      add("gradient sums", 4, totals.trainable)
    }
    let single: Set<MemoryUse> = [.weights, .gradients, .sums, .optimiser]
    let rest = report.rows.filter { !single.contains($0.use) }.reduce(0) { $0 + $1.bytesAtPeak }
    rows.append(
      Row(
        name: "activations", bytes: rest / 2,
        derivation: "half of f32's \(Figures.grouped(rest)) B", isExact: false))
    total = StepMemory.sum(rows)
  }

  /// The output of the model that is called `logits`.
  private static func logits(of program: Program, _ sizes: [Symbol: Int]) -> Logits? {
    guard let entry = program.entry,
      let place = program[entry].outputNames.firstIndex(of: "logits")
    else { return nil }
    var logits = Logits(shape: [], bytes: 4)
    for axis in program[entry].type(of: program[entry].outputs[place]).shape {
      guard let size = axis.evaluate(sizes).flatMap({ Int(exactly: $0) }) else { return nil }
      let (bytes, overflow) = logits.bytes.multipliedReportingOverflow(by: size)
      guard !overflow else { return nil }
      logits.shape.append(size)
      logits.bytes = bytes
    }
    return logits
  }
}
