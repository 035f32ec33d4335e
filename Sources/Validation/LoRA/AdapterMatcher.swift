// AdapterMatcher: PEFT's verdict on one name: adapted, excluded, kept for full training, or neither.
// Apart from the resolution because patterns are compiled once and asked for every layer.

/// Why a matcher can't be made.
enum AdapterMatcherFault: Error {
  case refusal(AdapterRefusal)
  case pattern(PatternFault)
}

/// The compiled rules of one description.
struct AdapterMatcher {
  enum Outcome: Hashable {
    case target(pattern: Int)
    case excluded
    case saved
    /// Named, but its index is not among the layers to transform.
    case otherLayer
    case unmatched
  }

  struct Verdict {
    var outcome: Outcome
    /// The patterns that name this layer, whatever comes of it.
    var named: [Int]
    /// The index that decides about `layers_to_transform`.
    var layer: Int?
  }

  /// One of `rank_pattern` or `alpha_pattern`.
  struct CompiledOverride {
    var text: Placed<String>
    var pattern: PythonPattern

    func matches(_ name: String) -> Bool { pattern.matchesStart(of: name) }
  }

  private enum Rule {
    case suffixes([[UInt8]])
    case pattern(PythonPattern)
    case exact(Set<String>)
  }

  let patterns: [Placed<String>]
  let targetText: String
  let namesNothing: Bool
  let rankPatterns: [CompiledOverride]
  let alphaPatterns: [CompiledOverride]
  private let description: AdapterDescription
  private let rule: Rule
  private let exclusion: Rule?
  private let saved: [PythonPattern]
  private let layers: Set<Int>?
  private let layerPatterns: [PythonPattern]

  init(
    _ description: AdapterDescription, _ inventory: ModuleInventory
  ) throws(AdapterMatcherFault) {
    self.description = description
    var targets = description.targets
    if case .familyDefault = targets {
      if let family = inventory.family, let names = FamilyTargets.suffixes(of: family) {
        targets = .names(.suffixes(names.map { Placed($0) }))
      } else if let pattern = inventory.family.flatMap({ FamilyTargets.pattern(of: $0) }) {
        targets = .names(.pattern(Placed(pattern)))
      } else {
        throw .refusal(
          AdapterRefusal(
            type: "ValueError", text: "Please specify `target_modules` in `peft_config`"))
      }
    }
    var described = description
    described.targets = targets
    targetText = described.targetText
    switch targets {
    case .names(.suffixes(let names)):
      patterns = names
      rule = .suffixes(names.map { Array($0.value.utf8) })
      namesNothing = names.isEmpty
    case .names(.pattern(let pattern)):
      patterns = [pattern]
      rule = .pattern(try AdapterMatcher.compile(pattern.value))
      namesNothing = pattern.value.isEmpty
    case .allLinear(let range):
      let linear = inventory.modules.filter {
        ($0.shape.kind == .linear || $0.shape.kind == .conv1D) && $0.name != inventory.head
          && !$0.alias
      }
      patterns = [Placed("all-linear", range)]
      rule = .exact(Set(linear.map(\.name)))
      namesNothing = linear.isEmpty
    case .familyDefault:
      preconditionFailure("the default targets were replaced above")
    }
    switch description.excluded {
    case .suffixes(let names) where !names.isEmpty:
      exclusion = .suffixes(names.map { Array($0.value.utf8) })
    case .pattern(let pattern) where !pattern.value.isEmpty:
      exclusion = .pattern(try AdapterMatcher.compile(pattern.value))
    default: exclusion = nil
    }
    // The name stands unescaped in PEFT's expression, so it is a pattern too.
    saved = try description.saved.map { name throws(AdapterMatcherFault) in
      try AdapterMatcher.compile("(^|.*\\.)\(name.value)($|\\..*)")
    }
    layers =
      description.layers.flatMap { $0.isEmpty ? nil : Set($0.map(\.value)) }
    layerPatterns =
      description.layersPattern.isEmpty
      ? [try AdapterMatcher.compile(".*?\\.[^.]*\\.(?P<marked>\\d+)\\.")]
      : try description.layersPattern.map { pattern throws(AdapterMatcherFault) in
        try AdapterMatcher.compile("(?:^|.*?\\.)\(pattern.value)\\.(?P<marked>\\d+)\\.")
      }
    rankPatterns = try AdapterMatcher.overrides(description.rankPattern.map(\.pattern))
    alphaPatterns = try AdapterMatcher.overrides(description.alphaPattern.map(\.pattern))
  }

