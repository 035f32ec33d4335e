// FitsOtherConfig: the file has other shapes than the config makes, and some config makes them all.
// One finding for a wrong field, instead of one for each tensor that it shapes.
import Diagnostics
import Dimensions
import IR
import Interchange

/// Infers the config that would fit, and proves it by elaborating the model once more.
enum FitsOtherConfig: CheckpointRule {
  static let ids = ["checkpoint-fits-other-config", "vocabulary-differs", "layer-count-differs"]

  static func findings(
    in subject: CheckpointSubject, open: inout CheckpointDifferences
  ) -> [CheckpointFinding] {
    guard !open.isEmpty else { return [] }
    var proofs = solved(subject, open)
    if proofs.isEmpty || !proofs.contains(where: { $0.left.isEmpty }) {
      proofs += StructureSearch.proofs(subject, open, after: proofs.first)
    }
    guard let best = proofs.min(by: { $0.rank < $1.rank }) else {
      // What a config with mistakes makes is no measure for a file.
      if !subject.config.isSound { open = CheckpointDifferences() }
      return []
    }
    let rivals = proofs.filter { $0.rank == best.rank && $0.changes != best.changes }
    let finding = finding(best, rivals: rivals, subject, explained: open)
    open = best.left
    return [finding]
  }

  /// The configs that solve the shapes.
  private static func solved(
    _ subject: CheckpointSubject, _ open: CheckpointDifferences
  ) -> [ConfigProof] {
    let config = subject.config
    let spelled = config.isSound ? config.elaborate(.spelled) : nil
    guard
      let spelled = (spelled ?? config.elaborate(.defaults)).flatMap({ ExpectedWeights($0.program) }
      )
    else { return [] }
    let equations = CheckpointEquations(
      subject.stored, spelled, map: subject.map,
      isWhole: !subject.checkpoint.isPartial && !subject.checkpoint.isOneOfShards)
    let inference = ShapeInference(
      equations.all, values: config.values, free: Set(config.fields.map { Symbol($0.name) }))
    return inference.solutions().prefix(8).compactMap { solution in
      ConfigProof(
        solution.changes.mapValues { .literal($0) }, kept: solution.kept, subject, before: open)
    }
  }

  private static func finding(
    _ proof: ConfigProof, rivals: [ConfigProof], _ subject: CheckpointSubject,
    explained open: CheckpointDifferences
  ) -> CheckpointFinding {
    let config = subject.config
    let fields = proof.changes.keys.sorted()
    func assignment(_ proof: ConfigProof) -> String {
      proof.changes.keys.sorted().map { "`\(config.key($0))` \(proof.text(of: $0))" }
        .joined(separator: ", ")
    }
    let now = fields.map { field in
      let value = config.text(of: field)
      return fields.count == 1 ? value : "`\(config.key(field))` \(value)"
    }.joined(separator: ", ")
    let kind = Kind(proof, subject, open)
    let tensors = open.mismatched.filter { old in
      !proof.left.mismatched.contains { $0.tensor == old.tensor }
    }
    let names = tensors.map(\.tensor)
    var facts: [String] = []
    let groups = TensorGroup.grouping(names)
    for group in groups.prefix(4) {
      guard let place = group.members.first else { continue }
      let formula = subject.expected[tensors[place].parameter].map { Self.text($0.formula) }
      facts.append(
        "`\(group.text(of: names))` is \(tensors[place].found), the config makes it"
          + " \(tensors[place].expected)" + (formula.map { " = \($0)" } ?? ""))
    }
    if groups.count > 4 { facts.append("and \(groups.count - 4) more kinds of tensors likewise") }
    facts += Self.layerFacts(proof, subject, open)
    if kind == .vocabulary { facts += Self.vocabularyFacts(proof, config) }
    if proof.left.isEmpty {
      facts.append("with it all \(subject.stored.count) tensors fit")
    } else {
      facts.append("with it \(proof.left.count) of \(open.count) differences remain")
    }
    if !rivals.isEmpty {
      facts.append(
        "shapes don't decide it alone: "
          + rivals.map { assignment($0) }.joined(separator: "; or ") + " would fit too")
    }
    let undecided = proof.kept.map { config.key($0) }.sorted()
    if !undecided.isEmpty, rivals.isEmpty {
      facts.append(
        "shapes can't tell " + undecided.map { "`\($0)`" }.joined(separator: ", ")
          + ", which keeps its value")
    }
    let first =
      tensors.first.flatMap { subject.tensor(of: $0.tensor) }
      ?? open.unexpected.first.flatMap { subject.tensor(of: $0.tensor) }
    let message: String
    switch kind {
    case .layers:
      message =
        "the file has as many layers as \(assignment(proof)) makes, the config says \(now)"
    case .vocabulary:
      let rows = fields.first.map { proof.text(of: $0) } ?? ""
      let key = fields.first.map { config.key($0) } ?? ""
      message = "the file has \(rows) rows of vocabulary, `\(key)` of the config is \(now)"
    case .sizes: message = "the file fits \(assignment(proof)), the config says \(now)"
    }
    return CheckpointFinding(
      kind.id, .error, message, file: first?.file ?? subject.checkpoint.firstOfTensors,
      place: first?.place, tensor: first?.name ?? open.missing.first?.parameter, facts: facts,
      notes: notes(fields, config), fixes: [fix(proof, config)])
  }

