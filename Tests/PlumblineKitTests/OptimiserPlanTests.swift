// OptimiserPlanTests: what a plan's optimiser costs, in every report, and that a run confirms it.
// Numbers are those of the sample's weights times what each method keeps.
import Analysis
import Kernels
import Language
import PlumblineKit
import Testing

@Suite struct OptimiserPlanTests {
  static let lines: [(line: String, settings: OptimiserSettings)] = [
    ("adamw(rate: 1e-3)", OptimiserSettings()),
    (
      "adam(rate: 2e-3, betas: (0.8, 0.9), epsilon: 1e-6, decay: 0.1)",
      OptimiserSettings(.adam, rate: 2e-3, beta1: 0.8, beta2: 0.9, epsilon: 1e-6, decay: 0.1)
    ),
    ("adam()", OptimiserSettings(.adam)),
    ("sgd(rate: 0.1)", OptimiserSettings(.sgd, rate: 0.1)),
    (
      "sgd(rate: 0.1, momentum: 0.9, nesterov: true, decay: 0.01)",
      OptimiserSettings(.sgd, rate: 0.1, decay: 0.01, momentum: 0.9, nesterov: true)
    ),
    (
      "sgd(rate: 0.1, momentum: 0.9, dampening: 0.5)",
      OptimiserSettings(.sgd, rate: 0.1, momentum: 0.9, dampening: 0.5)
    ),
  ]

  private func load(_ line: String, accumulate: Int = 1) throws -> LoadedModel {
    try VerificationSamples.load(
      VerificationSamples.text
        .replacing("adamw(rate: 1e-3, betas: (0.9, 0.95), epsilon: 1e-8, decay: 0.1)", with: line)
        .replacing("T = 8\n", with: "T = 8\(accumulate > 1 ? ", accumulate \(accumulate)" : "")\n"))
  }

  @Test("a line says what torch.optim is told, with its defaults", arguments: lines.indices)
  func settings(_ index: Int) throws {
    let plan = try #require(try load(Self.lines[index].line).model?.plan)
    #expect(StepPlan(plan).optimiser == Self.lines[index].settings)
    #expect(plan.optimizer?.moments == Self.lines[index].settings.moments)
  }

  @Test(
    "plan, memory and claims count the state that the method keeps, and the sums of micro-batches",
    arguments: lines.indices, [1, 3])
  func memory(_ index: Int, _ accumulate: Int) throws {
    let (line, settings) = Self.lines[index]
    let loaded = try load(line, accumulate: accumulate)
    let model = try #require(loaded.model)
    let plan = try #require(model.plan)
    let trained = try ParameterLedger(model.program).totals.trainable
    let sizes = plan.batch
    let memory = try StepMemory(model.program, plan: plan, sizes: sizes)
    let registers = 4 * UpdateRegister.allCases.count
    let state = memory.rows.first { $0.name == "optimiser state" }
    #expect(state?.bytes == 4 * settings.moments * trained + registers)
    let sums = memory.rows.first { $0.name == "gradient sums" }
    #expect(sums?.bytes == (accumulate > 1 ? 4 * trained : nil))
    let step = PlannedStep(model.program, sizes: sizes, plan: StepPlan(plan), threads: 1)
    let compiled = try step.compiled(step.graph())
    #expect(compiled.memory.arenaBytes == memory.total)
  }

  @Test("a verified step is the formula's, on both executors", arguments: lines.indices, [1, 3])
  func verified(_ index: Int, _ accumulate: Int) throws {
    let model = try #require(
      try load(Self.lines[index].line, accumulate: accumulate).model)
    let report = try Verifier().verify(model)
    let differing = report.sections.flatMap(\.differences).map { "\($0)" }
    #expect(report.agrees, "\(differing)")
  }
}
