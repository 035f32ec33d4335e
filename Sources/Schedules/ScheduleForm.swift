// ScheduleForm: a named schedule as a description writes it: its parameters, and how it is made.
// Apart from curves, so that names, defaults and ranges are declared once and checked in one place.

/// A value that an argument may have.
package enum ScheduleValue: Sendable {
  case number(Double)
  case integer(Int)
  case flag(Bool)
  case text(String)
  case list([ScheduleValue])
  case formula(RateFormula)
  case curve(any RateCurve)
  case none

  var asDouble: Double? {
    switch self {
    case .number(let value): value
    case .integer(let value): Double(value)
    default: nil
    }
  }
}

/// A parameter of a form.
package struct ScheduleParameter: Sendable {
  /// What a parameter takes.
  package enum Kind: Hashable, Sendable {
    case number(ClosedRange<Double>)
    case steps(atLeast: Int)
    case flag
    case word([String])
    case milestones
    case schedules
    case formula
  }

  package var name: String
  package var kind: Kind
  /// `nil` for one that must be given.
  package var fallback: ScheduleValue?

  init(_ name: String, _ kind: Kind, _ fallback: ScheduleValue? = nil) {
    self.name = name
    self.kind = kind
    self.fallback = fallback
  }

  /// What is wrong with a value, if anything.
  package func complaint(about value: ScheduleValue) -> String? {
    // `none` is a value where it is the default.
    if case .none = value, case .some(.none) = fallback { return nil }
    switch kind {
    case .number(let range):
      guard let number = value.asDouble else { return "needs a number" }
      guard number.isFinite else { return "needs a finite number" }
      if range.contains(number) { return nil }
      return range.upperBound.isFinite
        ? "must be from \(Self.text(range.lowerBound)) to \(Self.text(range.upperBound)), "
          + "found \(Self.text(number))"
        : "must be at least \(Self.text(range.lowerBound)), found \(Self.text(number))"
    case .steps(let least):
      guard case .integer(let steps) = value else { return "needs a whole number of steps" }
      return steps >= least ? nil : "must be at least \(least), found \(steps)"
    case .flag:
      if case .flag = value { return nil }
      return "needs `true` or `false`"
    case .word(let words):
      guard case .text(let word) = value else { return "needs a word in quotes" }
      return words.contains(word)
        ? nil
        : "must be \(words.map { "\"\($0)\"" }.joined(separator: " or ")), found \"\(word)\""
    case .milestones:
      guard case .list(let items) = value else { return "needs a list of steps" }
      for item in items {
        guard case .integer(let step) = item else { return "needs whole numbers of steps" }
        if step < 0 { return "must not be negative, found \(step)" }
      }
      return nil
    case .schedules:
      guard case .list(let items) = value, !items.isEmpty else {
        return "needs a list of schedules"
      }
      for item in items {
        guard case .curve = item else { return "needs a list of schedules" }
      }
      return nil
    case .formula:
      if case .formula = value { return nil }
      return "needs a formula of `step`"
    }
  }

  /// A number without `.0`.
  static func text(_ value: Double) -> String {
    Int(exactly: value).map { "\($0)" } ?? "\(value)"
  }

  static func fraction(_ name: String, _ fallback: Double? = nil) -> ScheduleParameter {
    ScheduleParameter(name, .number(0...1), fallback.map { .number($0) })
  }

  static func rate(_ name: String, _ fallback: ScheduleValue? = nil) -> ScheduleParameter {
    ScheduleParameter(name, .number(0...Double.infinity), fallback)
  }

  static func steps(
    _ name: String, atLeast least: Int = 0, _ fallback: ScheduleValue? = nil
  ) -> ScheduleParameter {
    ScheduleParameter(name, .steps(atLeast: least), fallback)
  }
}

