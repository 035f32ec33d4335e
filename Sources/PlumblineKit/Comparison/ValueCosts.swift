// ValueCosts: what each value of a config costs, found by changing it alone.
// Apart from the comparison, because here models are elaborated that neither side is.
import Analysis
import Dimensions
import IR
import Language

/// The cost of every value in which two models of one family differ.
///
/// Each value is changed by itself in the first model. One that can't be, such as a width that the
/// heads no longer divide, is changed together with the fewest others that allow it. What all do
/// together is not the sum of what each does: the difference is left for the reader to see.
struct ValueCosts {
  /// More values are not told apart.
  private static let most = 32

  /// Values that are changed together, and what that costs.
  struct Group {
    let names: [String]
    let parameters: Int
    let flops: Int?
  }

  private(set) var groups: [Group] = []
  /// Fields whose value follows from the others.
  private(set) var following: Set<String> = []
  /// All values changed at once.
  private(set) var all = Group(names: [], parameters: 0, flops: 0)

  private let first: LoadedModel
  private let values: [String: StaticValue]
  private let wanted: [String: String]
  private let measure: ModelMeasure
  private let base: Numbers

  private struct Numbers {
    let parameters: Int
    let flops: Int?
    let config: [String: String]
  }

  /// Nil when the values alone don't lead from one model to another one.
  init?(
    _ first: LoadedModel, _ models: (first: ElaboratedModel, second: ElaboratedModel),
    _ names: [String], _ measure: ModelMeasure
  ) {
    self.first = first
    self.measure = measure
    let statics = models.second.statics
    let root = models.second.program.root.index
    guard statics.indices.contains(root), (1...Self.most).contains(names.count) else { return nil }
    var values: [String: StaticValue] = [:]
    for name in names {
      guard let value = statics[root][name]?.value.literal else { return nil }
      values[name] = value
    }
    self.values = values
    wanted = Dictionary(
      models.second.program.config.map { ($0.name, $0.text) }, uniquingKeysWith: { $1 })
    guard let base = Self.figures(first, [], measure) else { return nil }
    self.base = base
    var changed = names
    for name in names.reversed() where changed.count > 1 {
      let rest = changed.filter { $0 != name }
      if let figures = figures(rest), figures.config == wanted {
        changed = rest
        following.insert(name)
      }
    }
    guard let all = group(changed) else { return nil }
    self.all = all
    groups = divided(changed)
  }

  /// The smallest groups that can be changed by themselves.
  private func divided(_ names: [String]) -> [Group] {
    var groups: [Group] = []
    var open: [String] = []
    for name in names {
      if let alone = group([name]) { groups.append(alone) } else { open.append(name) }
    }
    while let name = open.first {
      // First a partner that can't stand alone either, then any.
      let partners = open.dropFirst() + names.filter { $0 != name && !open.contains($0) }
      let pair = partners.lazy.compactMap { other in group([name, other]) }.first
      guard let pair else { break }
      open.removeAll { pair.names.contains($0) }
      groups.removeAll { $0.names.contains { pair.names.contains($0) } }
      groups.append(pair)
    }
    if !open.isEmpty {
      // Nothing smaller is a model: what can't be changed otherwise is changed at once.
      guard let rest = group(open) else {
        return [all]
      }
      groups.append(rest)
    }
    return groups.sorted { left, right in
      let places = [left, right].map { group in
        names.firstIndex { group.names.contains($0) } ?? names.count
      }
      return places[0] < places[1]
    }
  }

  private func group(_ names: [String]) -> Group? {
    guard let figures = figures(names) else { return nil }
    return Group(
      names: names, parameters: figures.parameters - base.parameters,
      flops: figures.flops.flatMap { flops in base.flops.map { flops - $0 } })
  }

  private func figures(_ names: [String]) -> Numbers? {
    Self.figures(
      first,
      names.compactMap { name in
        values[name].map { ConfigOverride(name: name, value: $0, range: nil) }
      }, measure)
  }

  /// The first model with some values changed; `nil` when that is no model.
  private static func figures(
    _ first: LoadedModel, _ changes: [ConfigOverride], _ measure: ModelMeasure
  ) -> Numbers? {
    let names = Set(changes.map(\.name))
    let given = first.overrides.filter { !names.contains($0.name) }
    var elaborator = Elaborator(library: first.library, overrides: given + changes)
    let (model, found) = elaborator.elaborate(file: first.file)
    guard let program = model?.program, !found.contains(where: { $0.severity == .error }),
      let total = try? ParameterSums(program).checkedTotal(of: program.root, in: program)
    else { return nil }
    return Numbers(
      parameters: total, flops: measure.flops(of: program),
      config: Dictionary(program.config.map { ($0.name, $0.text) }, uniquingKeysWith: { $1 }))
  }
}

extension StaticValue {
  /// The value without its formula; `nil` for what can't be written as a literal.
  fileprivate var literal: StaticValue? {
    switch self {
    case .integer(let value, _): .literal(value)
    case .float, .boolean, .string, .none, .list: self
    case .dimension, .layer, .invalid: nil
    }
  }
}
