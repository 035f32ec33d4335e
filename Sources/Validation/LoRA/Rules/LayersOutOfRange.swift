// LayersOutOfRange: an index of `layers_to_transform` that no layer has.
// When none of them exists the adapter matches nothing, which is told instead.
import Diagnostics

/// `layers_to_transform` names a layer that the model does not have.
///
/// Layers count from 0. PEFT ignores an index without a layer, so that fewer layers are adapted than
/// the list says: 12 layers are 0 to 11.
///
/// - Example: layers_to_transform [11, 12] on 12 layers
/// - Remedy: Use indices that exist.
/// - Catalogue: L14
enum LayersOutOfRange: AdapterRule {
  static let id = "layers-out-of-range"

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    let known = subject.resolution.knownLayers
    guard let layers = subject.description.layers, !subject.resolution.sites.isEmpty,
      let first = known.min(), let last = known.max()
    else { return [] }
    return layers.filter { !known.contains($0.value) }.map { layer in
      finding(
        "there is no layer \(layer.value) among the targets, expected \(first)…\(last)",
        at: layer.range, label: "ignored by PEFT",
        facts: ["\(known.count) layers have a target, counted from 0"])
    }
  }
}
