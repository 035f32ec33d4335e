// AdapterOptionsContradict: options that PEFT refuses together, before it looks at a model.
// Apart from targets that match nothing, which depend on the model.
import Diagnostics

/// Options of the adapter contradict each other, or name something that does not exist.
///
/// PEFT refuses them: `layers_to_transform` and `layers_pattern` filter a list of names and can't be
/// used with a regular expression or `all-linear`; `layers_pattern` needs `layers_to_transform`; DoRA
/// takes no bias of the adapter's own; `bias` is `none`, `all` or `lora_only`; and without targets
/// the family must be one that PEFT knows.
///
/// - Example: target_modules ".*c_attn" with layers_to_transform [0, 1]
/// - Remedy: Put the layers into the regular expression, or write the targets as a list of names.
/// - Catalogue: L01
enum AdapterOptionsContradict: AdapterRule {
  static let id = "adapter-options-contradict"
  static let severity = Severity.error

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    guard let refusal = subject.resolution.refusal, refusal.module == nil,
      refusal.type == "ValueError" || refusal.type == "NotImplementedError"
    else { return [] }
    let description = subject.description
    let (message, range, help) = words(for: refusal, description, subject)
    return [
      finding(message, at: range, facts: ["PEFT: \(refusal.text)"], help: [help])
    ]
  }

  private static func words(
    for refusal: AdapterRefusal, _ description: AdapterDescription, _ subject: AdapterSubject
  ) -> (String, SourceRange?, String) {
    if refusal.type == "NotImplementedError" {
      return (
        "there is no bias option `\(description.bias.value)`", description.bias.range,
        "use `none`, `all` or `lora_only`"
      )
    }
    if description.addsBias.value, description.isDoRA.value {
      return (
        "DoRA takes no bias of the adapter's own", description.addsBias.range,
        "drop `lora_bias` or `use_dora`"
      )
    }
    if case .familyDefault = description.targets {
      let family = subject.inventory.family.map { "the family `\($0)`" } ?? "a model without family"
      return (
        "no targets are given, and PEFT has none for \(family)", nil,
        "name them: \(subject.leafList)"
      )
    }
    if let layers = description.layers, description.layersPattern.isEmpty || !isList(description) {
      return (
        "`layers_to_transform` filters a list of names, found a regular expression or all-linear",
        layers.first?.range ?? subject.targetRange,
        "put the layers into the expression, or list the names"
      )
    }
    return (
      isList(description)
        ? "`layers_pattern` says which list is meant, but no `layers_to_transform` is given"
        : "`layers_pattern` filters a list of names, found a regular expression or all-linear",
      description.layersPattern.first?.range, "give the layers too, or drop the pattern"
    )
  }

  private static func isList(_ description: AdapterDescription) -> Bool {
    if case .names(.suffixes) = description.targets { true } else { false }
  }
}
