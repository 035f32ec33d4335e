// ScheduleTests: rates at chosen steps, against PyTorch's and transformers' own.
// Golden numbers come from torch 2.15 and transformers 4.57.6, read before each optimiser step.
import Testing
import Training

@Suite struct ScheduleTests {
  private func isClose(_ found: Double, _ expected: Double) -> Bool {
    abs(found - expected) <= 1e-15
  }

  @Test("reaches the peak at the end of warm-up and the floor at the end of the cosine, exactly")
  func plan() throws {
    let schedule = try Schedule(
      peak: 2e-4, [.init(.warmup(from: 0), until: 200), .init(.cosine(to: 2e-5), until: 10_000)])
    #expect(schedule.rate(at: 0) == 0)
    #expect(isClose(schedule.rate(at: 1), 1e-6))
    #expect(schedule.rate(at: 100) == 1e-4)
    #expect(schedule.rate(at: 200) == 2e-4)
    #expect(isClose(schedule.rate(at: 5100), 1.1e-4))
    #expect(schedule.rate(at: 9_999) > 2e-5)
    #expect(schedule.rate(at: 10_000) == 2e-5)
    #expect(schedule.rate(at: 1_000_000) == 2e-5)
    #expect(schedule.rate(at: -3) == 0)
  }

  @Test(
    "agrees with get_linear_schedule_with_warmup",
    arguments: [
      (0, 0.0), (1, 0.010000000000000002), (9, 0.09000000000000001), (10, 0.1),
      (11, 0.0988888888888889), (50, 0.05555555555555556), (99, 0.0011111111111111111),
      (100, 0.0), (129, 0.0),
    ])
  func linear(_ step: Int, _ expected: Double) throws {
    let schedule = try Schedule(
      peak: 0.1, [.init(.warmup(from: 0), until: 10), .init(.linear(to: 0), until: 100)])
    #expect(isClose(schedule.rate(at: step), expected))
  }

  @Test(
    "agrees with get_cosine_with_min_lr_schedule_with_warmup until its last step",
    arguments: [
      (1, 0.010000000000000002), (10, 0.1), (11, 0.09997258721585932),
      (50, 0.06281416799501187), (55, 0.05500000000000001), (99, 0.010027412784140691),
      (100, 0.010000000000000002),
    ])
  func cosine(_ step: Int, _ expected: Double) throws {
    let schedule = try Schedule(
      peak: 0.1, [.init(.warmup(from: 0), until: 10), .init(.cosine(to: 0.01), until: 100)])
    #expect(isClose(schedule.rate(at: step), expected))
  }

  @Test("starts each phase with the rate at which the last one ended")
  func chain() throws {
    let schedule = try Schedule(
      peak: 1,
      [
        .init(.warmup(from: 0.5), until: 10), .init(.constant, until: 20),
        .init(.linear(to: 0.5), until: 30), .init(.cosine(to: 0.1), until: 40),
        .init(.constant, until: nil),
      ])
    #expect(
      [0, 5, 10, 15, 20, 25, 30, 40, 99].map { schedule.rate(at: $0) } == [
        0.5, 0.75, 1, 1, 1, 0.75, 0.5, 0.1, 0.1,
      ])
    #expect(isClose(schedule.rate(at: 35), 0.3))
  }

  @Test("keeps the peak without phases, and skips phases without steps")
  func empty() throws {
    #expect(try Schedule(peak: 0.1, []).rate(at: 7) == 0.1)
    let none = try Schedule(peak: 0.1, [.init(.warmup(from: 0), until: 0)])
    #expect(none.rate(at: 0) == 0.1)
  }

  @Test("refuses plans that have no rate for every step")
  func refusals() {
    let plans: [(Double, [Schedule.Phase])] = [
      (-1, []), (.nan, []), (1, [.init(.linear(to: -1), until: 5)]),
      (1, [.init(.linear(to: 0), until: 5), .init(.cosine(to: 0), until: 4)]),
      (1, [.init(.linear(to: 0), until: nil)]),
      (1, [.init(.constant, until: nil), .init(.linear(to: 0), until: 9)]),
      (1, [.init(.constant, until: 5), .init(.warmup(from: 0), until: 9)]),
      (1, [.init(.warmup(from: 0), until: -1)]),
    ]
    for (peak, phases) in plans {
      #expect(throws: TrainingFault.self) { try Schedule(peak: peak, phases) }
    }
  }
}