/// What a schedule is made from: arguments, the clauses of its phase, and where it stands.
package struct ScheduleRequest: Sendable {
  /// Checked against the parameters, with defaults filled in.
  package var arguments: [String: ScheduleValue] = [:]
  /// The rate of the optimiser.
  package var peak: Double
  /// The rate with which the phase begins.
  package var start: Double
  package var from: Double?
  package var to: Double?
  /// How many steps the phase has; `nil` when it does not say.
  package var length: Int?
  /// The steps before the phase.
  package var before = 0
  package var convention: StepConvention = .plumbline
  package var isLast = true

  package init(peak: Double, start: Double? = nil) {
    self.peak = peak
    self.start = start ?? peak
  }

  func number(_ name: String) -> Double { arguments[name]?.asDouble ?? 0 }

  func numberIfAny(_ name: String) -> Double? { arguments[name]?.asDouble }

  func steps(_ name: String) -> Int { stepsIfAny(name) ?? 0 }

  func stepsIfAny(_ name: String) -> Int? {
    if case .integer(let value) = arguments[name] { value } else { nil }
  }

  func flag(_ name: String) -> Bool {
    if case .flag(let value) = arguments[name] { value } else { false }
  }

  func word(_ name: String) -> String {
    if case .text(let value) = arguments[name] { value } else { "" }
  }

  func list(_ name: String) -> [ScheduleValue] {
    if case .list(let values) = arguments[name] { values } else { [] }
  }

  func milestones(_ name: String) -> [Int] {
    list(name).compactMap { if case .integer(let step) = $0 { step } else { nil } }
  }

  func curves(_ name: String) -> [any RateCurve] {
    list(name).compactMap { if case .curve(let curve) = $0 { curve } else { nil } }
  }

  func formula(_ name: String) -> RateFormula {
    if case .formula(let formula) = arguments[name] { formula } else { .number(1) }
  }
}

/// A named schedule.
package struct ScheduleForm: Sendable {
  /// Which clauses a phase of this form may have.
  package enum Clauses: Hashable, Sendable {
    /// A tool's own schedule: everything is in its arguments.
    case none
    /// `from`.
    case start
    /// `to`, and `from`.
    case floor
    /// `to`, and a length that must be given.
    case transition
    /// `from`, `to` and a length that must be given.
    case excursion
    /// `from`, and a length that must be given.
    case warmup
  }

  package typealias Maker =
    @Sendable (ScheduleRequest) throws(ScheduleFault) -> any RateCurve

  package var name: String
  package var parameters: [ScheduleParameter]
  package var clauses: Clauses
  private let maker: Maker

  init(
    _ name: String, _ parameters: [ScheduleParameter] = [], clauses: Clauses = .none,
    make: @escaping Maker
  ) {
    self.name = name
    self.parameters = parameters
    self.clauses = clauses
    maker = make
  }

  package var allowsFrom: Bool { clauses != .none && clauses != .transition }
  package var allowsTo: Bool {
    clauses == .floor || clauses == .transition || clauses == .excursion
  }
  package var needsLength: Bool {
    clauses == .transition || clauses == .excursion || clauses == .warmup
  }

  /// Checks the arguments and makes the schedule.
  ///
  /// - Throws: ``ScheduleFault`` with the first argument that is missing or out of range.
  package func make(_ request: ScheduleRequest) throws(ScheduleFault) -> any RateCurve {
    var request = request
    for parameter in parameters {
      guard let value = request.arguments[parameter.name] ?? parameter.fallback else {
        throw ScheduleFault("`\(name)` needs `\(parameter.name)`")
      }
      if let complaint = parameter.complaint(about: value) {
        throw ScheduleFault(
          "`\(parameter.name)` of `\(name)` \(complaint)", argument: parameter.name)
      }
      request.arguments[parameter.name] = value
    }
    for (clause, rate) in [("from", request.from), ("to", request.to)] {
      guard let rate, !(rate.isFinite && rate >= 0) else { continue }
      throw ScheduleFault(
        "a rate must be at least 0, found \(ScheduleParameter.text(rate))", argument: clause)
    }
    return try maker(request)
  }
}
