// ConfigProof: other values of a config, tried on the model itself and held against the file.
// Apart from what proposes them: solved shapes and searched choices are proved alike.
import Dimensions
import Language

/// Changes of a config under which a file fits better.
struct ConfigProof {
  let changes: [Symbol: StaticValue]
  /// Fields that keep their value because shapes don't decide them.
  let kept: Set<Symbol>
  /// What differs still.
  let left: CheckpointDifferences
  let expected: ExpectedWeights

  /// What makes one proof better than another: fewer differences, then fewer changes.
  var rank: Int { left.count * 1_000 + changes.count }

  /// - Returns: nil when the changed config makes no model, or one that fits no better.
  init?(
    _ changes: [Symbol: StaticValue], kept: Set<Symbol> = [], _ subject: CheckpointSubject,
    before: CheckpointDifferences
  ) {
    func elaborate(_ changes: [Symbol: StaticValue]) -> (ExpectedWeights, [Symbol: Int])? {
      let named = Dictionary(uniqueKeysWithValues: changes.map { ($0.name, $1) })
      guard let model = subject.config.elaborate(.changed(named)),
        let expected = ExpectedWeights(model.program)
      else { return nil }
      let values = model.program.config.compactMap { value in
        value.integer.map { (Symbol(value.name), $0) }
      }
      return (expected, Dictionary(values, uniquingKeysWith: { first, _ in first }))
    }
    // A field that the config leaves to its default may follow from the others.
    var needed = changes
    let given = changes.filter { subject.config.field($0.key.name)?.range != nil }
    if !given.isEmpty, given.count < changes.count, let tried = elaborate(given),
      changes.allSatisfy({ tried.1[$0.key] == Self.number($0.value) })
    {
      needed = given
    }
    // What rules before this one have told is no difference any more.
    let told = CheckpointDifferences(subject.map).names.subtracting(before.names)
      .union(subject.checkpoint.damaged)
    func left(under expected: ExpectedWeights) -> CheckpointDifferences {
      var left = CheckpointDifferences(CheckpointSubject.pair(subject.stored, expected))
      left.missing.removeAll { told.contains($0.parameter) }
      left.unexpected.removeAll { told.contains($0.tensor) }
      if subject.checkpoint.isPartial || subject.checkpoint.isOneOfShards { left.missing = [] }
      return left
    }
    guard var (expected, _) = elaborate(needed) else { return nil }
    var rest = left(under: expected)
    guard rest.count < before.count else { return nil }
    // Formulas of a family's defaults may ask for changes that this config doesn't need.
    for field in needed.keys.sorted() where needed.count > 1 {
      var fewer = needed
      fewer[field] = nil
      guard let (other, _) = elaborate(fewer) else { continue }
      let tried = left(under: other)
      guard tried.count <= rest.count else { continue }
      (needed, expected, rest) = (fewer, other, tried)
    }
    self.changes = needed
    self.kept = kept
    self.left = rest
    self.expected = expected
  }

  /// The new value of a field as a config spells it.
  func text(of field: Symbol) -> String {
    switch changes[field] {
    case .boolean(let truth): "\(truth)"
    case let value: value.flatMap(Self.number).map(String.init) ?? "null"
    }
  }

  func number(of field: Symbol) -> Int? { changes[field].flatMap(Self.number) }

  private static func number(_ value: StaticValue) -> Int? {
    if case .integer(let number, _) = value { number } else { nil }
  }
}

extension CheckpointConfig {
  /// The present value of a field as a config spells it.
  func text(of field: Symbol) -> String {
    if let known = switches.first(where: { $0.name == field.name }) {
      return known.value == 1 ? "true" : "false"
    }
    return self.field(field.name)?.value.map(String.init) ?? "nothing"
  }
}
