// ConfigBlame: which value of a config a finding about the architecture comes from.
// Apart from loading, because a model is elaborated again and again here, with values left out.
import Diagnostics
import Interchange
import Language

/// Moves findings in a family's file to the values that cause them.
///
/// Nobody can mend the family's file, so a finding belongs where the config can be mended. The cause
/// is found by trying, as a person would: values are left out one after the other, and what can be
/// left out without losing the finding is innocent. The values that remain are a smallest set that
/// makes the finding, with all else as the architecture has it by default.
/// - Source: Zeller and Hildebrandt 2002, doi:10.1109/32.988498 (minimising what makes a failure)
struct ConfigBlame {
  /// Findings beyond these are moved by the names in their text alone.
  private static let mostSearched = 3
  /// Values beyond these are not left out one by one.
  private static let mostTrials = 48
  /// The most expressions that a search may evaluate: about a second of work.
  private static let mostEffort = 500_000

  let binding: HuggingFaceBinding
  let config: SourceID
  let settings: [Setting]
  let loaded: LoadedModel

  /// The findings, each at the value that causes it where one does.
  func rehomed() -> [Diagnostic] {
    var searched = 0
    var found: [Diagnostic] = []
    var causes: [Set<SourceRange>: Int] = [:]
    for diagnostic in loaded.diagnostics {
      guard let place = diagnostic.range, place.source != config else {
        found.append(diagnostic)
        continue
      }
      let mentioned = mentioned(by: diagnostic, at: place)
      var guilty = mentioned.prefix(1).map(\.self)
      var isProved = false
      if searched < Self.mostSearched, mostTrials > 2 {
        searched += 1
        if let proved = self.causes(of: diagnostic, suspects: mentioned) {
          guilty = proved
          isProved = true
        }
      }
      // One mistake in a config is told once, whatever else comes of it.
      let cause = Set(guilty.compactMap(\.range))
      if diagnostic.severity == .error, !cause.isEmpty {
        let known = isProved ? causes[cause] : causes.first { cause.isSubset(of: $0.key) }?.value
        if let first = known {
          found[first].notes.append(
            Note(message: "it also follows that \(diagnostic.message)", range: place))
          continue
        }
        causes[cause] = found.count
      }
      found.append(moved(diagnostic, from: place, to: guilty))
    }
    return found
  }

  /// How often the model may be elaborated for one finding.
  private var mostTrials: Int {
    min(Self.mostTrials, Self.mostEffort / Self.mostSearched / max(loaded.effort, 1))
  }

  // MARK: Searching

  /// A smallest set of values with which the finding is made, those that it mentions first.
  ///
  /// - Returns: `nil` when the finding is there without any value, or nothing could be said.
  private func causes(
    of diagnostic: Diagnostic, suspects: [ConfigOverride]
  ) -> [ConfigOverride]? {
    var kept = binding.overrides
    guard !isFound(diagnostic, with: []) else { return nil }
    let names = Set(suspects.map(\.name))
    if !suspects.isEmpty {
      let few = kept.filter { names.contains($0.name) }
      if isFound(diagnostic, with: few) { kept = few }
    }
    // Values that the finding does not mention go first, so that those that it does are left.
    var order = kept.filter { !names.contains($0.name) }
    order.reverse()
    for suspect in suspects.reversed() where kept.contains(where: { $0.name == suspect.name }) {
      order.append(suspect)
    }
    guard order.count < mostTrials else { return nil }
    // What the finding speaks of and the config changed belongs to it, whichever default it meets.
    let chosen = Set(suspects.filter(isChanged).map(\.name))
    for candidate in order where kept.count > 1 && !chosen.contains(candidate.name) {
      let rest = kept.filter { $0.name != candidate.name }
      if isFound(diagnostic, with: rest) { kept = rest }
    }
    let first = suspects.first { suspect in kept.contains { $0.name == suspect.name } } ?? kept.last
    guard let first else { return nil }
    return [first] + kept.filter { $0.name != first.name }
  }

