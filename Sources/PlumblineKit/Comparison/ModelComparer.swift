// ModelComparer: finds in what two loaded models differ.
// What each value of the config costs is found in ValueCosts, by elaborating models in between.
import Analysis
import Diagnostics
import Dimensions
import IR
import Interchange
import Language

/// The comparison of two models without errors.
package struct ModelComparer {
  /// The longest sequence at which work is compared, where both models take one.
  private static let longest = 1_024

  private let first: LoadedModel
  private let second: LoadedModel
  private let models: (first: ElaboratedModel, second: ElaboratedModel)

  /// Nil when one of them could not be elaborated.
  package init?(_ first: LoadedModel, _ second: LoadedModel) {
    guard let left = first.model, let right = second.model else { return nil }
    self.first = first
    self.second = second
    models = (left, right)
  }

  /// - Throws: ``AnalysisError`` when a number does not fit.
  package func comparison() throws(AnalysisError) -> ModelComparison {
    let sizes = commonSizes
    let measure = ModelMeasure(sizes: sizes)
    var comparison = ModelComparison(
      first: try side(first, models.first, measure),
      second: try side(second, models.second, measure), sizes: sizes ?? [:],
      blocks: try BlockComparison(
        models.first.program, models.second.program, sizes: sizes ?? [:]))
    var differing = differingFields(&comparison)
    let isOneFamily = first.family != nil && first.family == second.family
    let costs = isOneFamily ? ValueCosts(first, models, differing.map(\.name), measure) : nil
    if let costs {
      for index in differing.indices {
        differing[index].follows = costs.following.contains(differing[index].name)
      }
    }
    comparison.fields = differing
    comparison.keys = unreadKeys
    if let costs, !costs.groups.isEmpty {
      comparison.division = .values
      comparison.costs = parts(costs, of: comparison)
    } else {
      comparison.costs = Self.blockCosts(comparison)
    }
    return comparison
  }

  private func side(
    _ loaded: LoadedModel, _ model: ElaboratedModel, _ measure: ModelMeasure
  ) throws(AnalysisError) -> ModelComparison.Side {
    let total = try ParameterSums(model.program).checkedTotal(
      of: model.program.root, in: model.program)
    return ModelComparison.Side(
      path: loaded.path, name: model.program.name, family: loaded.family, parameters: total,
      flops: measure.flops(of: model.program))
  }

  /// One example of a length that both models take; `nil` when there is none.
  private var commonSizes: [Symbol: Int]? {
    let programs = [models.first.program, models.second.program]
    var sizes = first.sizes.merging(second.sizes) { own, _ in own }
    for symbol in Set(programs.flatMap { $0.dimensions.map(\.symbol) }) where sizes[symbol] == nil {
      let bounds = programs.filter { $0.dimensions.contains { $0.symbol == symbol } }
        .map { $0.assumptions.bounds(of: symbol) }
      let upper = bounds.compactMap(\.upper).min() ?? Self.longest
      let lower = bounds.compactMap(\.lower).max() ?? 1
      sizes[symbol] = max(symbol.name == "B" ? 1 : min(upper, Self.longest), lower, 1)
    }
    let suits = programs.allSatisfy { $0.assumptions.hold(at: sizes) }
    return suits ? sizes : nil
  }

  // MARK: Config

  private func differingFields(_ comparison: inout ModelComparison) -> [ModelComparison.Field] {
    let left = models.first.program.config
    let right = models.second.program.config
    let names =
      left.map(\.name)
      + right.map(\.name).filter { name in
        !left.contains { $0.name == name }
      }
    return names.compactMap { name in
      let one = left.first { $0.name == name }
      let other = right.first { $0.name == name }
      guard one?.text != other?.text else {
        comparison.equalFields += 1
        return nil
      }
      return ModelComparison.Field(
        name: name, key: first.key(of: name) ?? second.key(of: name),
        first: one.map { ModelComparison.Value(text: $0.text, isDefault: !$0.overridden) },
        second: other.map { ModelComparison.Value(text: $0.text, isDefault: !$0.overridden) },
        follows: false)
    }
  }

  /// Keys of two configs that no field reads; where they come from says nothing of the model.
  private var unreadKeys: [ModelComparison.Key] {
    guard let left = first.config, let right = second.config else { return [] }
    let known = left.binding.keys.union(right.binding.keys)
    var seen: Set<String> = []
    return left.config.members.compactMap { member in
      let isAboutTheFile =
        member.key.hasPrefix("_") || ["transformers_version", "model_type"].contains(member.key)
      guard !known.contains(member.key), !isAboutTheFile, seen.insert(member.key).inserted,
        let one = left.config.member(member.key), let other = right.config.member(member.key)
      else { return nil }
      let texts = (one.node.compactText, other.node.compactText)
      return texts.0 == texts.1
        ? nil : ModelComparison.Key(key: member.key, first: texts.0, second: texts.1)
    }
  }

  // MARK: Costs

  /// The costs of values changed alone, what they do together, and what no value explains.
  private func parts(_ costs: ValueCosts, of comparison: ModelComparison) -> [ModelComparison.Cost]
  {
    func label(_ names: [String]) -> String {
      names.map { name in
        let field = comparison.fields.first { $0.name == name }
        let texts = [field?.first, field?.second].map {
          ModelComparison.grouped($0?.text ?? "none")
        }
        return "\(name) \(texts.joined(separator: " → "))"
      }.joined(separator: ", ")
    }
    var parts = costs.groups.map {
      ModelComparison.Cost(label: label($0.names), parameters: $0.parameters, flops: $0.flops)
    }
    func rest(_ title: String, parameters: Int, flops: Int?) {
      let left = parameters - parts.reduce(0) { $0 + $1.parameters }
      let work = flops.map { flops in flops - parts.reduce(0) { $0 + ($1.flops ?? 0) } }
      guard left != 0 || (work ?? 0) != 0 else { return }
      parts.append(ModelComparison.Cost(label: title, parameters: left, flops: work))
    }
    rest(
      "together, beyond the sum of these", parameters: costs.all.parameters,
      flops: costs.all.flops)
    let total = comparison.total
    rest(
      "blocks that no value changes", parameters: total.parameters, flops: total.flops)
    return parts
  }

  private static func blockCosts(_ comparison: ModelComparison) -> [ModelComparison.Cost] {
    comparison.blocks.rows.compactMap { row in
      let isWhole = row.change == .added || row.change == .removed
      let (parameters, flops) = (row.ownParameters, row.ownFlops)
      guard parameters != 0 || flops != 0 else { return nil }
      let path = [row.firstPath, row.secondPath].compactMap { $0 }
      let name = Set(path).count == 1 ? path[0] : path.joined(separator: " → ")
      let verb = isWhole ? row.change.rawValue + " " : ""
      return ModelComparison.Cost(
        label: verb + (name.isEmpty ? "the model itself" : name), parameters: parameters,
        flops: comparison.total.flops == nil ? nil : flops)
    }
  }
}

extension LoadedModel {
  /// The key of the `config.json` that fills a field.
  fileprivate func key(of field: String) -> String? {
    config?.binding.readings.first { $0.field.name.text == field }?.key.text
  }
}

/// The numbers of a model at sizes that are chosen once.
struct ModelMeasure: Sendable {
  let sizes: [Symbol: Int]?

  /// Forward FLOPs; `nil` without sizes or when the number does not fit.
  func flops(of program: Program) -> Int? {
    guard let sizes, let entry = program.entry else { return nil }
    return WorkSums(program)[entry].substituting(sizes.mapValues { Dimension($0) }).flops.constant
  }
}
