// AdapterExplanations: what a stated total could be: ranks and sets of targets that give it.
// A number alone does not decide, so the search lists every answer within its bounds.
import Analysis

/// One adapter of the search.
package struct ExplainedAdapter: Hashable, Sendable {
  package var rank: Int
  /// `attn.c_attn`, `mlp.c_proj`; the shortest names that mean just these layers.
  package var targets: [String]
  package var parameters: Int
}

/// One way to arrive at a stated number.
package struct TotalExplanation: Hashable, Sendable {
  /// What else is counted.
  package enum Extra: String, Hashable, Sendable {
    case none
    case allBiases = "biases of the model"
    case ownBiases = "biases of the adapted layers"
    case dora = "magnitudes of DoRA"
    case head = "a copy of the head"
  }

  /// Whether the weights of the model are part of the number.
  package var countsModel: Bool
  package var adapters: [ExplainedAdapter]
  package var extra: Extra
  package var extraParameters: Int
}

extension TotalExplanation {
  /// `model + r8 on c_attn, c_proj (811,008)`.
  package var line: String {
    var terms = countsModel ? ["model"] : []
    terms += adapters.map { adapter in
      "r\(adapter.rank) on \(adapter.targets.joined(separator: ", "))"
        + " (\(Figures.grouped(adapter.parameters)))"
    }
    if extra != .none {
      terms.append("\(extra.rawValue) (\(Figures.grouped(extraParameters)))")
    }
    return terms.joined(separator: " + ") + (countsModel ? "" : ", trainable alone")
  }
}

