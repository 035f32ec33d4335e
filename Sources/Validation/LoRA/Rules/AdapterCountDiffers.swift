// AdapterCountDiffers: a stated number of trainable or of all weights is not the adapter's.
// What the stated number would be is searched for by `--explain-total`.
import Analysis
import Diagnostics

/// The stated count is not what the description gives.
///
/// Counts in papers and model cards are often taken from another rank, another set of targets or
/// another base. The trainable weights are those of the adapters, of saved copies and of trained
/// biases; all weights are these and the model's own, as PEFT prints them.
///
/// - Example: 350_000 stated for GPT-2 medium with rank 4 on c_attn, which is 393_216
/// - Remedy: Correct the number or the description; `plumbline lora --explain-total` searches for one.
/// - Catalogue: L13
enum AdapterCountDiffers: AdapterRule {
  static let id = "adapter-count-differs"

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    guard let counts = subject.counts else { return [] }
    return subject.claims.compactMap { claim in
      let (actual, words) =
        claim.quantity == .trainable
        ? (counts.trainable, "trainable weights") : (counts.all, "weights in all")
      guard actual != claim.value.value else { return nil }
      let difference = claim.value.value.subtractingReportingOverflow(actual).partialValue
      var facts = [
        "adapters \(Figures.grouped(counts.adapters))"
          + (counts.saved > 0 ? " + saved copies \(Figures.grouped(counts.saved))" : "")
          + (claim.quantity == .all
            ? " + model \(Figures.grouped(counts.base))"
            : counts.biases > 0 ? " + biases \(Figures.grouped(counts.biases))" : "")
          + " = \(Figures.grouped(actual))"
      ]
      facts.append(counts.printed)
      return finding(
        "stated \(Figures.grouped(claim.value.value)) \(words), found \(Figures.grouped(actual))",
        at: claim.value.range,
        label: difference > 0
          ? "\(Figures.grouped(difference)) too many" : "\(Figures.grouped(-difference)) too few",
        facts: facts,
        help: ["`--explain-total \(claim.value.value)` searches what the stated number could be"])
    }
  }
}