  // MARK: Parts of the finding

  private enum Kind {
    case sizes, vocabulary, layers

    init(_ proof: ConfigProof, _ subject: CheckpointSubject, _ open: CheckpointDifferences) {
      let lists = subject.expected.lists.values
      let counts = Set(lists.flatMap { $0.formula.symbols })
      let shapes = Set(subject.expected.weights.flatMap { $0.formula.flatMap(\.symbols) })
      let changed = Set(proof.changes.keys)
      if changed.isSubset(of: counts), open.mismatched.isEmpty {
        self = .layers
      } else if changed.count == 1, let field = changed.first, shapes.contains(field),
        subject.config.key(field).contains("vocab")
      {
        self = .vocabulary
      } else {
        self = .sizes
      }
    }

    var id: String {
      switch self {
      case .sizes: "checkpoint-fits-other-config"
      case .vocabulary: "vocabulary-differs"
      case .layers: "layer-count-differs"
      }
    }
  }

  static func text(_ formula: [Dimension]) -> String {
    "[\(formula.map(\.description).joined(separator: ", "))]"
  }

  private static func layerFacts(
    _ proof: ConfigProof, _ subject: CheckpointSubject, _ open: CheckpointDifferences
  ) -> [String] {
    var facts: [String] = []
    for (prefix, list) in subject.expected.lists.sorted(by: { $0.key < $1.key }).prefix(4) {
      guard let found = proof.expected.lists[prefix], found.length != list.length else { continue }
      facts.append(
        "`\(prefix)` has \(found.length) layers in the file and \(list.length) by the config")
    }
    let left = Set(proof.left.missing.map(\.parameter) + proof.left.unexpected.map(\.tensor))
    for (words, names) in [
      ("not in the file", open.missing.map(\.parameter)),
      ("without a place in the model", open.unexpected.map(\.tensor)),
    ] {
      let explained = names.filter { !left.contains($0) }
      guard let group = TensorGroup.grouping(explained).first else { continue }
      let more = explained.count - group.members.count
      facts.append(
        "\(words): `\(group.text(of: explained))`" + (more > 0 ? " and \(more) more" : ""))
    }
    return facts
  }

  private static func vocabularyFacts(_ proof: ConfigProof, _ config: CheckpointConfig) -> [String]
  {
    guard let field = proof.changes.keys.first, let rows = proof.number(of: field),
      let now = config.field(field.name)?.value
    else { return [] }
    let difference = abs(rows - now)
    var facts = ["\(difference) row\(difference == 1 ? "" : "s") \(rows > now ? "more" : "fewer")"]
    if rows > now, let multiple = [128, 64, 32, 8].first(where: { rows % $0 == 0 }),
      rows - now < multiple
    {
      facts[0] += ": \(rows) is the next multiple of \(multiple) above \(now), as padding makes it"
    }
    return facts
  }

  private static func notes(_ fields: [Symbol], _ config: CheckpointConfig) -> [Note] {
    fields.compactMap { field in
      guard let known = config.field(field.name), let range = known.range, config.isEditable
      else { return nil }
      return Note(message: "the config says so here", range: range)
    }
  }

  private static func fix(_ proof: ConfigProof, _ config: CheckpointConfig) -> FixIt {
    let fields = proof.changes.keys.sorted()
    let words = fields.map { "\"\(config.key($0))\": \(proof.text(of: $0))" }
    let ranges = fields.compactMap { config.field($0.name)?.range }
    let edits =
      ranges.count == fields.count && config.isEditable
      ? zip(fields, ranges).map { Edit(range: $1, replacement: "\(proof.text(of: $0))") } : []
    return FixIt(
      message: "write \(words.joined(separator: ", ")) in the config"
        + " (\(FixEffect.parameters.summary))",
      edits: edits, effect: .parameters)
  }
}
