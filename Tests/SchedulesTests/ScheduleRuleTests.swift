// ScheduleRuleTests: how phases join, what conventions change, and what is refused.
// Golden numbers of nanoGPT's defaults come from its get_lr.
import Schedules
import Testing

@Suite struct ScheduleRuleTests {
  @Test("reaches the peak at the end of warm-up and the floor at the end of the cosine, exactly")
  func plan() throws {
    let schedule = try Schedule(peak: 2e-4, [.warmup(200), .cosine(9_800, to: 2e-5)])
    #expect(schedule.rate(at: 0) == 0)
    #expect(schedule.rate(at: 100) == 1e-4)
    #expect(schedule.rate(at: 200) == 2e-4)
    #expect(agrees(schedule.rate(at: 5_100), 1.1e-4))
    #expect(schedule.rate(at: 9_999) > 2e-5)
    #expect(schedule.rate(at: 10_000) == 2e-5)
    #expect(schedule.rate(at: 1_000_000) == 2e-5)
    #expect(schedule.rate(at: -3) == 0)
    #expect(schedule.end == 10_000 && schedule.floor == 2e-5 && schedule.joints == [200])
  }

  @Test("starts each phase with the rate at which the last one ended")
  func chain() throws {
    let schedule = try Schedule(
      peak: 1,
      [
        .warmup(10, from: 0.5), .constant(10), .linear(10, to: 0.5), .cosine(10, to: 0.1),
        .constant(),
      ])
    #expect(
      [0, 5, 10, 15, 20, 25, 30, 40, 99].map { schedule.rate(at: $0) } == [
        0.5, 0.75, 1, 1, 1, 0.75, 0.5, 0.1, 0.1,
      ])
  }

  @Test("keeps the peak without phases, and skips phases without steps")
  func empty() throws {
    #expect(try Schedule(peak: 0.1, []).rate(at: 7) == 0.1)
    #expect(try Schedule(peak: 0.1, [.warmup(0)]).rate(at: 0) == 0.1)
  }

  @Test("counts as nanoGPT does, by its own defaults")
  func nanoGPT() throws {
    let text = "warmup 2_000 steps, then cosine to 6e-5 at step 600_000 as nanogpt"
    let schedule = try #require(elaborated(text, rate: 6e-4).schedule)
    for (step, expected) in [
      (0, 2.998500749625187e-07), (1_999, 5.997001499250374e-04), (2_000, 6.0e-4),
      (301_000, 3.3e-4), (600_001, 6e-5),
    ] {
      #expect(agrees(schedule.rate(at: step), expected), "step \(step)")
    }
  }

  @Test("a phase that says length and end makes the one before it last until it begins")
  func stable() throws {
    let text = "warmup 10 steps, then constant, then sqrt 30 steps to 0 at step 100"
    let schedule = try #require(elaborated(text).schedule)
    #expect(schedule.joints == [10, 70])
    #expect(schedule.rate(at: 69) == 0.1 && schedule.rate(at: 71) < 0.1)
    #expect(schedule.rate(at: 100) == 0)
  }

  @Test(
    "refuses what can't be, and says why",
    arguments: [
      ("warmup -5 steps, then constant", "plan-out-of-range", "found -5"),
      ("warmup 200 steps, then cosine to 0 at step 100", "schedule-out-of-order", "at step 100"),
      ("cosin to 0 at step 100", "unknown-name", "`cosine`"),
      ("StepLR(step_size: 3)", "unknown-name", "`torch.StepLR`"),
      ("torch.StpLR(step_size: 3)", "unknown-name", "`torch.StepLR`"),
      ("transformers.get_wsd_scheduel()", "unknown-name", "`transformers.get_wsd_schedule`"),
      ("torch.StepLR(stepsize: 3)", "unknown-name", "`step_size`"),
      ("torch.StepLR()", "schedule-argument", "needs `step_size`"),
      ("torch.StepLR(step_size: 3, gamma: -1)", "schedule-argument", "at least 0"),
      ("torch.LinearLR(start_factor: 0)", "schedule-argument", "above 0"),
      ("torch.ConstantLR(factor: 1.5)", "schedule-argument", "from 0 to 1"),
      ("torch.StepLR(3, 0.1, 4)", "schedule-argument", "takes 2 arguments"),
      ("torch.StepLR(3, step_size: 4)", "schedule-argument", "given twice"),
      ("torch.StepLR(step_size: 3) to 0", "schedule-argument", "takes no `to`"),
      ("constant, then linear to 0 at step 100", "schedule-argument", "never ends"),
      ("linear to 0", "schedule-argument", "when it ends"),
      ("linear to -1 at step 10", "schedule-argument", "at least 0"),
      ("constant 5 steps, then warmup 5 steps", "schedule-argument", "only come first"),
      ("exponential", "schedule-argument", "needs `gamma`"),
      ("exponential to 0 at step 9", "schedule-argument", "never reaches 0"),
      ("cosine to 0 at step 9 as nanogtp", "unknown-name", "`nanogpt`"),
      ("cosine to 0.2 at step 9 as megatron", "schedule-argument", "at most the peak"),
      ("warmup 9 steps from 0, then constant as pytorch", "schedule-argument", "above 0"),
      (
        "nanogpt.get_lr(warmup_iters: 9, lr_decay_iters: 9)", "schedule-argument", "divides by zero"
      ),
      (
        "transformers.get_polynomial_decay_schedule_with_warmup(9, 9)", "schedule-argument",
        "divides by zero at step 9"
      ),
      (
        "megatron.OptimizerParamScheduler(lr_warmup_steps: 9, lr_decay_steps: 9)",
        "schedule-argument", "shorter than"
      ),
      (
        "torch.SequentialLR(schedulers: [torch.StepLR(3)], milestones: [4])", "schedule-argument",
        "0 milestones"
      ),
      ("torch.ChainedScheduler(schedulers: [linear])", "schedule-argument", "expected a schedule"),
      ("torch.LambdaLR(lr_lambda: [1])", "schedule-argument", "arithmetic over `step`"),
      ("torch.LambdaLR(lr_lambda: sin(step))", "unknown-name", "`sin`"),
    ])
  func refusals(_ text: String, _ id: String, _ part: String) {
    let (schedule, findings) = elaborated(text)
    #expect(schedule == nil)
    #expect(findings.count == 1, "\(findings)")
    #expect(findings.contains { $0.hasPrefix(id + ":") && $0.contains(part) }, "\(findings)")
  }

  @Test("a warm-up that outlives the run is a mistake, and one that fits is none")
  func warmup() {
    let fits = ["warmup 99 steps, then constant", "warmup 100 steps, then constant as torchtitan"]
    for text in fits {
      // Long it is, which is another finding.
      let found = elaborated(text, steps: 100).findings.filter { !$0.hasPrefix("warm-up-too-long") }
      #expect(found == [], "\(text)")
    }
    let outlives = [
      "warmup 100 steps, then constant", "warmup 1_000 steps",
      "transformers.get_constant_schedule_with_warmup(num_warmup_steps: 500)",
    ]
    for text in outlives {
      let found = elaborated(text, steps: 100).findings
      #expect(found.count == 1 && found[0].hasPrefix("warmup-outlives-run"), "\(text): \(found)")
    }
  }

  @Test("hostile numbers of steps end in a finding or a rate, never in a trap")
  func hostile() {
    let huge = "9_223_372_036_854_775_807"
    for text in [
      "warmup \(huge) steps, then cosine to 0 at step \(huge)", "warmup \(huge) steps as deepspeed",
      "warmup 5 steps, then linear \(huge) steps to 0",
      "restarts(period: \(huge), factor: \(huge))",
      "cyclic(up: \(huge))", "step(every: \(huge))", "torch.CosineAnnealingLR(T_max: \(huge))",
      "torch.LinearLR(total_iters: \(huge))",
      "torch.OneCycleLR(max_lr: 1, epochs: \(huge), steps_per_epoch: 9)",
      "transformers.get_wsd_schedule(\(huge), \(huge), num_stable_steps: \(huge))",
      "transformers.get_cosine_schedule_with_warmup(\(huge), 0, num_cycles: 99_999)",
      "megatron.OptimizerParamScheduler(lr_warmup_steps: 1, lr_decay_steps: \(huge), increment: \(huge))",
      "torchtitan.lr_scheduler(training_steps: \(huge))",
      "deepspeed.WarmupDecayLR(total_num_steps: 1, warmup_num_steps: \(huge))",
      "torch.StepLR(step_size: 3) \(huge) steps, then constant",
    ] {
      guard let schedule = elaborated(text).schedule else { continue }
      for step in [0, 1, 1_000, Int.max / 2, Int.max - 1, .max] { _ = schedule.rate(at: step) }
      _ = schedule.pieces(until: 1_000)
      _ = schedule.pieces(until: .max)
    }
  }

  // Momenta of torch 2.15's OneCycleLR and CyclicLR with their defaults.
  @Test("moves the momentum where PyTorch's schedule does, and leaves it alone elsewhere")
  func momentum() throws {
    func made(_ name: String, _ arguments: [String: ScheduleValue]) throws -> Schedule {
      try Schedule(peak: 1e-3, [.init(try #require(ScheduleCatalogue.form(name)), arguments)])
    }
    let cycle = try made(
      "torch.OneCycleLR", ["max_lr": .number(1e-3), "total_steps": .integer(100)])
    #expect(cycle.momentum(at: 0) == 0.95)
    #expect(cycle.momentum(at: 29).map { agrees($0, 0.85) } == true)
    #expect(cycle.momentum(at: 99).map { agrees($0, 0.95) } == true)
    let wave = try made(
      "torch.CyclicLR",
      [
        "base_lr": .number(1e-4), "max_lr": .number(1e-3), "step_size_up": .integer(10),
        "base_momentum": .number(0.5),
      ])
    #expect([0, 5, 10, 20].map { wave.momentum(at: $0) ?? 0 } == [0.9, 0.7, 0.5, 0.9])
    let still = try made(
      "torch.OneCycleLR",
      ["max_lr": .number(1e-3), "total_steps": .integer(100), "cycle_momentum": .flag(false)])
    #expect(still.momentum(at: 0) == nil)
    #expect(try Schedule(peak: 1, [.warmup(10), .constant()]).momentum(at: 3) == nil)
  }
}
