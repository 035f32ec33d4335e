// DecayPatternMatchesNothing: a path of the decay line that names no weight.
// A misspelt exception decays what it was to spare, without a word.
import Diagnostics
import Language

/// A path of the `decay` line matches no weight of the model.
///
/// The line then means something else than it says: a misspelt exception decays what it was to
/// spare. Paths are compared with the dotted names of all weights, frozen ones included.
///
/// - Example: decay all except *.bais
/// - Remedy: Correct the path; `plumbline shapes` prints the names.
/// - Catalogue: T23
enum DecayPatternMatchesNothing: Rule {
  static let id = "decay-pattern-matches-nothing"

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let decay = subject.plan?.decay, let groups = subject.decayGroups else { return [] }
    var ends: [String] = []
    for name in groups.names {
      let end = String(name.split(separator: ".").last ?? "")
      if !ends.contains(end) { ends.append(end) }
    }
    var found: [Diagnostic] = []
    for case .decay(let selection, _)? in subject.train?.members ?? [] {
      let pairs =
        Array(zip(selection.paths, decay.paths))
        + Array(zip(selection.exceptions, decay.exceptions))
      for (path, selector) in pairs
      where !groups.names.contains(where: { selector.matches(dotted: $0) }) {
        let last = path.components.last?.name
        let near = last.flatMap { Nearest.match($0.text, in: ends) }
        var fixes: [FixIt] = []
        if let near, let last, near != last.text {
          fixes = [
            FixIt(
              message: "write `\(near)` (changes the training)",
              edits: [Edit(range: last.range, replacement: near)], effect: .model)
          ]
        }
        found.append(
          finding(
            "`\(subject.text(path.range))` matches none of the \(groups.names.count) weights",
            at: path.range,
            facts: ["weights end in " + ends.sorted().prefix(12).joined(separator: ", ")],
            fixes: fixes))
      }
    }
    return found
  }
}