  /// Whether a value is another than the one that the architecture has without it.
  private func isChanged(_ override: ConfigOverride) -> Bool {
    guard let reading = binding.readings.first(where: { $0.field.name.text == override.name }),
      case .integer(let preset, _) = reading.field.value.kind
    else { return true }
    return override.value.integerValue != preset
  }

  /// Whether a finding of the same kind is made at the same place with these values.
  private func isFound(_ diagnostic: Diagnostic, with overrides: [ConfigOverride]) -> Bool {
    let trial = Workspace.finish(
      path: loaded.path, library: loaded.library, file: loaded.file, settings: settings,
      overrides: overrides, describesDefaults: false)
    return trial.diagnostics.contains { $0.id == diagnostic.id && $0.range == diagnostic.range }
  }

  // MARK: Reading

  /// The values that a finding speaks of: by the names in its condition, last first, then by a word
  /// of the config that the message quotes.
  private func mentioned(by diagnostic: Diagnostic, at place: SourceRange) -> [ConfigOverride] {
    let words = loaded.sources.text(in: place).prefix(1_000)
      .split { !$0.isLetter && !$0.isNumber && $0 != "_" }
    var found: [ConfigOverride] = []
    for word in words.reversed() {
      let name = field(called: word, in: diagnostic)
      if let override = binding.overrides.first(where: { $0.name == name }),
        !found.contains(where: { $0.name == name })
      {
        found.append(override)
      }
    }
    for override in binding.overrides {
      guard case .string(let text) = override.value, diagnostic.message.contains("\"\(text)\""),
        !found.contains(where: { $0.name == override.name })
      else { continue }
      found.append(override)
    }
    if found.isEmpty { found = derived(diagnostic) }
    return found
  }

  /// The field that a name of a block stands for, as the finding derives it:
  /// `heads = 3 = decoder_heads`.
  private func field(called word: Substring, in diagnostic: Diagnostic) -> String {
    guard !binding.overrides.contains(where: { $0.name == word }),
      let line = diagnostic.facts.map(\.text).first(where: { $0.hasPrefix("\(word) = ") })
    else { return String(word) }
    let sides = line.split(separator: "   ")[0].split(separator: " = ")
    return sides.count == 3 ? String(sides[2]) : String(word)
  }

  /// The values that the derivation of a finding speaks of: `groups = 0 = kv_heads`.
  private func derived(_ diagnostic: Diagnostic) -> [ConfigOverride] {
    let words = diagnostic.facts.map(\.text).joined(separator: " ").prefix(1_000)
      .split { !$0.isLetter && !$0.isNumber && $0 != "_" }
    return binding.overrides.filter { override in words.contains { $0 == override.name } }
  }

  // MARK: Moving

  /// What a fix of one value says, by the key that the user wrote instead of the field.
  private func named(_ fix: FixIt) -> String {
    guard fix.edits.count == 1, let place = fix.edits.first?.range,
      let reading = binding.readings.first(where: { $0.value == place }),
      let head = fix.message.prefixMatch(of: #/set \w+ = /#)
    else { return fix.message }
    return "set \(reading.key.text) = \(fix.message[head.range.upperBound...])"
  }

  private func moved(
    _ diagnostic: Diagnostic, from place: SourceRange, to guilty: [ConfigOverride]
  ) -> Diagnostic {
    var result = diagnostic
    result.fixes.removeAll { fix in fix.edits.contains { $0.range.source != config } }
    for index in result.fixes.indices { result.fixes[index].message = named(result.fixes[index]) }
    guard let first = guilty.first, let range = first.range else { return result }
    result.range = range
    result.label = nil
    result.notes.removeAll { $0.range == range }
    result.notes.insert(
      Note(message: "the architecture says so here", range: place, label: diagnostic.label), at: 0)
    var known = Set(result.notes.compactMap(\.range))
    for other in guilty.dropFirst().prefix(3) {
      guard let range = other.range, known.insert(range).inserted else { continue }
      result.notes.append(Note(message: "together with `\(other.name)`, set here", range: range))
    }
    if let reading = binding.readings.first(where: { $0.value == range }) {
      result.notes.append(
        Note(
          message: "`\(reading.key.text)` is read into `\(reading.field.name.text)` here",
          range: reading.key.range))
    }
    return result
  }
}
