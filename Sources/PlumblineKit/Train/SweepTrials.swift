// SweepTrials: the model of every point of a grid, made before the first run begins.
// Apart from the runs: what fails is told at the value that is to blame, and nothing is left behind.
import Analysis
import Diagnostics
import Language
import Validation

/// How many weights the model of a point has.
package struct SweepCounts: Hashable, Sendable {
  package let trained: Int
  package let total: Int
}

/// Makes the model and section of a point.
struct SweepMaker {
  let path: String
  let settings: [Setting]
  let overrides: TrainingOverrides
  /// The fields of the model's config.
  let fields: Set<String>

  static func load(_ path: String, _ settings: [Setting]) throws(RunFailure) -> LoadedModel {
    do throws(UnreadableFile) {
      return try Workspace.load(path, settings: settings)
    } catch {
      throw RunFailure("unreadable-file", "\(error.path): \(error.reason)")
    }
  }

  /// - Throws: ``RunFailure`` when a value is none, or makes no model or no plan.
  func effective(_ choices: [SweepPoint.Choice]) throws(RunFailure) -> EffectiveModel {
    let changes = try SweepPoint(choices: choices, folder: "").applied(
      to: overrides, fields: fields)
    let names = Set(changes.settings.map(\.name))
    let all = settings.filter { !names.contains($0.name) } + changes.settings
    var loaded = try Self.load(path, all)
    if !changes.adapters.isEmpty {
      guard !loaded.isUnsound else { throw RunFailure(loaded.diagnostics, in: loaded.sources) }
      loaded = try AdapterVariation(loaded).applied(changes.adapters, settings: all)
    }
    return try EffectiveModel(
      loaded, changes.overrides, isVaried: !changes.adapters.isEmpty)
  }

  func effective(_ point: SweepPoint) throws(RunFailure) -> EffectiveModel {
    try effective(point.choices)
  }
}

/// Tries the points of a grid.
struct SweepTrials {
  private let maker: SweepMaker
  private let grid: SweepGrid
  private let sources: SourceMap
  /// What the rules say of the model as it stands in its file, which is told by `check`.
  private let known: Set<String>
  private(set) var counts: [SweepCounts] = []
  /// What the rules say of adapters that only the study makes, each once.
  private(set) var findings: [Diagnostic] = []

  init(_ maker: SweepMaker, _ grid: SweepGrid, sources: SourceMap, known: [Diagnostic]) {
    self.maker = maker
    self.grid = grid
    self.sources = sources
    self.known = Set(known.map { $0.id + $0.message })
  }

  /// - Throws: ``RunFailure`` when the point can't be a run.
  mutating func `try`(_ point: SweepPoint) throws(RunFailure) {
    let effective: EffectiveModel
    do throws(RunFailure) {
      effective = try maker.effective(point)
      try RunAdapters.refuse(effective.model, allowing: maker.overrides.allowed)
    } catch {
      throw blamed(error, point)
    }
    do throws(AnalysisError) {
      let totals = try ParameterLedger(effective.model.program).totals
      counts.append(SweepCounts(trained: totals.trainable, total: totals.total))
    } catch {
      throw RunFailure("too-large-to-run", error.message)
    }
    let adapters = Set(AdapterRules.all.map { rule in rule.id })
    for finding in effective.loaded.ruleFindings
    where adapters.contains(finding.id) && !known.contains(finding.id + finding.message) {
      guard !findings.contains(where: { $0.id == finding.id && $0.message == finding.message })
      else { continue }
      var told = finding
      // Its own place is in the text of one run, which nobody has written.
      told.range = place(of: point) { SweepGrid.adapters.contains($0) }
      told.notes = []
      told.fixes = told.fixes.map { FixIt(message: $0.message, effect: $0.effect) }
      told.facts.append(.line("in the run with \(point.text)"))
      findings.append(told)
    }
  }

  // MARK: Blame

  /// A failure at the value that is to blame: the one whose exchange alone mends it.
  private func blamed(_ failure: RunFailure, _ point: SweepPoint) -> RunFailure {
    var told = failure
    told.diagnostics = failure.diagnostics.map { diagnostic in
      var told = diagnostic
      told.facts.append(.line("the run with \(point.text)"))
      return told
    }
    guard let mistake = failure.diagnostics.first(where: { $0.severity == .error }) else {
      return told
    }
    let guilty = grid.axes.indices.filter { axis in
      // What is wrong in itself says so without a model.
      if grid.axes.count == 1, grid.axes[axis].values.count == 1 { return true }
      return grid.axes[axis].values.contains { value in
        var choices = point.choices
        guard choices[axis].value != value else { return false }
        choices[axis] = SweepPoint.Choice(name: choices[axis].name, value: value)
        return (try? maker.effective(choices)) != nil
      }
    }
    guard let axis = guilty.last, let place = place(of: point, axis) else { return told }
    if mistake.range == nil {
      // A value that is none, which has no text of its own to point into.
      return RunFailure(told.diagnostics, in: sources).placed(at: place)
    }
    // A schedule's own text shows more than the value as a whole.
    guard point.choices[axis].name != "schedule" else { return told }
    let words = guilty.map { "\(point.choices[$0].name) = \(point.choices[$0].value)" }
    return RunFailure(
      [
        Diagnostic(
          id: "sweep-value-illegal", severity: .error,
          message: "`\(words.joined(separator: ", "))` makes no model: \(mistake.message)",
          range: place,
          facts: mistake.facts.filter { !$0.text.isEmpty } + [.line("the run with \(point.text)")],
          notes: guilty.dropLast().compactMap { other in
            self.place(of: point, other).map {
              Note(
                message: "together with `\(point.choices[other].name) ="
                  + " \(point.choices[other].value)`", range: $0)
            }
          }, fixes: mistake.fixes.map { FixIt(message: $0.message, effect: $0.effect) })
      ], in: sources)
  }

  private func place(of point: SweepPoint, _ axis: Int) -> SourceRange? {
    let choice = point.choices[axis]
    return grid.axes[axis].values.firstIndex(of: choice.value)
      .flatMap { grid.axes[axis].places.element($0) }
  }

  private func place(of point: SweepPoint, where isMeant: (String) -> Bool) -> SourceRange? {
    grid.axes.indices.first { isMeant(grid.axes[$0].name) }.flatMap { place(of: point, $0) }
  }
}
