// TensorMissing: weights of the model that the file doesn't hold.
// Usual readers fill them with random numbers and say so in a warning.
import Diagnostics
import Interchange

/// Tells each kind of weight that has no tensor.
enum TensorMissing: CheckpointRule {
  static let ids = ["tensor-missing"]

  static func findings(
    in subject: CheckpointSubject, open: inout CheckpointDifferences
  ) -> [CheckpointFinding] {
    let missing = open.missing
    open.missing = []
    let names = missing.map(\.parameter)
    return TensorGroup.grouping(names).compactMap { group in
      guard let place = group.members.first else { return nil }
      let first = missing[place]
      var facts = [
        "the model has \(group.members.count == 1 ? "it" : "them") \(first.shape)"
          + (subject.expected[first.parameter].map { " = \(FitsOtherConfig.text($0.formula))" }
            ?? "")
      ]
      if first.reason.hasPrefix("ambiguous") { facts.append(first.reason) }
      if let tie = tieFact(first, subject) { facts.append(tie) }
      if let near = Nearest.match(first.parameter, in: open.unexpected.map(\.tensor)) {
        facts.append("the file has `\(near)`, which the model lacks")
      }
      return CheckpointFinding(
        "tensor-missing", subject.hasUnknownNames ? .note : .error,
        "`\(group.text(of: names))` \(group.members.count == 1 ? "is" : "are") not in the file",
        file: subject.checkpoint.firstOfTensors, tensor: first.parameter, facts: facts)
    }
  }

  /// A head of the embedding's shape may have been tied when the file was written.
  private static func tieFact(
    _ missing: NameMap.Missing, _ subject: CheckpointSubject
  ) -> String? {
    guard missing.shape.count == 2,
      missing.parameter.contains("head")
        || missing.parameter
          .contains("embed_out"),
      missing.parameter.hasSuffix(".weight"),
      let table = subject.map.matches.first(where: { match in
        match.parameter != missing.parameter
          && subject.expected[match.parameter]?.shape == missing.shape
          && match.parameter.contains("emb") || match.parameter.hasSuffix("wte.weight")
      })
    else { return nil }
    let said = subject.config.tie.map { "says `tie_word_embeddings` \($0.text)" } ?? "ties nothing"
    return "the config \(said); were it true, `\(table.parameter)` would serve for it"
  }
}
