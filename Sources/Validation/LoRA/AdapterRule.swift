// AdapterRule: one validator of adapters: its id, its severity and what it finds in a description.
// The documentation comment of a rule's type is its page in the manual; a test keeps them equal.
import Analysis
import Diagnostics
import Language

/// A validator of an adapter on a model.
///
/// A rule reports what it can prove. What it can't decide, it leaves: a false alarm weighs as much
/// as a miss.
package protocol AdapterRule: Sendable {
  /// The kebab-case id of its findings.
  static var id: String { get }

  static var severity: Severity { get }

  /// Everything that the rule finds.
  static func findings(in subject: AdapterSubject) -> [Diagnostic]
}

extension AdapterRule {
  package static var severity: Severity { .warning }

  /// A finding of this rule.
  static func finding(
    _ message: String, at range: SourceRange?, label: String? = nil, facts: [String] = [],
    help: [String] = []
  ) -> Diagnostic {
    Diagnostic(
      id: id, severity: severity, message: message, range: range, label: label,
      facts: facts.map { Fact.line($0) },
      fixes: help.map { FixIt(message: $0, effect: .model) })
  }
}

/// All rules on adapters.
package enum AdapterRules {
  /// Every rule, in the order in which findings of one place are told.
  package static var all: [any AdapterRule.Type] {
    [
      AdapterOptionsContradict.self, AdapterMatchesNothing.self, TargetAlsoSaved.self,
      AdapterExcludesEverything.self, AdapterTargetUnsupported.self, RankNotPositive.self,
      TargetMatchesNothing.self, AmbiguousTarget.self, UnevenAdapterCoverage.self,
      RankAboveMatrix.self, RankAboveBreakEven.self, UnusualAdapterScale.self,
      ScalingDiffersWhenServed.self, FanInFanOutDiffers.self, AdapterOnTiedWeight.self,
      AdapterCountDiffers.self, LayersOutOfRange.self, OverrideMatchesNothing.self,
      ExclusionMatchesNothing.self, SavedMatchesNothing.self, NothingTrainable.self,
      AdapterDecaysAway.self, AdapterKeepsBaseRate.self, FusedProjectionAdapted.self,
    ]
  }

  /// What the rules find in the adapters that a model file makes itself.
  ///
  /// Remarks that ask for nothing are left to `plumbline lora`.
  package static func findings(
    in model: ElaboratedModel, declaration: ModelDeclaration?, training: AdapterTraining?
  ) -> [Diagnostic] {
    guard
      let subject = AdapterSubject(
        adaptedIn: model, declaration: declaration, training: training)
    else { return [] }
    return findings(in: subject).filter { $0.id != FusedProjectionAdapted.id }.map { finding in
      var finding = finding
      finding.range = finding.range ?? subject.place
      return finding
    }
  }

  /// What the rules find, the gravest first.
  package static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    let found = all.flatMap { $0.findings(in: subject) }
    return Severity.allCases.flatMap { severity in found.filter { $0.severity == severity } }
  }
}

/// A total that somebody states for an adapter.
package struct AdapterClaim: Hashable, Sendable {
  package enum Quantity: Hashable, Sendable {
    case trainable
    case all
  }

  package var quantity: Quantity
  package var value: Placed<Int>

  package init(_ quantity: Quantity, _ value: Placed<Int>) {
    self.quantity = quantity
    self.value = value
  }
}

