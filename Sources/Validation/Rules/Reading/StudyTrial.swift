// StudyTrial: the values of a study put into the model, in every combination that it will train.
// Elaborated once for all rules about studies, because each trial is a model of its own.
import Diagnostics
import Dimensions
import IR
import Language

/// Values of a study, and what became of the model.
struct StudyTrial: Sendable {
  /// A field as the study sets it.
  struct Setting: Hashable, Sendable {
    var name: String
    var text: String
    var range: SourceRange
  }

  /// One value that decides alone, or a combination of one value of each axis.
  var settings: [Setting]
  /// The first error; `nil` when there is a model.
  var mistake: Diagnostic?
  /// How many other combinations fail with the same mistake.
  var alike = 0
  /// A value of the same axis that makes the same model.
  var twin: Setting?

  /// Larger studies than this are not tried.
  static let mostTrials = 128
  /// Larger models than this are not elaborated again and again.
  static let mostFunctions = 500
}

extension RuleSubject {
  /// Elaborates the model of a file with other values of its config.
  package typealias Elaboration =
    @Sendable ([ConfigOverride]) -> (model: ElaboratedModel?, findings: [Diagnostic])

  /// Tries the combinations of all fields that a study varies.
  func triedStudies(_ elaborate: Elaboration) -> [StudyTrial] {
    let fields = Set(program.config.map(\.name))
    let axes = (plan?.variations ?? []).filter { fields.contains($0.name.text) }
    guard !axes.isEmpty, program.functions.count <= StudyTrial.mostFunctions,
      let grid = StudyGrid(axes, elaborate)
    else { return [] }
    return grid.refused + grid.twins { isRead($0) }
  }

  /// Whether something in the file reads a config field.
  private func isRead(_ field: String) -> Bool {
    !model.unreadFields.contains { $0.name == field }
  }
}

/// Every combination of the values of some axes, with its model.
private struct StudyGrid {
  private struct Row {
    /// The place of the value on each axis.
    var places: [Int]
    var mistake: Diagnostic?
    var print: ModelPrint?
  }

  private let axes: [VariedPlan]
  private var rows: [Row] = []

  /// - Returns: `nil` when there are too many combinations to try.
  init?(_ axes: [VariedPlan], _ elaborate: RuleSubject.Elaboration) {
    self.axes = axes
    var places: [[Int]] = [[]]
    for axis in axes {
      guard places.count * axis.values.count <= StudyTrial.mostTrials else { return nil }
      places = places.flatMap { row in axis.values.indices.map { row + [$0] } }
    }
    // What is wrong whatever the study does is told where it stands.
    let known = elaborate([]).findings.filter { $0.severity == .error }
    for row in places {
      let overrides = zip(axes, row).map { axis, place in
        ConfigOverride(name: axis.name.text, value: axis.values[place], range: axis.ranges[place])
      }
      let (model, found) = elaborate(overrides)
      let mistake = found.first { finding in
        finding.severity == .error
          && !known.contains { $0.id == finding.id && $0.range == finding.range }
      }
      rows.append(
        Row(places: row, mistake: mistake, print: mistake == nil ? model.map(ModelPrint.init) : nil)
      )
    }
  }

  private func setting(_ axis: Int, _ place: Int) -> StudyTrial.Setting {
    StudyTrial.Setting(
      name: axes[axis].name.text, text: axes[axis].values[place].text,
      range: axes[axis].ranges[place])
  }

  /// Values that fail whatever the others are, then what fails only together, once for each mistake.
  var refused: [StudyTrial] {
    var trials: [StudyTrial] = []
    var told: Set<[Int]> = []
    for axis in axes.indices {
      for place in axes[axis].values.indices {
        let own = rows.filter { $0.places[axis] == place }
        guard let mistake = own.first?.mistake, own.allSatisfy({ $0.mistake != nil }) else {
          continue
        }
        // A model that fails with every value of the study fails for another reason than this one.
        guard axes.count == 1 || own.count < rows.count else { continue }
        trials.append(StudyTrial(settings: [setting(axis, place)], mistake: mistake))
        told.formUnion(own.map(\.places))
      }
    }
    var kinds: [Int] = []
    for row in rows where !told.contains(row.places) {
      guard let mistake = row.mistake else { continue }
      let known = kinds.first {
        trials[$0].mistake?.id == mistake.id && trials[$0].mistake?.range == mistake.range
      }
      if let known {
        trials[known].alike += 1
      } else {
        kinds.append(trials.count)
        let settings = row.places.enumerated().map { setting($0, $1) }
        trials.append(StudyTrial(settings: settings, mistake: mistake))
      }
    }
    return trials
  }

  /// Values that make the same models as an earlier value of their axis, whatever the others are.
  func twins(where isRead: (String) -> Bool) -> [StudyTrial] {
    var trials: [StudyTrial] = []
    for axis in axes.indices where isRead(axes[axis].name.text) {
      for place in axes[axis].values.indices.dropFirst() {
        let twin = (0..<place).first { other in
          axes[axis].values[other].text != axes[axis].values[place].text
            && isSame(axis, place, other)
        }
        guard let twin else { continue }
        var trial = StudyTrial(settings: [setting(axis, place)])
        trial.twin = setting(axis, twin)
        trials.append(trial)
      }
    }
    return trials
  }

  private func isSame(_ axis: Int, _ place: Int, _ other: Int) -> Bool {
    var compared = false
    for row in rows where row.places[axis] == place {
      var places = row.places
      places[axis] = other
      let twin = rows.first { $0.places == places }
      guard let print = row.print, let second = twin?.print else { continue }
      guard print == second else { return false }
      compared = true
    }
    return compared
  }
}

/// What makes two models the same: weights and operations, without places.
private struct ModelPrint: Equatable {
  private struct Weight: Equatable {
    var name: String
    var type: TensorType
    var initialiser: Initialiser
    var trainable: Bool
  }

  private var weights: [[Weight]]
  private var children: [[Child]]
  private var functions: [String]
  private var bounds: Assumptions

  init(_ model: ElaboratedModel) {
    weights = model.program.definitions.map { definition in
      definition.parameters.map {
        Weight(
          name: $0.name, type: $0.type, initialiser: $0.initialiser, trainable: $0.trainable)
      }
    }
    children = model.program.definitions.map(\.children)
    functions = model.program.functions.indices.map {
      model.program.text(of: FunctionID(index: $0))
    }
    bounds = model.program.assumptions
  }
}
