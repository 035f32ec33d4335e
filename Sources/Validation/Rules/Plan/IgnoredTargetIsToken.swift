// IgnoredTargetIsToken: the loss leaves out a target that is a token of the vocabulary.
// Apart from targets outside of it, such as -100, which no text contains.
import Diagnostics
import IR
import Language

/// The loss ignores a token that texts contain, so the model never learns to write it.
///
/// Padding with the token that ends a text, and leaving padding out of the loss, leaves out every
/// true end as well: the model never stops. The rule speaks when the ignored target is one of the
/// vocabulary and equals the config's `eos`, or when nothing in the model says that it is padding.
/// Rows 0 and 1, which tokenizers keep for padding, stay silent, as does the row that an
/// `embedding(…, padding: …)` names.
///
/// - Example: cross_entropy(logits : b t [v], targets: i32[B, T], ignore: 50_256) for GPT-2
/// - Remedy: Mark padded targets with -100 instead, or pad with a token of its own.
/// - Catalogue: T26
enum IgnoredTargetIsToken: Rule {
  static let id = "ignored-target-is-a-token"

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let ignored = subject.ignoredTarget, ignored.value >= 0,
      let classes = LossReading(subject)?.classes, ignored.value < classes
    else { return [] }
    let names = ["eos", "eos_token", "eos_token_id", "end", "end_of_text"]
    let end = subject.program.config.first {
      $0.integer == ignored.value && names.contains($0.name.lowercased())
    }
    guard end != nil || ignored.value > 1 && !subject.isPadding(ignored.value) else { return [] }
    var facts = ["the vocabulary has \(subject.grouped(classes)) tokens, \(ignored.value) is one"]
    if ignored.value == classes - 1 {
      facts.append("in GPT-2's vocabulary the last token is the end of a text")
    }
    return [
      finding(
        "the loss ignores token \(subject.grouped(ignored.value))"
          + (end == nil ? "" : ", which ends a text") + ", so it is never learnt",
        at: ignored.range, facts: facts,
        notes: end.flatMap { field in
          field.range.map { [Note(message: "`\(field.name)` is set here", range: $0)] }
        } ?? [])
    ]
  }
}

extension RuleSubject {
  /// Whether some table says that a row is the padding's.
  fileprivate func isPadding(_ row: Int) -> Bool {
    program.functions.contains { function in
      function.nodes.contains { node in
        guard case .operation(let operation) = node.kind, operation.name == "gather" else {
          return false
        }
        return operation.attributes.integer("padding") == row
      }
    }
  }
}
