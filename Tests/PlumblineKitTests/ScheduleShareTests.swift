// ScheduleShareTests: rates written as a share of the optimiser's, which is called `peak` in a schedule.
// Apart from the curves, because only the language knows the name.
import PlumblineKit
import Schedules
import Testing
import Training

@Suite struct ScheduleShareTests {
  @Test(
    "a floor that is a share of the peak follows the peak", arguments: [6e-4, 2e-3, 0.01, 6e-2, 1])
  func follows(_ peak: Double) throws {
    func rates(_ text: String) throws -> LearningRates { try LearningRates(text, peak: peak) }
    let linear = try rates("warmup 10 steps, then linear to peak / 10 at step 100")
    #expect(agrees(linear.rate(at: 10), peak) && agrees(linear.rate(at: 100), peak / 10))
    #expect(agrees(try rates("cosine to 0.1 * peak at step 100").rate(at: 100), 0.1 * peak))
    let cycle = try rates("one_cycle(rise: 0.3) from peak / 25 to peak / 1e4 at step 100")
    #expect(agrees(cycle.rate(at: 0), peak / 25) && agrees(cycle.rate(at: 100), peak / 1e4))
    let torch = try rates("torch.CosineAnnealingLR(T_max: 100, eta_min: peak / 5)")
    #expect(agrees(torch.rate(at: 100), peak / 5))
    #expect(
      try rates("cyclic(up: 20) from peak / 2").rates(90)
        == LearningRates("cyclic(up: 20) from \(peak / 2)", peak: peak).rates(90))
  }

  /// Curves are computed in Double, where two ways to one number differ in the last bits.
  private func agrees(_ found: Double, _ expected: Double) -> Bool {
    abs(found - expected) <= 1e-11 * abs(expected)
  }

  @Test("a mistake in a share is told where it stands")
  func mistakes() {
    func message(_ text: String) -> String {
      do throws(LearningRates.Refusal) {
        _ = try LearningRates(text, peak: 1e-3)
        return ""
      } catch {
        return error.description
      }
    }
    #expect(message("linear to peek / 10 at step 100").contains("`peak`"))
    #expect(message("linear to peak / 0 at step 100") != "")
    #expect(message("linear to -peak at step 100").contains("at least 0"))
    #expect(message("linear to 0 at step peak").contains("whole number"))
  }

  private static let model = """
    model sized {
      config vocab = 32, width = 8, PEAK
      dim    B >= 1, T in 1...16

      let table = embedding(vocab, width)
      let head  = linear(width, vocab)

      forward(tokens: i32[B, T]) -> logits: [B, T, vocab] {
        return head(table(tokens))
      }
    }

    train sized {
      batch     B = 2, T = 8
      steps     100
      loss      cross_entropy(logits : b t [v], targets: i32[B, T])
      OPTIMIZER
      schedule  linear to peak / 10 at step 100
    }

    """

  private func loaded(_ optimizer: String, field: String = "depth = 1") -> LoadedModel {
    Workspace.load(
      path: "sized.model",
      text: Self.model.replacing("PEAK", with: field).replacing("OPTIMIZER", with: optimizer))
  }

  @Test("the model's own `peak` is meant where it has one")
  func ownName() throws {
    let loaded = loaded("optimizer adamw(rate: 2e-2)", field: "peak = 1e-3")
    let floor = try #require(loaded.model?.plan?.rates).rate(at: 100)
    #expect(floor == 1e-4)
  }

  @Test("a rate of the command line moves the floor along")
  func overridden() throws {
    var overrides = TrainingOverrides()
    overrides.rate = 0.06
    let effective = try EffectiveModel(
      loaded("optimizer adamw(rate: 2e-2)", field: "depth = 1"), overrides)
    #expect(effective.section.contains("linear to peak / 10 at step 100"))
    #expect(try #require(effective.plan.rates).rate(at: 100) == 0.06 / 10)
  }

  @Test("without an optimiser there is no peak; a wrong one is told once")
  func missing() {
    let none = loaded("seed 1").diagnostics.filter { $0.severity == .error }
    #expect(none.count == 1 && none.first?.message.contains("`peak`") == true)
    let wrong = loaded("optimizer adamw(rate: true)").diagnostics.filter { $0.severity == .error }
    #expect(wrong.count == 1 && wrong.first?.id == "wrong-argument-type")
  }
}