  private static func compile(_ text: String) throws(AdapterMatcherFault) -> PythonPattern {
    do {
      return try PythonPattern(text)
    } catch {
      throw .pattern(error)
    }
  }

  private static func overrides(
    _ patterns: [Placed<String>]
  ) throws(AdapterMatcherFault) -> [CompiledOverride] {
    try patterns.map { text throws(AdapterMatcherFault) in
      CompiledOverride(text: text, pattern: try compile("(.*\\.)?(\(text.value))$"))
    }
  }

  /// The rank at a layer: the first pattern that matches, else the description's.
  func rank(of name: String) -> Int {
    for (index, pattern) in rankPatterns.enumerated() where pattern.matches(name) {
      return description.rankPattern[index].value.value
    }
    return description.rankPattern.first { $0.pattern.value == name }?.value.value
      ?? description.rank.value
  }

  /// The alpha at a layer.
  func alpha(of name: String) -> Double {
    for (index, pattern) in alphaPatterns.enumerated() where pattern.matches(name) {
      return description.alphaPattern[index].value.value
    }
    return description.alphaPattern.first { $0.pattern.value == name }?.value.value
      ?? description.alpha.value
  }

  /// PEFT's verdict on a layer.
  func verdict(on name: String) -> Verdict {
    let bytes = Array(name.utf8)
    let (named, exact) = named(name, bytes)
    let layer = named.isEmpty || exact || layers == nil ? nil : layer(of: name)
    func verdict(_ outcome: Outcome) -> Verdict {
      Verdict(outcome: outcome, named: named, layer: layer)
    }
    if let exclusion, AdapterMatcher.holds(exclusion, name, bytes) { return verdict(.excluded) }
    if saved.contains(where: { $0.matchesStart(of: name) }) { return verdict(.saved) }
    guard let first = named.first else { return verdict(.unmatched) }
    if let layers, !exact {
      guard let layer, layers.contains(layer) else { return verdict(.otherLayer) }
    }
    return verdict(.target(pattern: first))
  }

  /// The patterns that name a layer, and whether one is its whole name.
  private func named(_ name: String, _ bytes: [UInt8]) -> (patterns: [Int], exact: Bool) {
    switch rule {
    case .pattern(let pattern): return (pattern.matchesAll(of: name) ? [0] : [], true)
    case .exact(let names): return (names.contains(name) ? [0] : [], true)
    case .suffixes(let suffixes):
      var found: [Int] = []
      var exact = false
      for (index, suffix) in suffixes.enumerated() {
        if bytes == suffix {
          exact = true
          found.append(index)
        } else if AdapterMatcher.ends(bytes, with: suffix) {
          found.append(index)
        }
      }
      return (found, exact)
    }
  }

  private func layer(of name: String) -> Int? {
    for pattern in layerPatterns {
      if let text = pattern.marked(in: name) { return Int(text) }
    }
    return nil
  }

  private static func holds(_ rule: Rule, _ name: String, _ bytes: [UInt8]) -> Bool {
    switch rule {
    case .pattern(let pattern): pattern.matchesAll(of: name)
    case .exact(let names): names.contains(name)
    case .suffixes(let suffixes): suffixes.contains { bytes == $0 || ends(bytes, with: $0) }
    }
  }

  /// Whether a name ends in a dot and the suffix.
  private static func ends(_ name: [UInt8], with suffix: [UInt8]) -> Bool {
    name.count > suffix.count && name[name.count - suffix.count - 1] == UInt8(ascii: ".")
      && name[(name.count - suffix.count)...].elementsEqual(suffix)
  }
}
