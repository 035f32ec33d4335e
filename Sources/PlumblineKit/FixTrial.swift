// FixTrial: tries fixes that change the parameters, which are guesses, and keeps those that mend.
// Apart from Workspace because here a model is loaded again, with the edits made in memory.
import Diagnostics
import Language

/// The trial of what findings propose.
struct FixTrial {
  /// Beyond these a trial would cost more than its help is worth.
  private static let mostErrors = 4
  private static let mostTrials = 6
  private static let mostFunctions = 2_000
  private static let longestSources = 256 << 10

  let path: String
  let text: String
  let settings: [Setting]
  let loaded: LoadedModel

  /// A finding without its place, which edits move.
  private struct Finding: Hashable {
    var id: String
    var message: String

    init(_ diagnostic: Diagnostic) {
      id = diagnostic.id
      message = diagnostic.message
    }
  }

  private enum Outcome {
    case clean
    /// The model is right; what the file claims about it no longer holds.
    case changesClaims
    case fails
  }

  /// The findings, without the guesses that would only lead to the next mistake.
  func judgedDiagnostics() -> [Diagnostic] {
    guard isCheap else { return loaded.diagnostics }
    var trials = 0
    return loaded.diagnostics.map { diagnostic in
      let guesses = diagnostic.fixes.filter(isGuess)
      guard !guesses.isEmpty, trials + guesses.count <= Self.mostTrials else { return diagnostic }
      trials += guesses.count
      let outcomes = guesses.map { outcome(of: $0, for: diagnostic) }
      let best = outcomes.contains(.clean) ? Outcome.clean : .changesClaims
      let kept = zip(guesses, outcomes).filter { $0.1 == best }.map(\.0)
      var judged = diagnostic
      judged.fixes.removeAll { isGuess($0) && !kept.contains($0) }
      return judged
    }
  }

  private var isCheap: Bool {
    let errors = loaded.diagnostics.count { $0.severity == .error }
    guard (1...Self.mostErrors).contains(errors),
      loaded.diagnostics.contains(where: { $0.fixes.contains(where: isGuess) }),
      loaded.model.map({ $0.program.functions.count <= Self.mostFunctions }) ?? true
    else { return false }
    let size = loaded.library.files.reduce(0) { total, file in
      total + loaded.sources[file.syntax.source].text.utf8.count
    }
    return size <= Self.longestSources
  }

  private func isGuess(_ fix: FixIt) -> Bool {
    fix.effect == .parameters
      && fix.edits.allSatisfy { loaded.sources[$0.range.source].path != "--set" }
  }

  private func outcome(of fix: FixIt, for diagnostic: Diagnostic) -> Outcome {
    let applied = FixApplier.apply([fix], in: loaded.sources)
    guard applied.refused.isEmpty else { return .fails }
    var texts: [String: String] = [:]
    for (source, changed) in applied.texts { texts[loaded.sources[source].path] = changed }
    let edited = texts
    var library = ModuleLibrary(
      reader: { path, importer in
        var found = Workspace.reader(path, importer)
        if let changed = found.flatMap({ edited[$0.path] }) { found?.text = changed }
        return found
      }, neighbours: Workspace.neighbours)
    let file = library.load(path: path, text: edited[path] ?? text)
    let after = Workspace.finish(path: path, library: library, file: file, settings: settings)
    let known = Set(loaded.diagnostics.map(Finding.init))
    let left = Set(after.diagnostics.filter { $0.severity == .error }.map(Finding.init))
    guard !left.contains(Finding(diagnostic)) else { return .fails }
    let new = left.subtracting(known)
    if new.isEmpty { return .clean }
    return new.isSubset(of: after.claimFindings.map(Finding.init)) ? .changesClaims : .fails
  }
}
