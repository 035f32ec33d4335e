// RuleCheck: what the rules find in a model, under what its file decides about findings.
// Apart from the rules, which know no ids but their own, and from the workspace, which opens files.
import Diagnostics
import Language
import Validation

/// The rules applied to one model.
struct RuleCheck {
  private let model: ElaboratedModel
  private let library: ModuleLibrary
  private let file: Int
  private let overrides: [ConfigOverride]
  private let train: TrainDeclaration?

  init(
    _ model: ElaboratedModel, library: ModuleLibrary, file: Int, overrides: [ConfigOverride] = []
  ) {
    self.model = model
    self.library = library
    self.file = file
    self.overrides = overrides
    let name = model.program.name
    let files = [file] + (library.files[file].names[name].map { [$0.file] } ?? [])
    let reference = files.compactMap { library.files[$0].trains[name] }.first
    if model.plan != nil, let reference, case .train(let declaration) = library[reference] {
      train = declaration
    } else {
      train = nil
    }
  }

  /// What the rules look at.
  var subject: RuleSubject {
    let (library, file, overrides) = (library, file, overrides)
    let name = model.program.name
    return RuleSubject(model, train: train, sources: library.sources) { changed in
      let names = Set(changed.map(\.name))
      let all = overrides.filter { !names.contains($0.name) } + changed
      var elaborator = Elaborator(library: library, overrides: all)
      return elaborator.elaborate(file: file, model: name)
    }
  }

  /// Whether a step fits the device that the plan names.
  private var deviceFindings: [Diagnostic] {
    guard let train, model.isSound, let plan = model.plan,
      plan.faults.isDisjoint(with: ["batch", "precision", "device"]),
      plan.optimizer != nil || !train.members.contains(where: { $0.keyword == "optimizer" })
    else { return [] }
    return DeviceMemory.findings(model.program, plan: plan)
  }

  /// Judges a model; of one with errors only the plan.
  ///
  /// - Parameters:
  ///   - found: what its elaboration found; policies act on these warnings too.
  ///   - isAsWritten: false when settings or a config changed the model, so that a policy which
  ///     acts on nothing is no mistake of the file.
  /// - Returns: the earlier findings and those of the rules, under the policies.
  func judgement(
    of found: [Diagnostic], isAsWritten: Bool
  ) -> (others: [Diagnostic], rules: [Diagnostic]) {
    let policies =
      model.policies + (model.plan?.policies ?? []).map { ModelPolicy($0, isOwn: true) }
    let subject = subject
    var raw =
      RuleBook.findings(in: subject) + deviceFindings
      + (train == nil ? [] : StudySchedules.findings(of: model.plan))
    if model.isSound {
      raw += subject.studyTargetFindings
      raw += AdaptedModel(model, library: library, file: file).findings
    }
    var used: Set<String> = []
    let others = found.compactMap { apply(policies, to: $0, &used) }
    var rules: [Diagnostic] = []
    for finding in raw {
      let isAsked = policies.contains {
        $0.policy.id.text == finding.id && $0.policy.severity != nil
      }
      if RuleBook.isQuiet(finding.id), !isAsked { continue }
      if let finding = apply(policies, to: finding, &used) { rules.append(finding) }
    }
    for policy in policies where policy.isOwn {
      if let finding = complaint(about: policy.policy, used, isAsWritten: isAsWritten) {
        rules.append(finding)
      }
    }
    return (others, rules)
  }

  /// The finding as the last policy of its id wants it; `nil` when it is allowed.
  private func apply(
    _ policies: [ModelPolicy], to finding: Diagnostic, _ used: inout Set<String>
  ) -> Diagnostic? {
    guard let policy = policies.last(where: { $0.policy.id.text == finding.id })?.policy else {
      return finding
    }
    used.insert(finding.id)
    guard let severity = policy.severity.flatMap({ Severity(rawValue: $0.text) }) else {
      return nil
    }
    var changed = finding
    changed.severity = severity
    return changed
  }

  private func complaint(
    about policy: FindingPolicy, _ used: Set<String>, isAsWritten: Bool
  ) -> Diagnostic? {
    let id = policy.id.text
    guard DiagnosticManual.entry(for: id) != nil else {
      let near = Nearest.match(id, in: DiagnosticManual.entries.map { $0.id })
      return Diagnostic(
        id: "unknown-finding", severity: .error,
        message: "no finding is called `\(id)`"
          + (near.map { "; did you mean `\($0)`?" } ?? ""), range: policy.id.range,
        fixes: near.map { name in
          [
            FixIt(
              message: "write `\(name)` (\(FixEffect.none.summary))",
              edits: [Edit(range: policy.id.range, replacement: name)], effect: .none)
          ]
        } ?? [])
    }
    guard isAsWritten, !used.contains(id) else { return nil }
    return Diagnostic(
      id: "unused-allow", severity: .warning,
      message: policy.severity == nil
        ? "`\(id)` is allowed, but nothing here is that" : "nothing here is `\(id)`",
      range: policy.range,
      fixes: [
        FixIt(
          message: "remove the line (\(FixEffect.none.summary))",
          edits: [Edit(range: policy.range, replacement: "")], effect: .none)
      ])
  }
}
