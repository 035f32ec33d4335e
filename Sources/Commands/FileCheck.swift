// FileCheck: one file of a check: its model or the reason why there is none, and the verdict.
// Apart from the command because `shapes` and `count` begin with the same check.
import Diagnostics
import PlumblineKit

/// The check of one file.
struct FileCheck {
  let path: String
  private(set) var loaded: LoadedModel?
  /// The models that the file declares before its last.
  private var others: [LoadedModel] = []
  let unreadable: UnreadableFile?

  init(_ path: String, settings: [Setting], _ invocation: Invocation) {
    self.path = path == "-" ? "<stdin>" : path
    do {
      loaded = try invocation.load(path, settings)
      unreadable = nil
    } catch {
      loaded = nil
      unreadable = error
    }
  }

  /// The same check with every model of the file; what was found in two of them is told once.
  func withAllModels() -> FileCheck {
    guard let loaded else { return self }
    var copy = self
    copy.others = Workspace.others(of: loaded)
    for other in copy.others {
      let known = copy.diagnostics
      copy.loaded?.diagnostics += other.diagnostics.filter { finding in
        !known.contains { $0.id == finding.id && $0.range == finding.range }
      }
    }
    return copy
  }

  /// The same check with the weights that lie beside the model.
  func withCheckpoints() -> FileCheck {
    guard let loaded else { return self }
    var copy = self
    copy.loaded = loaded.checkingCheckpoints(at: path)
    return copy
  }

  /// The same check with one more finding.
  func adding(_ diagnostic: Diagnostic) -> FileCheck {
    var copy = self
    copy.loaded?.diagnostics.append(diagnostic)
    return copy
  }

  var sources: SourceMap { loaded?.sources ?? SourceMap() }

  /// The findings; a file that can't be read is one.
  var diagnostics: [Diagnostic] {
    if let loaded { return loaded.findingGroups.flatMap(\.findings) }
    return [
      Diagnostic(id: "unreadable-file", message: unreadable?.text ?? "\(path) can't be read")
    ]
  }

  func count(of severity: Severity) -> Int {
    diagnostics.filter { $0.severity == severity }.count
  }

  var verdict: FileVerdict {
    guard loaded != nil else { return .undecided }
    if diagnostics.contains(where: { $0.severity == .error && !$0.isUndecided }) {
      return .refuted
    }
    // What a warning is about, such as a layer that is never applied, was not proved either.
    return diagnostics.contains { $0.severity != .note } ? .undecided : .proved
  }

  func status(strict: Bool) -> ExitStatus {
    guard let loaded else { return .usage }
    if loaded.hasErrors { return .findings }
    return strict && count(of: .warning) > 0 ? .findings : .clean
  }

  var report: FileReport {
    FileReport(
      path: path, model: loaded?.model?.program.name, verdict: verdict, diagnostics: diagnostics,
      in: sources)
  }

  /// The findings, then what was proved or how many mistakes there are; nil if unreadable.
  func text(color: Bool) -> String? {
    guard let loaded else { return nil }
    var parts: [String] = []
    let renderer = TerminalRenderer(color: color)
    for group in loaded.findingGroups {
      guard let cause = group.cause, group.findings.count > 1 else {
        parts.append(renderer.render(group.findings, in: loaded.sources))
        continue
      }
      parts.append(
        renderer.render(
          group: group.findings, titled: "\(group.findings.count) findings about \(cause)",
          in: loaded.sources))
    }
    if !loaded.hasErrors, loaded.model != nil {
      for sound in others + [loaded] {
        guard let model = sound.model else { continue }
        parts.append(
          ModelSummary(
            model, path: path, held: sound.heldExpectations, checkpoints: sound.checkpoints
          ).text(color: color))
      }
    } else if !loaded.hasErrors, !loaded.checkpoints.isEmpty {
      parts += loaded.checkpoints.map { DisplayText.safe("\(path): \($0.text)") + "\n" }
    } else {
      parts.append(DisplayText.safe("\(path): \(tally)") + "\n")
    }
    return parts.joined(separator: "\n")
  }

  /// `2 errors, 1 warning`.
  private var tally: String {
    let parts = [(Severity.error, "error"), (.warning, "warning")].compactMap { severity, name in
      let count = count(of: severity)
      return count == 0 ? nil : "\(count) \(name)\(count == 1 ? "" : "s")"
    }
    return parts.isEmpty ? "nothing to check" : parts.joined(separator: ", ")
  }
}

extension Diagnostic {
  /// Whether the finding is that something could not be proved, rather than that it is false.
  fileprivate var isUndecided: Bool {
    id == "claim-undecided" || facts.contains { $0.text.hasPrefix("undecided: ") }
  }
}
