// Elaborator+Chain: what a model and those that it derives from say together of fields and findings.
// Apart from making the model: here the made one is looked back at.
import IR

extension Elaborator {
  /// The names of the fields that some models have, each once.
  func fields(
    of chain: ArraySlice<(model: ModelDeclaration, file: Int)>
  ) -> [String] {
    var names: [String] = []
    for level in chain {
      for case .config(let fields, _) in level.model.members {
        for field in fields where !names.contains(field.name.text) { names.append(field.name.text) }
      }
    }
    return names
  }

  /// The fields that the last model of a chain sets and that nothing read.
  func unreadFields(
    of chain: [(model: ModelDeclaration, file: Int)]
  ) -> [ConfigValue] {
    // A family's fields are there for the configs that need them.
    guard let last = chain.last, !isFamily(last.model) else { return [] }
    var own: Set<String> = []
    var filled: Set<String> = []
    for (position, level) in chain.enumerated() {
      for case .config(let fields, _) in level.model.members {
        for field in fields {
          if position == chain.count - 1 { own.insert(field.name.text) }
          if !field.keys.isEmpty { filled.insert(field.name.text) }
        }
      }
    }
    let unfilled = own.subtracting(filled)
    return program.config.filter { field in
      unfilled.contains(field.name) && field.range.map { !readPlaces.contains($0) } ?? false
    }
  }

  private func isFamily(_ model: ModelDeclaration) -> Bool {
    model.members.contains { if case .family = $0 { true } else { false } }
  }

  /// The policies of a model and of those it derives from.
  func policies(
    of chain: [(model: ModelDeclaration, file: Int)]
  ) -> [ModelPolicy] {
    chain.enumerated().flatMap { position, level in
      // A family serves many configs, of which some have no use for one of its policies.
      let isFamily = isFamily(level.model)
      return level.model.members.compactMap { member -> ModelPolicy? in
        guard case .policy(let policy) = member else { return nil }
        return ModelPolicy(policy, isOwn: position == chain.count - 1 && !isFamily)
      }
    }
  }
}
