// RuleSubject: what rules look at: the elaborated model, its plan as written, and its weights.
// Gathered once for all rules, so that a rule is only its condition and its words.
import Analysis
import Diagnostics
import Dimensions
import IR
import Language

/// The model that rules judge.
package struct RuleSubject: Sendable {
  package let model: ElaboratedModel
  package let sources: SourceMap
  /// The `train` section as it was written; `nil` without one.
  package let train: TrainDeclaration?
  /// The weights of a model that is trained; `nil` without a plan, of which alone they are asked,
  /// and when there are too many to list.
  package let ledger: ParameterLedger?
  /// What the forward graph says; `nil` without one, or when it is too large.
  let graph: GraphReader?
  /// What the `decay` line means; `nil` without one.
  let decayGroups: DecayGroups?
  /// The schedule over the plan's run; `nil` without a schedule or a known length.
  private(set) var scheduleAudit: ScheduleAudit?
  /// The sets of layers that a study adapts; empty without such an axis.
  private(set) var studySets: [StudySet] = []
  /// The models of a study that varies fields of the config; empty without such an axis.
  private(set) var studyTrials: [StudyTrial] = []

  /// - Parameters:
  ///   - model: the model.
  ///   - train: its section.
  ///   - sources: where both stand.
  ///   - elaborate: makes the model with other values of its config, where a study varies them.
  package init(
    _ model: ElaboratedModel, train: TrainDeclaration?, sources: SourceMap,
    elaborate: Elaboration? = nil
  ) {
    self.model = model
    self.train = train
    self.sources = sources
    // Of a model with errors only the plan is read.
    graph = model.isSound ? GraphReader(model.program, sources: sources) : nil
    let ledger = train == nil || !model.isSound ? nil : try? ParameterLedger(model.program)
    self.ledger = ledger
    if let decay = model.plan?.decay, let ledger {
      decayGroups = DecayGroups(decay, ledger)
    } else {
      decayGroups = nil
    }
    // Many rules read these, and a long schedule without closed forms is evaluated step by step.
    scheduleAudit = auditedSchedule
    guard model.isSound else { return }
    studySets = resolvedStudySets
    if let elaborate { studyTrials = triedStudies(elaborate) }
  }

  var program: Program { model.program }

  /// The plan, when its section was written.
  var plan: TrainingPlan? { train == nil ? nil : model.plan }

  /// The line of the `train` section that begins with a word.
  func line(_ keyword: String) -> SourceRange? {
    train?.members.last { $0.keyword == keyword }?.range
  }

  /// The argument of the optimiser with a label.
  func optimizerArgument(_ label: String) -> Expression? {
    for case .optimizer(let expression, _)? in train?.members.reversed() ?? [] {
      guard case .call(let call) = expression.kind else { return nil }
      return call.arguments.last { $0.label?.text == label }?.value
    }
    return nil
  }

  /// True when no weight is frozen: the model learns from nothing, or wholly anew.
  var trainsEverything: Bool {
    ledger.map { $0.totals.frozen == 0 } ?? false
  }

  /// The sites of the forward graph; none when it was not read.
  var sites: GraphSites { graph?.sites ?? GraphSites() }

  /// Whether a `config.json` filled fields of the model, so that it describes what exists already.
  var isFromConfigFile: Bool {
    program.config.contains { field in
      field.overridden && field.range.map { sources[$0.source].path != "--set" } ?? false
    }
  }

  func text(_ range: SourceRange?) -> String {
    range.map { DisplayText.safe(sources.text(in: $0)) } ?? ""
  }

  /// A count with its digits in groups, as the language writes it.
  func grouped(_ count: Int) -> String { Figures.grouped(Dimension(count), by: "_") }

  /// A count that need not be whole, without needless digits.
  func grouped(_ count: Double) -> String {
    guard let whole = Int(exactly: count.rounded()) else { return "\(count)" }
    if Double(whole) == count { return grouped(whole) }
    return Figures.fixed(count, places: 2)
  }
}