/// What the rules look at: the description, the model's layers, and what came of the two.
package struct AdapterSubject: Sendable {
  package let description: AdapterDescription
  package let inventory: ModuleInventory
  package let resolution: AdapterResolution
  /// `nil` when nothing is adapted or a count does not fit.
  package let counts: AdapterCounts?
  package var claims: [AdapterClaim] = []
  /// The description under which the trained adapter is to be used.
  package var serving: AdapterDescription?
  /// The plan of a model that makes its adapters itself.
  package internal(set) var training: AdapterTraining?
  /// Where adapters are made, for findings without a place of their own.
  package internal(set) var place: SourceRange?

  /// - Throws: ``PatternFault`` when a regular expression can't be read.
  package init(
    _ description: AdapterDescription, on inventory: ModuleInventory
  ) throws(PatternFault) {
    self.description = description
    self.inventory = inventory
    resolution = try AdapterResolution(description, in: inventory)
    counts =
      resolution.refusal == nil ? AdapterCounts(resolution, description, in: inventory) : nil
  }

  /// Adapters that a model file makes itself; nothing is matched, so nothing is counted here.
  init(
    description: AdapterDescription, inventory: ModuleInventory, resolution: AdapterResolution,
    training: AdapterTraining?
  ) {
    self.description = description
    self.inventory = inventory
    self.resolution = resolution
    self.training = training
    counts = nil
  }

  /// The layers that could have an adapter.
  var adaptable: [NamedModule] {
    inventory.modules.filter { $0.shape.isAdaptable && !$0.alias }
  }

  /// The last components of the names of layers that could have an adapter, each once.
  var leaves: [String] { adaptable.map { $0.leaf }.uniqued() }

  /// Where the targets were written.
  var targetRange: SourceRange? {
    switch description.targets {
    case .names(.pattern(let pattern)): pattern.range
    case .names(.suffixes(let names)):
      names.compactMap(\.range).reduce(nil) { whole, part in whole?.union(part) ?? part }
    case .allLinear(let range): range
    case .familyDefault: nil
    }
  }

  /// `c_attn (12), c_proj (24), c_fc (12), wte, wpe`: what could be named.
  var leafList: String {
    let counts = Dictionary(grouping: adaptable, by: \.leaf).mapValues(\.count)
    let shown = leaves.prefix(20).map { leaf in
      let count = counts[leaf] ?? 1
      return count == 1 ? leaf : "\(leaf) (\(Figures.grouped(count)))"
    }
    return shown.joined(separator: ", ") + (leaves.count > 20 ? ", …" : "")
  }

  /// Layers whose one matrix makes queries, keys and values together.
  var fused: [NamedModule] { adaptable.filter { $0.isFusedProjection } }

  /// What a name that matches nothing was probably meant to be.
  func hint(for pattern: String) -> String? {
    let leaf = pattern.split(separator: ".").last.map(String.init) ?? pattern
    let parts = [
      "q_proj", "k_proj", "v_proj", "query", "key", "value", "q", "k", "v", "to_q", "to_k",
      "to_v", "q_lin", "v_lin", "k_lin",
    ]
    if parts.contains(leaf), let whole = fused.first {
      return "queries, keys and values are one matrix here: write `\(whole.leaf)`"
    }
    let known = inventory.modules.map(\.leaf).filter { Int($0) == nil }.uniqued()
    if let near = Nearest.match(leaf, in: leaves) ?? Nearest.match(leaf, in: known) {
      return "did you mean `\(pattern.dropLast(leaf.count))\(near)`?"
    }
    if pattern.contains("*") || pattern.contains("\\") {
      return "a name in a list is no regular expression: give the expression alone, as a text"
    }
    return nil
  }
}

extension NamedModule {
  /// The last component of the name.
  package var leaf: String { name.split(separator: ".").last.map(String.init) ?? name }

  /// The last two components: `attn.c_proj`; indices of lists are passed over.
  package var role: String {
    let parts = name.split(separator: ".").filter { Int($0) == nil }
    return parts.suffix(2).joined(separator: ".")
  }

  /// Whether queries, keys and values are made by this one layer.
  ///
  /// By the names that the families use, and only where more comes out than goes in.
  var isFusedProjection: Bool {
    let names = ["c_attn", "query_key_value", "Wqkv", "qkv_proj", "qkv", "in_proj_qkv"]
    return names.contains(leaf) && shape.isAdaptable && shape.output > shape.input
  }

  /// `[768 → 2304]`.
  package var ends: String { "[\(shape.input) → \(shape.output)]" }
}

extension AdapterSubject {
  /// The layers with a matrix at or below those that are saved.
  package var savedLayers: [NamedModule] {
    let names = resolution.saved.filter { !$0.isNested }.map(\.name)
    guard !names.isEmpty else { return [] }
    return adaptable.filter { module in
      names.contains { module.name == $0 || module.name.hasPrefix($0 + ".") }
    }
  }
}
