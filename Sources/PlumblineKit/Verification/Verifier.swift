// Verifier: runs a real training step and holds everything that was predicted against it.
// The order of the work, and when there is too much of it; what is compared stands in Reconciliation.
import Analysis
import Dimensions
import Execution
import Foundation
import IR
import Kernels
import Language

/// What a verification may do.
package struct VerificationOptions: Sendable {
  /// Sizes of dimensions; the others get small ones.
  package var sizes: [Symbol: Int]
  package var seed: UInt64
  /// Runs the whole model, whatever that costs.
  package var full: Bool
  /// Work of the forward passes for differences, in multiply-adds and elementwise operations.
  package var gradientBudget: Double
  /// Threads of the fast kernels.
  package var threads = ProcessorCount.available()
  /// Whether the process does nothing else, so that its memory can be read from the system.
  package var measuresProcess = false
  /// Is told what is being done, for a line on a terminal.
  package var progress: @Sendable (String) -> Void

  package init(
    sizes: [Symbol: Int] = [:], seed: UInt64 = 0, full: Bool = false,
    gradientBudget: Double = 1e10, progress: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.sizes = sizes
    self.seed = seed
    self.full = full
    self.gradientBudget = gradientBudget
    self.progress = progress
  }
}

/// Confirms the analysis of one model.
package struct Verifier: Sendable {
  package var options: VerificationOptions

  package init(_ options: VerificationOptions = VerificationOptions()) {
    self.options = options
  }

  /// Verifies a model.
  ///
  /// - Throws: ``VerificationRefusal`` when nothing could be run.
  package func verify(
    _ model: ElaboratedModel
  ) throws(VerificationRefusal) -> VerificationReport {
    try verify(model.program, plan: StepPlan(model.plan))
  }

  /// Verifies a program and one step of its optimiser.
  ///
  /// - Throws: ``VerificationRefusal`` when nothing could be run.
  package func verify(
    _ program: Program, plan: StepPlan = StepPlan()
  ) throws(VerificationRefusal) -> VerificationReport {
    let sizes = try SampleSizes(program, given: options.sizes).sizes
    if let (symbol, _) = sizes.filter({ $0.value == 0 }).min(by: { $0.key < $1.key }) {
      throw VerificationRefusal(
        "\(symbol) is 0, and a loss over no elements has no value",
        help: "choose another size with --set \(symbol)=…, if the model allows one")
    }
    let whole = program
    var program = program
    var notes: [String] = []
    var plainSizes = sizes
    if !options.full {
      let scale = VerificationScale(sizes: sizes)
      (program, notes) = try scale.fitting(program)
      if let smaller = try scale.smallerSizes(program) {
        plainSizes = smaller
        let values = smaller.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
        notes.append(
          "the plain kernels run at \(values.joined(separator: ", ")), the fast ones at the sizes "
            + "given; --full runs both at these")
      }
    }
    do throws(VerificationRefusal) {
      let step = try StepProgram(program)
      var report = try verify(
        analysed: step, executed: step, plan: plan, sizes: plainSizes, notes: notes)
      report.sizes = self.report(on: whole, sizes, [], []).sizes
      // Behind a difference on the plain kernels there is nothing to learn from the fast ones.
      guard report.agrees, try step.realWidth == 4 else { return report }
      if options.full {
        report.sections += try SideBySide(
          VerificationScale.shortened(whole), sizes: sizes, seed: options.seed,
          threads: options.threads, progress: options.progress
        ).sections()
      }
      try addFastRun(of: whole, sizes, plan, to: &report)
      return report
    } catch {
      guard error.isOurs else { throw error }
      var section = VerificationSection(
        "run", "run", "forward, backward, one \(plan.optimiser.method.title) step")
      section.add(
        "the backward pass", predicted: "exists", observed: error.message, agrees: false)
      return report(on: program, sizes, notes, [section])
    }
  }

  /// Runs every layer on the fast kernels, where the machine has the memory.
  private func addFastRun(
    of program: Program, _ sizes: [Symbol: Int], _ plan: StepPlan,
    to report: inout VerificationReport
  ) throws(VerificationRefusal) {
    var run = FastRun(
      PlannedStep(program, sizes: sizes, plan: plan, threads: options.threads),
      seed: options.seed, measuresProcess: options.measuresProcess, progress: options.progress)
    run.isFull = options.full
    let (sections, note) = try run.sections()
    report.sections += sections
    if let note { report.notes.append(note) }
  }

  /// Verifies what one side says by what the other does; they are the same but in tests.
  ///
  /// - Throws: ``VerificationRefusal`` when nothing could be run.
  package func verify(
    analysed: StepProgram, executed: StepProgram, plan: StepPlan, sizes: [Symbol: Int],
    notes: [String] = []
  ) throws(VerificationRefusal) -> VerificationReport {
    let prediction = try StepPrediction(
      analysed, sizes: sizes, plan: plan, width: try executed.realWidth)
    if !options.full { try VerificationScale(sizes: sizes).check(prediction.memory) }
    let sections =
      try executed.realWidth == 8
      ? sections(of: executed, prediction, as: Double.self)
      : sections(of: executed, prediction, as: Float.self)
    return report(on: analysed.program, sizes, notes, sections)
  }

  private func sections<Scalar: KernelScalar>(
    of executed: StepProgram, _ prediction: StepPrediction, as scalar: Scalar.Type
  ) throws(VerificationRefusal) -> [VerificationSection] {
    var sections = try Reconciliation(
      prediction,
      StepRecord<Scalar>(
        running: executed, plan: prediction.plan, seed: options.seed, sizes: prediction.sizes,
        progress: options.progress)
    ).sections
    if sections.first?.differing == 0 {
      sections.append(
        try GradientCheck(budget: options.gradientBudget, seed: options.seed).section(
          of: executed, sizes: prediction.sizes, work: prediction.forwardWork,
          progress: options.progress))
    }
    return sections
  }

  package func report(
    on program: Program, _ sizes: [Symbol: Int], _ notes: [String],
    _ sections: [VerificationSection]
  ) -> VerificationReport {
    VerificationReport(
      model: program.name,
      sizes: Dictionary(
        sizes.map { ($0.key.name, $0.value) }, uniquingKeysWith: { first, _ in first }),
      seed: options.seed, notes: notes, sections: sections)
  }
}

extension StepProgram {
  /// Bytes of a real number of the run: the executor computes in one precision at a time.
  var realWidth: Int {
    get throws(VerificationRefusal) {
      let values = program.functions.flatMap(\.values) + program.derivatives.flatMap(\.values)
      let widths = Set(
        values.map(\.type.element).filter { $0.kind == .real }.map(\.byteCount))
      let width = widths.first ?? 4
      guard widths.count <= 1, width >= 4 else {
        throw VerificationRefusal(
          widths.count > 1
            ? "the model mixes f32 and f64, and the executor computes in one of them"
            : "the executor computes in f32 and f64, and the model holds 16-bit numbers",
          help: "declare `dtype f32` for the verification")
      }
      return width
    }
  }
}
