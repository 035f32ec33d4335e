// AdapterOnTiedWeight: an adapter, or a copy to train, on one end of a shared weight.
// Untied heads and tables stay silent.
import Diagnostics

/// An adapter changes one end of a weight that two layers share.
///
/// A tied head uses the table of the tokens. With an adapter on one end the two ends drift apart in
/// training, and merging the adapter into the shared weight changes the other end as well; a copy of
/// one end in `modules_to_save` unties them for good. Adapting both ends is as bad, with two
/// different changes to one weight.
///
/// - Example: target_modules ["lm_head"] on GPT-2, whose head is its table of tokens
/// - Remedy: Leave the tied layers out, untie them, or let PEFT tie the adapters (`ensure_weight_tying`).
/// - Catalogue: L11
enum AdapterOnTiedWeight: AdapterRule {
  static let id = "adapter-on-tied-weight"

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    var findings: [Diagnostic] = []
    var told: Set<String> = []
    for site in subject.resolution.sites {
      let partners = subject.inventory.tiePartners(of: site.name)
      guard !partners.isEmpty, told.isDisjoint(with: partners) else { continue }
      told.insert(site.name + ".weight")
      let pattern =
        subject.resolution.patterns.indices.contains(site.pattern)
        ? subject.resolution.patterns[site.pattern].pattern.range : nil
      findings.append(
        finding(
          "`\(site.name)` shares its weight with \(list(partners))", at: pattern,
          facts: ["the adapter changes one end; merged, it changes both"],
          help: ["leave the tied layer out, or untie it"]))
    }
    for module in subject.resolution.saved {
      let partners = subject.inventory.tiePartners(of: module.name)
      guard !partners.isEmpty, told.isDisjoint(with: partners) else { continue }
      told.insert(module.name + ".weight")
      let saved = subject.description.saved.first { module.name.hasSuffix($0.value) }
      findings.append(
        finding(
          "the copy of `\(module.name)` is untied from \(list(partners))", at: saved?.range,
          facts: ["both ends share one weight now; only the copy is trained"],
          help: ["leave the tied layer out, or untie the model first"]))
    }
    return findings
  }

  private static func list(_ names: [String]) -> String {
    names.prefix(3).map { "`\($0)`" }.joined(separator: ", ") + (names.count > 3 ? ", …" : "")
  }
}
