// ScheduleAuditTests: what is said of whole runs, each thing once where it holds and once not.
// The schedules are small enough to follow by hand.
import Schedules
import Testing
import Validation

@Suite struct ScheduleAuditTests {
  private func claim(
    _ about: String, _ text: String, steps: Int, rate: Double = 0.1
  ) throws -> ScheduleClaim {
    let (schedule, findings) = elaborated(text, rate: rate)
    let audit = ScheduleAudit(try #require(schedule, "\(findings)"), steps: steps)
    return try #require(audit.claims.first { $0.about == about }, "\(audit.claims)")
  }

  @Test(
    "decides each question of a run",
    arguments: [
      ("reaches-peak", "warmup 10 steps, then linear to 0 at step 100", 100, "proved", 10),
      ("reaches-peak", "warmup 10 steps, then linear to 0 at step 100", 10, "refuted", 9),
      (
        "reaches-peak", "warmup 10 steps, then linear to 0 at step 100 as torchtitan", 10, "proved",
        9
      ),
      ("reaches-floor", "cosine to 0.01 at step 100", 101, "proved", 100),
      ("reaches-floor", "cosine to 0.01 at step 100", 100, "proved", 99),
      ("reaches-floor", "cosine to 0.01 at step 600", 100, "refuted", 99),
      ("never-rises", "warmup 10 steps, then cosine to 0 at step 100", 200, "proved", nil),
      (
        "never-rises", "warmup 10 steps, then cosine to 0 at step 100 as transformers", 200,
        "refuted", 190
      ),
      ("never-rises", "restarts(period: 10) to 0.01", 20, "refuted", 10),
      ("never-rises", "restarts(period: 10) to 0.01", 10, "proved", nil),
      ("steps-at-zero", "warmup 10 steps, then constant", 20, "refuted", 0),
      ("steps-at-zero", "warmup 10 steps, then constant as nanogpt", 20, "proved", nil),
      ("steps-at-zero", "linear to 0 at step 10", 12, "refuted", 10),
      ("steps-at-zero", "linear to 0 at step 10 as torchtitan", 12, "refuted", 11),
      ("jumps", "warmup 10 steps, then cosine to 0 at step 100", 100, "proved", nil),
      ("jumps", "warmup 10 steps, then linear from 0.2 to 0 at step 100", 100, "refuted", 10),
      ("jumps", "warmup 10 steps, then cosine to 0 at step 100 as nanogpt", 100, "proved", nil),
      ("jumps", "warmup 10 steps, then cosine to 0 at step 100 as torchtitan", 100, "proved", nil),
      ("warmup-share", "warmup 10 steps, then constant", 100, "stated", 10),
      ("warmup-share", "warmup 5 steps, then constant", 100, "proved", 5),
      ("warmup-share", "warmup 15 steps, then constant", 100, "refuted", 15),
      ("warmup-share", "constant", 100, "stated", nil),
      ("reaches-stairs", "step(every: 50, gamma: 0.95)", 50, "refuted", 50),
      ("reaches-stairs", "milestones(at: [30, 90], gamma: 0.5)", 60, "refuted", 90),
      ("beyond-horizon", "cosine to 0.01 at step 50", 50, "stated", 50),
      ("has-rates", "torch.OneCycleLR(max_lr: 0.1, total_steps: 50)", 60, "refuted", 51),
    ] as [(String, String, Int, String, Int?)])
  func question(
    _ about: String, _ text: String, _ steps: Int, _ verdict: String, _ step: Int?
  ) throws {
    let found = try claim(about, text, steps: steps)
    #expect(found.verdict.rawValue == verdict, "\(found.text)")
    #expect(found.step == step, "\(found.text)")
  }

  @Test("says what it rests on")
  func evidence() throws {
    let closed = try #require(elaborated("warmup 10 steps, then linear to 0 at step 100").schedule)
    #expect(ScheduleAudit(closed, steps: 100).evidence == .pieces(2))
    let open = try #require(elaborated("torch.LambdaLR(lr_lambda: 0.95 ** step)").schedule)
    #expect(ScheduleAudit(open, steps: 100).evidence == .everyStep(100))
    let audit = ScheduleAudit(open, steps: 1_000_000_000_000)
    #expect(audit.evidence == .none)
    #expect(audit.claims.map(\.verdict) == [.undecided])
  }

  @Test("proves a run of a trillion steps from its ends")
  func longRun() throws {
    let text = "warmup 2_000 steps, then cosine to 1e-3 at step 1_000_000_000_000"
    let schedule = try #require(elaborated(text).schedule)
    let audit = ScheduleAudit(schedule, steps: 1_000_000_000_000)
    #expect(audit.evidence == .pieces(2))
    #expect(audit.refuted.map(\.about) == ["steps-at-zero"])
  }

  @Test("says what comes after the run")
  func beyond() throws {
    let ends: [(String, String)] = [
      ("cosine to 0.01 at step 50", "falls to 0.01 and stays there"),
      ("cosine to 0.01 at step 50 as transformers", "rises again, to 0.099"),
      ("linear to 0 at step 50 as torchtitan", "falls below zero"),
      ("constant", "stays at 0.1"), ("inverse_sqrt", "goes on falling"),
      ("torch.OneCycleLR(max_lr: 0.1, total_steps: 50)", "PyTorch raises an error"),
    ]
    for (text, expected) in ends {
      let found = try claim("beyond-horizon", text, steps: 50)
      #expect(found.text.contains(expected), "\(found.text)")
    }
  }
}
