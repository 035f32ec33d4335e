// RunLog: what a finished run wrote down, step by step.
// Data only; files are read elsewhere and judged by the rules beside this.
import Diagnostics
import Schedules

/// How exactly a log prints its rates.
package struct RatePrecision: Hashable, Sendable {
  /// The most significant digits of any rate.
  private var digits = 0
  /// The most digits behind the point of any rate that is printed without an exponent.
  private var decimals = 0
  private var hasExponents = false

  package init() {}

  /// Takes note of a rate as it is printed.
  package mutating func note(_ text: String) {
    let mantissa = text.prefix { $0 != "e" && $0 != "E" }
    digits = max(digits, mantissa.filter(\.isNumber).drop { $0 == "0" }.count)
    if mantissa.count < text.count { hasExponents = true }
    let places = mantissa.firstIndex(of: ".").map { mantissa[$0...].count - 1 } ?? 0
    decimals = max(decimals, places)
  }

  /// How far a printed rate may lie from the true one.
  func slack(_ rate: Double) -> Double {
    func unit(_ count: Int) -> Double { Mathematics.power(10, -Double(min(count, 300))) }
    let relative = digits == 0 ? 0 : rate.magnitude * unit(digits - 1) / 2
    let absolute = hasExponents || decimals == 0 ? 0 : unit(decimals) / 2
    // Training computes rates in several orders and widths.
    return max(relative, absolute, rate.magnitude * 1e-6) + 1e-15
  }
}

/// The log of one training run.
package struct RunLog: Sendable {
  /// One line of a log.
  package struct Entry: Sendable {
    package var step: Int
    package var loss: Double?
    package var rate: Double?
    /// The global norm of the gradients before clipping.
    package var norm: Double?
    package var validation: Double?
    package var place: SourceRange

    package init(step: Int, place: SourceRange) {
      self.step = step
      self.place = place
    }
  }

  /// The file's name.
  package let name: String
  /// By step, the earliest first.
  package let entries: [Entry]
  package let precision: RatePrecision

  package init(name: String, entries: [Entry], precision: RatePrecision = RatePrecision()) {
    self.name = name
    self.precision = precision
    // A resumed run writes some steps again; the later line is the one that counts.
    var byStep: [Int: Entry] = [:]
    for entry in entries {
      var merged = byStep[entry.step] ?? entry
      merged.place = entry.place
      merged.loss = entry.loss ?? merged.loss
      merged.validation = entry.validation ?? merged.validation
      merged.norm = entry.norm ?? merged.norm
      merged.rate = entry.rate ?? merged.rate
      byStep[entry.step] = merged
    }
    self.entries = byStep.values.sorted { $0.step < $1.step }
  }

  /// The last step of the log.
  package var lastStep: Int { entries.last?.step ?? 0 }

  /// The highest rate that was logged.
  package var peak: Double? { entries.compactMap(\.rate).max() }

  /// The line with the lowest finite validation loss.
  package var best: Entry? {
    entries.filter { $0.validation?.isFinite == true }
      .min { ($0.validation ?? .infinity) < ($1.validation ?? .infinity) }
  }

  /// How many lines have a validation loss.
  package var validations: Int { entries.count { $0.validation != nil } }

  /// The mean of the last twentieth of the losses, which single batches move less.
  package var finalLoss: Double? {
    let losses = entries.compactMap(\.loss)
    guard !losses.isEmpty else { return nil }
    let tail = losses.suffix(max(losses.count / 20, 1))
    return tail.reduce(0, +) / Double(tail.count)
  }

  /// What runs are compared by: the best validation loss, else the final loss.
  package var score: Double? { best?.validation ?? finalLoss }
}

/// What a run was planned to be.
package struct PlannedRun: Sendable {
  /// The rate of every update; `nil` without a plan.
  package var rate: (@Sendable (Int) -> Double)?
  /// Updates of the whole run.
  package var steps: Int?
  /// The norm to which gradients are clipped.
  package var clip: Double?
  /// Classes that the loss chooses among.
  package var vocabulary: Int?
  /// Whether the weights start anew, so that the first loss is that of guessing.
  package var startsAnew = true
  /// Whether the step computes in f16 without scaling the loss.
  package var isUnscaledHalf = false

  package init() {}
}

/// What the rules judge: the logs of one run or one study.
package struct ReviewSubject: Sendable {
  package let logs: [RunLog]
  package let plan: PlannedRun

  package init(_ logs: [RunLog], plan: PlannedRun = PlannedRun()) {
    self.logs = logs
    self.plan = plan
  }

  /// The updates that a run was to have: the plan's, or those that its log reaches.
  func steps(of log: RunLog) -> Int { max(plan.steps ?? log.lastStep, 1) }
}
