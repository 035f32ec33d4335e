// GraphSites: the places of a graph that rules judge: attention, tables, gates, norms, leaks.
// Collected in one reading, so that each rule is a question about a list.
import Diagnostics
import Dimensions
import IR

/// Where something stands, in the text that a user wrote.
struct Site: Hashable {
  var range: SourceRange?
  /// The block in which it stands.
  var block: String
}

/// Softmax over products of queries and keys.
struct AttentionSite: Hashable {
  var site: Site
  var scores: ScoreFact
  var hidesFuture: Bool
  var element: ElementType
}

/// Rows of a table looked up.
struct LookupSite: Hashable {
  var site: Site
  var table: WeightFact
  /// The greatest row asked for, when it does not depend on the values of inputs.
  var upper: Dimension?
  /// The inputs whose values choose the row.
  var inputs: Set<Int>
}

/// A weight applied to a value.
struct LayerSite: Hashable {
  var site: Site
  var weight: WeightFact
  /// The size of the axis that goes away.
  var from: Dimension
  /// The size of the axis that comes.
  var to: Dimension
  var operand: Maker
  /// The constant by which the operand was multiplied since its norm.
  var factor: Double?
  var isNormalised: Bool
}

/// A place at which a position begins to read positions after it.
struct LeakSite: Hashable {
  var site: Site
  var input: Int
  var operation: String
}

/// An operation that adds up or exponentiates many elements.
struct ReductionSite: Hashable {
  var site: Site
  var operation: String
  var element: ElementType
}

/// A vector added to the result of an RMS norm.
struct ShiftedNormSite: Hashable {
  var site: Site
  var weight: WeightFact
}

/// A finite constant and the type that holds it.
struct ConstantSite: Hashable {
  var site: Site
  var value: Double
  var element: ElementType
}

/// Everything that was found in one reading, each place once.
struct GraphSites {
  private(set) var attentions: [AttentionSite] = []
  private(set) var lookups: [LookupSite] = []
  private(set) var layers: [LayerSite] = []
  private(set) var leaks: [LeakSite] = []
  private(set) var reductions: [ReductionSite] = []
  private(set) var shiftedNorms: [ShiftedNormSite] = []
  private(set) var constants: [ConstantSite] = []

  mutating func add(_ site: AttentionSite) {
    if !attentions.contains(site) { attentions.append(site) }
  }
  mutating func add(_ site: LookupSite) { if !lookups.contains(site) { lookups.append(site) } }
  mutating func add(_ site: LayerSite) { if !layers.contains(site) { layers.append(site) } }
  mutating func add(_ site: LeakSite) { if !leaks.contains(site) { leaks.append(site) } }
  mutating func add(_ site: ReductionSite) {
    if !reductions.contains(site) { reductions.append(site) }
  }
  mutating func add(_ site: ShiftedNormSite) {
    if !shiftedNorms.contains(site) { shiftedNorms.append(site) }
  }
  mutating func add(_ site: ConstantSite) {
    // Only what 16 bits can't hold is of interest.
    if site.element == .f16, site.value.magnitude > 65_504, !constants.contains(site) {
      constants.append(site)
    }
  }
}
