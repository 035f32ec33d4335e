// NamePairing: pairs two lists of names by exact, canonical and prefix rules.
// Apart from NameMap, which judges the pairs by their shapes.

/// Which wanted name each found name is, if any.
struct NamePairing {
  /// A wanted name and the rule that found it.
  struct Pair {
    let wanted: Int
    let rule: NameMap.Rule
  }

  /// For each found name, its pair.
  private(set) var pairs: [Pair?]

  private let wanted: [String]
  private let found: [String]
  private var taken: [Bool]
  private var missingReasons: [Int: String] = [:]
  private var unexpectedReasons: [Int: String] = [:]

  init(wanted: [String], found: [String]) {
    self.wanted = wanted
    self.found = found
    pairs = Array(repeating: nil, count: found.count)
    taken = Array(repeating: false, count: wanted.count)
    pairExactly()
    pairInCanonicalForm()
    pairWithPrefix()
  }

  /// Why a wanted name stayed alone, when more is known than that nothing bears it.
  func reasonMissing(_ wanted: Int) -> String? { missingReasons[wanted] }

  /// Why a found name stayed alone, when more is known than that nothing wants it.
  func reasonUnexpected(_ found: Int) -> String? { unexpectedReasons[found] }

  private mutating func pairExactly() {
    let index = Dictionary(
      wanted.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    for (tensor, name) in found.enumerated() {
      guard let match = index[name], !taken[match] else { continue }
      pair(tensor, match, .exact)
    }
  }

  private mutating func pairInCanonicalForm() {
    let forms = wanted.map(CheckpointNames.canonical)
    var everyForm: [String: [Int]] = [:]
    for (index, form) in forms.enumerated() { everyForm[form, default: []].append(index) }
    var byForm: [String: [Int]] = [:]
    for (tensor, name) in found.enumerated() where pairs[tensor] == nil {
      byForm[CheckpointNames.canonical(name), default: []].append(tensor)
    }
    for (form, tensors) in byForm {
      guard let candidates = everyForm[form] else { continue }
      settle(tensors, candidates.filter { !taken[$0] }, of: candidates, .canonical)
    }
  }

  /// Pairs tensors that spell one name, or says why they cannot be paired.
  private mutating func settle(
    _ tensors: [Int], _ free: [Int], of candidates: [Int], _ rule: NameMap.Rule
  ) {
    if let wanted = free.first, free.count == 1, tensors.count == 1 {
      pair(tensors[0], wanted, rule)
    } else if free.isEmpty {
      let filled = candidates.map { "`\(wanted[$0])`" }.joined(separator: ", ")
      for tensor in tensors { unexpectedReasons[tensor] = "another tensor already fills \(filled)" }
    } else {
      let names = tensors.map { "`\(found[$0])`" }.sorted().joined(separator: ", ")
      let wants = free.map { "`\(wanted[$0])`" }.sorted().joined(separator: ", ")
      for index in free { missingReasons[index] = "ambiguous: \(names) could fill \(wants)" }
      for tensor in tensors {
        unexpectedReasons[tensor] = "ambiguous: \(names) could fill \(wants)"
      }
    }
  }

  private mutating func pairWithPrefix() {
    let wantedForms = wanted.map(CheckpointNames.canonical)
    let foundForms = found.map(CheckpointNames.canonical)
    let freeWanted = wanted.indices.filter { !taken[$0] && missingReasons[$0] == nil }
    let freeFound = found.indices.filter { pairs[$0] == nil && unexpectedReasons[$0] == nil }
    guard !freeWanted.isEmpty, !freeFound.isEmpty else { return }

    let added = Self.prefixed(
      freeWanted.map { ($0, wantedForms[$0]) }, onto: freeFound.map { ($0, foundForms[$0]) },
      unless: Set(foundForms.compactMap(CheckpointNames.leadingComponent)))
    let removed = Self.prefixed(
      freeFound.map { ($0, foundForms[$0]) }, onto: freeWanted.map { ($0, wantedForms[$0]) },
      unless: Set(wantedForms.compactMap(CheckpointNames.leadingComponent)))

    guard added.count + removed.count == 1 else {
      explainPrefixes(added: added, removed: removed)
      return
    }
    for (component, matches) in added {
      for (wanted, tensor) in matches { pair(tensor, wanted, .addedPrefix(component)) }
    }
    for (component, matches) in removed {
      for (tensor, wanted) in matches { pair(tensor, wanted, .removedPrefix(component)) }
    }
  }

  /// The components that, taken off the longer names, leave shorter ones, with the pairs.
  ///
  /// A component that begins a name on the other side too is no mere prefix, and none is kept
  /// under which two names would become one.
  private static func prefixed(
    _ longer: [(index: Int, name: String)], onto shorter: [(index: Int, name: String)],
    unless excluded: Set<String>
  ) -> [String: [(longer: Int, shorter: Int)]] {
    var shortIndex: [String: [Int]] = [:]
    for (index, name) in shorter { shortIndex[name, default: []].append(index) }
    var result: [String: [(longer: Int, shorter: Int)]] = [:]
    var ambiguous: Set<String> = []
    var seen: Set<String> = []
    for (index, name) in longer {
      guard let component = CheckpointNames.leadingComponent(name), !excluded.contains(component)
      else { continue }
      guard let matches = shortIndex[String(name.dropFirst(component.count + 1))] else { continue }
      if matches.count > 1 || !seen.insert(name).inserted { ambiguous.insert(component) }
      result[component, default: []].append((index, matches[0]))
    }
    return result.filter { !ambiguous.contains($0.key) }
  }

  private mutating func explainPrefixes(
    added: [String: [(longer: Int, shorter: Int)]], removed: [String: [(longer: Int, shorter: Int)]]
  ) {
    let prefixes = (Array(added.keys) + Array(removed.keys)).sorted().map { "`\($0).`" }
    let reason =
      "ambiguous: the names fit with any of the prefixes \(prefixes.joined(separator: ", "))"
    for (wanted, tensor) in added.values.joined() {
      (missingReasons[wanted], unexpectedReasons[tensor]) = (reason, reason)
    }
    for (tensor, wanted) in removed.values.joined() {
      (missingReasons[wanted], unexpectedReasons[tensor]) = (reason, reason)
    }
  }

  private mutating func pair(_ tensor: Int, _ wantedIndex: Int, _ rule: NameMap.Rule) {
    pairs[tensor] = Pair(wanted: wantedIndex, rule: rule)
    taken[wantedIndex] = true
  }
}
