// TargetAlsoSaved: a layer that is to be adapted and to be trained in full.
// PEFT keeps the second and drops the first without a word, unless nothing is left.
import Diagnostics

/// A target is also in `modules_to_save`.
///
/// PEFT trains such a layer in full and makes no adapter for it. When all layers of a target are
/// saved, the target does nothing; when that leaves no adapter at all, PEFT refuses.
///
/// - Example: target_modules ["c_attn"] and modules_to_save ["c_attn"]
/// - Remedy: Keep the layer in one of the two lists.
/// - Catalogue: L12
enum TargetAlsoSaved: AdapterRule {
  static let id = "target-also-saved"
  static let severity = Severity.error

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    subject.resolution.patterns.compactMap { match in
      guard !match.named.isEmpty, match.savedInstead == match.named.count else { return nil }
      let saved = subject.description.saved.map { "`\($0.value)`" }.joined(separator: ", ")
      var facts = ["all \(match.named.count) layers are trained in full, 0 are adapted"]
      if let refusal = subject.resolution.refusal { facts.append("PEFT: \(refusal.text)") }
      return finding(
        "`\(match.pattern.value)` is a target and also saved by \(saved)",
        at: match.pattern.range, label: "0 adapters", facts: facts,
        help: ["keep it in `target_modules` or in `modules_to_save`, not in both"])
    }
  }
}
