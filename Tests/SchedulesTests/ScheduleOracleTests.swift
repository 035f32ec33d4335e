// ScheduleOracleTests: every rate of every oracle, to 1e-12 of itself.
// Apart from the tests of rules, because here the numbers are other people's.
import Schedules
import Testing
import Validation

@Suite struct ScheduleOracleTests {
  private static let published = ScheduleOracle.load("torch-and-transformers.json")
  private static let varied = ScheduleOracle.load("torch-and-transformers-varied.json")
  private static let conventions = ScheduleOracle.load("conventions.json")

  @Test(
    "agrees with PyTorch, transformers and the other tools at every step",
    arguments: published + varied + conventions)
  func agreement(_ sample: ScheduleCase) throws {
    let (schedule, findings) = elaborated(sample.text, rate: sample.rate)
    let found = try #require(schedule, "\(findings)")
    let rates = found.rates(sample.rates.count)
    try #require(rates.count == sample.rates.count)
    for (step, expected) in sample.rates.enumerated() {
      #expect(agrees(rates[step], expected), "step \(step): \(rates[step]), expected \(expected)")
      let alone = found.rate(at: step)
      #expect(agrees(alone, expected), "step \(step) alone: \(alone), expected \(expected)")
    }
  }

  @Test("no oracle is missing")
  func present() {
    #expect(Self.published.count == 31)
    #expect(Self.varied.count >= 28)
    #expect(Self.conventions.count >= 35)
  }

  @Test(
    "moves one way within every piece that a closed form gives",
    arguments: published + varied + conventions)
  func pieces(_ sample: ScheduleCase) throws {
    let schedule = try #require(elaborated(sample.text, rate: sample.rate).schedule)
    let horizon = min(sample.rates.count, schedule.lastStep ?? .max)
    guard let pieces = schedule.pieces(until: horizon) else { return }
    #expect(pieces.first?.steps.lowerBound == 0)
    #expect(pieces.last?.steps.upperBound == horizon)
    for (left, right) in zip(pieces, pieces.dropFirst()) {
      #expect(left.steps.upperBound == right.steps.lowerBound)
    }
    let rates = schedule.rates(horizon)
    let slack = (rates.max() ?? 0) * 1e-12
    for piece in pieces {
      for step in piece.steps.dropFirst() {
        let change = rates[step] - rates[step - 1]
        switch piece.trend {
        case .constant: #expect(change.magnitude <= slack, "step \(step) of \(piece)")
        case .rising: #expect(change >= -slack, "step \(step) of \(piece)")
        case .falling: #expect(change <= slack, "step \(step) of \(piece)")
        }
      }
    }
  }

  @Test(
    "decides alike by pieces and by evaluation", arguments: published + varied + conventions)
  func evidence(_ sample: ScheduleCase) throws {
    let schedule = try #require(elaborated(sample.text, rate: sample.rate).schedule)
    let steps = sample.rates.count
    let proved = ScheduleAudit(schedule, steps: steps)
    let evaluated = ScheduleAudit(schedule, steps: steps, evaluates: true)
    #expect(proved.highest == evaluated.highest)
    // Crests between steps may differ by rounding alone.
    #expect((proved.lowest - evaluated.lowest).magnitude <= proved.highest * 1e-12)
    for question in ["reaches-peak", "reaches-floor", "steps-at-zero"] {
      #expect(
        proved.claims.first { $0.about == question }?.verdict
          == evaluated.claims.first { $0.about == question }?.verdict, "\(question)")
    }
  }
}
