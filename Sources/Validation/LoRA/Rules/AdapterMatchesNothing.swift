// AdapterMatchesNothing: no target names a layer, so that PEFT stops.
// One report for all targets; the facts say what could have been named.
import Analysis
import Diagnostics

/// No target of the adapter matches a layer of the model.
///
/// PEFT then refuses to make the adapter. A name in a list matches a layer that is called so, or
/// whose dotted name ends in it after a dot; a single text is a regular expression for the whole
/// name. Names differ from family to family: `q_proj` and `v_proj` are Llama's, while GPT-2 makes
/// queries, keys and values in one layer, `c_attn`.
///
/// - Example: target_modules ["q_proj", "v_proj"] on GPT-2
/// - Remedy: Use names that the finding lists; `plumbline shapes` prints all of them.
/// - Catalogue: L01
enum AdapterMatchesNothing: AdapterRule {
  static let id = "adapter-matches-nothing"
  static let severity = Severity.error

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    guard let refusal = subject.resolution.refusal,
      refusal.type == "NoMatchingPeftModuleError",
      subject.resolution.patterns.allSatisfy({ $0.named.isEmpty || $0.outsideLayers > 0 })
    else { return [] }
    let patterns = subject.resolution.patterns.map { "`\($0.pattern.value)`" }
    let sites = subject.adaptable.count
    let text =
      patterns.isEmpty
      ? "no target is given, so that none of \(Figures.grouped(sites)) layers is adapted"
      : "none of \(Figures.grouped(sites)) layers is \(patterns.joined(separator: " or "))"
    var facts = ["\(subject.inventory.model) has " + subject.leafList]
    let outside = subject.resolution.patterns.filter { $0.outsideLayers > 0 }
    for match in outside {
      facts.append(
        "\(match.pattern.value): \(Figures.grouped(match.outsideLayers)) layers are called so, none"
          + " of them at the index that `layers_to_transform` asks for")
    }
    facts.append("PEFT: \(refusal.text)")
    var help = subject.resolution.patterns.compactMap { match -> String? in
      guard match.outsideLayers == 0 else { return nil }
      return wholeName(match.pattern.value, subject) ?? subject.hint(for: match.pattern.value)
    }.uniqued()
    if !outside.isEmpty { help.append(layerHelp(subject)) }
    return [finding(text, at: subject.targetRange, facts: facts, help: help)]
  }

  /// A suffix where an expression for the whole name is needed.
  private static func wholeName(_ pattern: String, _ subject: AdapterSubject) -> String? {
    guard case .names(.pattern) = subject.description.targets,
      subject.adaptable.contains(where: { $0.name.hasSuffix("." + pattern) })
    else { return nil }
    return "a single text is an expression for the whole name: write `.*\\.\(pattern)`, or a list"
  }

  private static func layerHelp(_ subject: AdapterSubject) -> String {
    let known = subject.resolution.knownLayers.sorted()
    guard let first = known.first, let last = known.last else {
      return "the names have no index there: check `layers_pattern`"
    }
    return "the indices are \(first)…\(last)"
  }
}