/// The search for explanations of a total.
package struct TotalSearch: Sendable {
  /// Ranks that people use; two adapters at once are only searched among these.
  package static let usualRanks = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
  /// More groups of layers are merged by the last component of their names.
  package static let mostGroups = 10
  /// Pairs beyond are not kept; layers of equal shapes can stand for one another.
  package static let mostPairs = 5_000

  /// Layers of one role, which are adapted together.
  package struct Group: Hashable, Sendable {
    package var role: String
    package var leaf: String
    /// Weights at rank 1.
    package var weight: Int
    package var outputs: Int
    package var biases: Int
    package var sites: Int
    package var most: Int
  }

  /// A set of groups.
  private struct Choice {
    var mask: Int
    var weight: Int
    var most: Int
  }

  package let stated: Int
  package let base: Int
  package let groups: [Group]
  package private(set) var singles: [TotalExplanation] = []
  package private(set) var pairs: [TotalExplanation] = []
  /// True when there are more pairs than are kept.
  package private(set) var hasMorePairs = false
  /// True when the number is the model's own, without any adapter.
  package let isBase: Bool

  package init(_ stated: Int, in inventory: ModuleInventory) {
    self.stated = stated
    base = inventory.total
    isBase = stated == inventory.total
    groups = TotalSearch.groups(of: inventory)
    let choices = TotalSearch.choices(of: groups)
    let allBiases = inventory.biases.reduce(0) { $0 &+ $1.elements }
    let head = inventory.head.map { inventory.elements(below: $0) } ?? 0
    for countsModel in [true, false] {
      let (rest, overflow) = stated.subtractingReportingOverflow(countsModel ? base : 0)
      guard !overflow, rest > 0 else { continue }
      for choice in choices {
        single(rest, choice, countsModel, .none, 0)
        single(rest, choice, countsModel, .dora, sum(choice, \.outputs))
        if countsModel {
          single(rest, choice, countsModel, .head, head)
        } else {
          single(rest, choice, countsModel, .allBiases, allBiases)
          single(rest, choice, countsModel, .ownBiases, sum(choice, \.biases))
          single(rest, choice, countsModel, .head, head)
        }
      }
      if countsModel { pair(rest, choices) }
    }
    singles = singles.sorted { TotalSearch.rank($0) < TotalSearch.rank($1) }
    pairs = pairs.sorted { TotalSearch.rank($0) < TotalSearch.rank($1) }
  }

  private func sum(_ choice: Choice, _ count: KeyPath<Group, Int>) -> Int {
    groups.indices.filter { choice.mask >> $0 & 1 == 1 }.reduce(0) {
      $0 &+ groups[$1][keyPath: count]
    }
  }

  /// Usual ranks and nothing extra first.
  private static func rank(_ explanation: TotalExplanation) -> (Int, Int, Int, Int) {
    let unusual = explanation.adapters.contains { !TotalSearch.usualRanks.contains($0.rank) }
    let mixed = Set(explanation.adapters.map(\.rank)).count > 1
    return (
      (unusual ? 2 : 0) + (explanation.extra == .none ? 0 : 1),
      (explanation.countsModel ? 0 : 1) + (mixed ? 2 : 0),
      explanation.adapters.first?.rank ?? 0,
      explanation.adapters.reduce(0) { $0 + $1.targets.count }
    )
  }

  private mutating func single(
    _ rest: Int, _ choice: Choice, _ countsModel: Bool, _ extra: TotalExplanation.Extra,
    _ elements: Int
  ) {
    guard extra == .none || elements > 0 else { return }
    let (left, overflow) = rest.subtractingReportingOverflow(elements)
    guard !overflow, left > 0, choice.weight > 0, left % choice.weight == 0 else { return }
    let rank = left / choice.weight
    // Beside the usual options only the plain adapter is believed at any rank.
    guard rank <= choice.most, extra == .none || TotalSearch.usualRanks.contains(rank) else {
      return
    }
    singles.append(
      TotalExplanation(
        countsModel: countsModel, adapters: [adapter(choice, rank)], extra: extra,
        extraParameters: elements))
  }

  /// Two adapters left on one model, which count together.
  private mutating func pair(_ rest: Int, _ choices: [Choice]) {
    var bySize: [Int: [(Choice, Int)]] = [:]
    for choice in choices {
      for rank in TotalSearch.usualRanks where rank <= choice.most {
        let (size, overflow) = choice.weight.multipliedReportingOverflow(by: rank)
        if !overflow { bySize[size, default: []].append((choice, rank)) }
      }
    }
    for (size, firsts) in bySize.sorted(by: { $0.key < $1.key }) where size <= rest - size {
      for (first, firstRank) in firsts {
        for (second, secondRank) in bySize[rest - size] ?? [] {
          guard size < rest - size || (first.mask, firstRank) <= (second.mask, secondRank) else {
            continue
          }
          guard pairs.count < TotalSearch.mostPairs else {
            hasMorePairs = true
            return
          }
          pairs.append(
            TotalExplanation(
              countsModel: true,
              adapters: [adapter(first, firstRank), adapter(second, secondRank)], extra: .none,
              extraParameters: 0))
        }
      }
    }
  }

  private func adapter(_ choice: Choice, _ rank: Int) -> ExplainedAdapter {
    ExplainedAdapter(
      rank: rank, targets: names(of: choice), parameters: choice.weight &* rank)
  }

  /// A leaf alone where it means just the chosen groups, else the part too.
  private func names(of choice: Choice) -> [String] {
    let chosen = groups.indices.filter { choice.mask >> $0 & 1 == 1 }.map { groups[$0] }
    return chosen.map { group in
      let alike = groups.filter { $0.leaf == group.leaf }
      return alike.allSatisfy(chosen.contains) ? group.leaf : group.role
    }.uniqued()
  }

  private static func groups(of inventory: ModuleInventory) -> [Group] {
    func grouped(by key: (NamedModule) -> String) -> [Group] {
      var groups: [Group] = []
      var places: [String: Int] = [:]
      for module in inventory.modules
      where module.shape.isAdaptable && !module.alias && module.shape.kind != .convolution {
        let shape = module.shape
        let name = key(module)
        let place = places[name] ?? groups.count
        if places[name] == nil {
          places[name] = place
          groups.append(
            Group(
              role: name, leaf: module.leaf, weight: 0, outputs: 0, biases: 0, sites: 0, most: .max)
          )
        }
        groups[place].weight &+= shape.input &+ shape.output
        groups[place].outputs &+= shape.output
        groups[place].biases &+= shape.hasBias ? shape.output : 0
        groups[place].sites += 1
        groups[place].most = min(groups[place].most, min(shape.input, shape.output))
      }
      return groups
    }
    let roles = grouped(by: \.role)
    guard roles.count > mostGroups else { return roles }
    let leaves = grouped(by: \.leaf)
    // The widest choice that can still be searched; single layers such as heads go last.
    return Array(leaves.sorted { ($0.sites, $0.weight) > ($1.sites, $1.weight) }.prefix(mostGroups))
  }

  private static func choices(of groups: [Group]) -> [Choice] {
    guard !groups.isEmpty else { return [] }
    return (1..<(1 << groups.count)).map { mask in
      var choice = Choice(mask: mask, weight: 0, most: .max)
      for (index, group) in groups.enumerated() where mask >> index & 1 == 1 {
        choice.weight &+= group.weight
        choice.most = min(choice.most, group.most)
      }
      return choice
    }
  }
}
