// SweepGrid: the axes of a study, and every combination of their values.
// Values stay texts until a run is made, so that a folder's name says what was asked for.
import Diagnostics
import Language

/// One axis: a name and the values that it takes.
package struct SweepAxis: Hashable, Sendable {
  package let name: String
  package let values: [String]

  package init(name: String, values: [String]) {
    self.name = name
    self.values = values
  }

  /// Parses `rate=1e-4,3e-4`, or `schedule=constant|cosine to 0 at step 50` where values hold commas;
  /// `nil` without a name, a sign of equality or a value.
  package init?(parsing text: String) {
    guard let setting = Setting(parsing: text) else { return nil }
    let separator: Character = setting.value.contains("|") ? "|" : ","
    let values = setting.value.split(separator: separator, omittingEmptySubsequences: false)
      .map { $0.trimmed }
    guard !values.contains("") else { return nil }
    self.init(name: setting.name.filter { $0 != " " }, values: values)
  }

  /// The axes of a plan's `vary` lines.
  package static func axes(of plan: TrainingPlan) -> [SweepAxis] {
    plan.variations.map { axis in
      SweepAxis(
        name: axis.name.text,
        values: axis.values.map { value in
          if case .string(let text) = value { text } else { value.text }
        })
    }
  }
}

/// One combination of values.
package struct SweepPoint: Hashable, Sendable {
  /// A value of one axis.
  package struct Choice: Hashable, Sendable {
    package let name: String
    package let value: String
  }

  package let choices: [Choice]
  /// The folder of its run, within that of the study.
  package let folder: String

  /// `rate = 1e-4, seed = 2`.
  package var text: String { choices.map { "\($0.name) = \($0.value)" }.joined(separator: ", ") }
}

/// All combinations of some axes.
package struct SweepGrid: Hashable, Sendable {
  /// More runs than any study of this machine has.
  package static let mostRuns = 1_000
  /// What a section says, beside sizes of dimensions and fields of the config.
  package static let lines = ["rate", "steps", "seed", "accumulate", "clip", "schedule"]

  package let axes: [SweepAxis]
  package let points: [SweepPoint]

  /// - Parameters:
  ///   - axes: in the order of their columns; the last varies fastest.
  ///   - fields: the fields of the model's config.
  ///   - dimensions: the names of its dimensions.
  /// - Throws: ``RunFailure`` for a name that nothing has, a value that comes twice, and a grid of
  ///   more than ``mostRuns``.
  package init(
    _ axes: [SweepAxis], fields: [String], dimensions: [String]
  ) throws(RunFailure) {
    guard !axes.isEmpty else {
      throw RunFailure(
        "sweep-without-axes", "nothing is varied",
        help: "say what, as in --vary rate=1e-4,3e-4,1e-3, or write a `vary` line into the section")
    }
    let known = Self.lines + dimensions + fields
    var names: Set<String> = []
    var count = 1
    for axis in axes {
      guard known.contains(axis.name) else {
        let near = Nearest.match(axis.name, in: known)
        throw RunFailure(
          "unknown-name",
          "there is nothing called `\(axis.name)` to vary"
            + (near.map { "; did you mean `\($0)`?" } ?? ""),
          facts: [.line("known: " + known.joined(separator: ", "))])
      }
      guard names.insert(axis.name).inserted else {
        throw RunFailure("sweep-repeats-value", "`\(axis.name)` is varied twice")
      }
      var values: Set<String> = []
      for value in axis.values where !values.insert(Self.canonical(value)).inserted {
        throw RunFailure("sweep-repeats-value", "`\(axis.name)` takes the value \(value) twice")
      }
      let (product, overflow) = count.multipliedReportingOverflow(by: axis.values.count)
      count = product
      guard !overflow, count <= Self.mostRuns else {
        throw RunFailure(
          "sweep-too-large", "the grid has more than \(Self.mostRuns) runs",
          facts: axes.map { .line("\($0.name): \($0.values.count) values") })
      }
    }
    self.axes = axes
    var points: [[SweepPoint.Choice]] = [[]]
    for axis in axes {
      points = points.flatMap { point in
        axis.values.map { point + [SweepPoint.Choice(name: axis.name, value: $0)] }
      }
    }
    self.points = points.map { SweepPoint(choices: $0, folder: Self.folder($0, of: axes)) }
  }

  /// `1e-3` and `0.001` are one value.
  private static func canonical(_ value: String) -> String {
    Double(value.filter { $0 != "_" }).map { "\($0)" } ?? value
  }

  /// A name that every file system takes: what a value is too long or too strange for is said by its
  /// number.
  private static func folder(_ choices: [SweepPoint.Choice], of axes: [SweepAxis]) -> String {
    zip(choices, axes).map { choice, axis in
      let isPlain = choice.value.allSatisfy {
        $0.isASCII && ($0.isLetter || $0.isNumber || ".-+_".contains($0))
      }
      let number = (axis.values.firstIndex(of: choice.value) ?? 0) + 1
      let value = isPlain && choice.value.count <= 24 ? choice.value : slug(choice.value, number)
      return "\(choice.name)=\(value)"
    }.joined(separator: ",")
  }

  private static func slug(_ value: String, _ number: Int) -> String {
    let words = value.split { !($0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".")) }
    return "\(number)-" + String(words.joined(separator: "-").prefix(32))
  }
}

extension SweepPoint {
  /// What the point changes in the model and in its section.
  ///
  /// - Parameter overrides: what every run of the study changes.
  /// - Returns: settings of config fields, and the section's values.
  /// - Throws: ``RunFailure`` for a value that is no number where one is needed.
  func applied(
    to overrides: TrainingOverrides
  ) throws(RunFailure) -> (settings: [Setting], overrides: TrainingOverrides) {
    var overrides = overrides
    var settings: [Setting] = []
    for choice in choices {
      switch choice.name {
      case "rate": overrides.rate = try number(choice)
      case "clip": overrides.clip = try number(choice)
      case "steps": overrides.steps = try whole(choice, least: 1)
      case "seed": overrides.seed = try whole(choice, least: 0)
      case "accumulate": overrides.accumulate = try whole(choice, least: 1)
      case "schedule": overrides.schedule = choice.value
      default:
        let setting = Setting(name: choice.name, value: choice.value)
        if setting.isDimension {
          overrides.batch[choice.name] = try whole(choice, least: 1)
        } else {
          settings.append(setting)
        }
      }
    }
    return (settings, overrides)
  }

  private func number(_ choice: Choice) throws(RunFailure) -> Double {
    guard let value = Double(choice.value), value.isFinite, value > 0 else {
      throw RunFailure(
        "sweep-value", "`\(choice.name)` varies over positive numbers, found \(choice.value)")
    }
    return value
  }

  private func whole(_ choice: Choice, least: Int) throws(RunFailure) -> Int {
    guard let value = Setting(name: choice.name, value: choice.value).integer, value >= least else {
      throw RunFailure(
        "sweep-value",
        "`\(choice.name)` varies over whole numbers of at least \(least), found \(choice.value)")
    }
    return value
  }
}

extension Substring {
  fileprivate var trimmed: String {
    var text = self
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
  }
}
