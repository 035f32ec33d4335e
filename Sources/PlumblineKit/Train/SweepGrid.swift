// SweepGrid: every combination of the values of a study's axes.
// Values stay texts until a run is made, so that a folder's name says what was asked for.
import Diagnostics
import Language

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
  /// What an `adapt` line says, where the model has one.
  package static let adapters = ["rank", "alpha", "targets"]

  package let axes: [SweepAxis]
  package let points: [SweepPoint]

  /// - Parameters:
  ///   - axes: in the order of their columns; the last varies fastest.
  ///   - fields: the fields of the model's config.
  ///   - dimensions: the names of its dimensions.
  ///   - isAdapted: whether the model has an `adapt` line.
  /// - Throws: ``RunFailure`` for a name that nothing has, a value that comes twice, and a grid of
  ///   more than ``mostRuns``.
  package init(
    _ axes: [SweepAxis], fields: [String], dimensions: [String], isAdapted: Bool = false
  ) throws(RunFailure) {
    guard !axes.isEmpty else {
      throw RunFailure(
        "sweep-without-axes", "nothing is varied",
        help: "say what, as in --vary rate=1e-4,3e-4,1e-3, or write a `vary` line into the section")
    }
    let known = Self.lines + (isAdapted ? Self.adapters : []) + dimensions + fields
    var names: Set<String> = []
    var count = 1
    for axis in axes {
      guard known.contains(axis.name) else {
        guard !Self.adapters.contains(axis.name) else {
          throw RunFailure(
            "sweep-without-adapter",
            "`\(axis.name)` varies what an `adapt` line says, and the model has none",
            help:
              "write `adapt PATH with lora(rank: 8, alpha: 16)` in the model, or give its config a"
              + " field `\(axis.name)`"
          ).placed(at: axis.places.first)
        }
        let near = Nearest.match(axis.name, in: known)
        throw RunFailure(
          "unknown-name",
          "there is nothing called `\(axis.name)` to vary"
            + (near.map { "; did you mean `\($0)`?" } ?? ""),
          facts: [.line("known: " + known.joined(separator: ", "))]
        ).placed(at: axis.places.first)
      }
      guard names.insert(axis.name).inserted else {
        throw RunFailure("sweep-repeats-value", "`\(axis.name)` is varied twice")
      }
      var values: Set<String> = []
      for (index, value) in axis.values.enumerated()
      where !values.insert(Self.canonical(value)).inserted {
        throw RunFailure("sweep-repeats-value", "`\(axis.name)` takes the value \(value) twice")
          .placed(at: axis.places.element(index))
      }
      let (product, overflow) = count.multipliedReportingOverflow(by: axis.values.count)
      count = product
      guard !overflow, count <= Self.mostRuns else {
        throw RunFailure(
          "sweep-too-large", "the grid has more than \(Self.mostRuns) runs",
          facts: axes.map { .line("\($0.name): \($0.values.count) values") }
        ).placed(at: axis.places.first)
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
  /// What a point changes in a model, in its `adapt` line and in its section.
  struct Changes {
    /// Of config fields.
    var settings: [Setting] = []
    var overrides: TrainingOverrides
    var adapters = AdapterChange()
  }

  /// What the point changes.
  ///
  /// - Parameters:
  ///   - overrides: what every run of the study changes.
  ///   - fields: the fields of the model's config.
  /// - Returns: each change where it belongs.
  /// - Throws: ``RunFailure`` for a value that is no number where one is needed.
  func applied(
    to overrides: TrainingOverrides, fields: Set<String>
  ) throws(RunFailure) -> Changes {
    var changes = Changes(overrides: overrides)
    for choice in choices {
      switch choice.name {
      case "rate": changes.overrides.rate = try number(choice)
      case "clip": changes.overrides.clip = try number(choice)
      case "steps": changes.overrides.steps = try whole(choice, least: 1)
      case "seed": changes.overrides.seed = try whole(choice, least: 0)
      case "accumulate": changes.overrides.accumulate = try whole(choice, least: 1)
      case "schedule": changes.overrides.schedule = choice.value
      // A field that the author has wired into the adapter by that name means more than one line.
      case "rank" where !fields.contains("rank"):
        changes.adapters.arguments["rank"] = "\(try whole(choice, least: 1))"
      case "alpha" where !fields.contains("alpha"):
        _ = try number(choice)
        changes.adapters.arguments["alpha"] = choice.value
      case "targets" where !fields.contains("targets"):
        changes.adapters.targets = choice.value
      default:
        let setting = Setting(name: choice.name, value: choice.value)
        if setting.isDimension {
          changes.overrides.batch[choice.name] = try whole(choice, least: 1)
        } else {
          changes.settings.append(setting)
        }
      }
    }
    return changes
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
