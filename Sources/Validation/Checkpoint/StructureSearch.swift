// StructureSearch: choices of a config that shape no tensor and decide which tensors there are.
// Apart from shapes, which are solved: a switch or the number of the first sparse layer is tried.
import Dimensions
import Language

/// Tries other choices, one field at a time.
enum StructureSearch {
  /// More fields than any family has choices.
  private static let mostFields = 24

  /// The changes of one field that leave at most half of what differs, on top of those that
  /// shapes ask for.
  static func proofs(
    _ subject: CheckpointSubject, _ open: CheckpointDifferences, after solved: ConfigProof?
  ) -> [ConfigProof] {
    let present = solved?.left ?? open
    guard !present.missing.isEmpty || !present.unexpected.isEmpty, subject.config.isSound else {
      return []
    }
    var proofs: [ConfigProof] = []
    for (field, value) in candidates(subject) where solved?.changes[field] == nil {
      var changes = solved?.changes ?? [:]
      changes[field] = value
      guard let proof = ConfigProof(changes, subject, before: present),
        proof.left.count <= present.count / 2
      else { continue }
      proofs.append(proof)
      if proof.left.isEmpty { break }
    }
    return proofs
  }

  /// Switches turned over, then integers that stand in no shape with the values beside them.
  private static func candidates(_ subject: CheckpointSubject) -> [(Symbol, StaticValue)] {
    let config = subject.config
    var result: [(Symbol, StaticValue)] = config.switches.prefix(mostFields).map {
      (Symbol($0.name), .boolean($0.value == 0))
    }
    var shaping: Set<Symbol> = []
    for weight in subject.expected.weights {
      for dimension in weight.formula { shaping.formUnion(dimension.symbols) }
    }
    for list in subject.expected.lists.values { shaping.formUnion(list.formula.symbols) }
    for field in config.fields.prefix(mostFields) {
      let symbol = Symbol(field.name)
      guard !shaping.contains(symbol), let value = field.value, value >= 0, value < 1 << 16 else {
        continue
      }
      for other in Set([0, 1, 2, 3, 4, value + 1, value / 2, value * 2, max(value - 1, 0)]).sorted()
      where other != value {
        result.append((symbol, .literal(other)))
      }
    }
    return result
  }
}
