// FanInFanOutDiffers: the description says how weights are stored, and the layers say otherwise.
// Only what somebody stated can be wrong; PEFT's own default is mirrored in the report.
import Diagnostics

/// `fan_in_fan_out` does not say how the adapted weights are stored.
///
/// GPT-2's layers (`Conv1D`) store their weight [in, out], `torch.nn.Linear` stores [out, in]. PEFT
/// corrects the flag with a warning at each layer that differs, other programs that merge the adapter
/// may add the change transposed, which fits without an error where the matrix is square. The
/// adapter's own matrices are [r, in] and [out, r] either way.
///
/// - Example: fan_in_fan_out false on GPT-2's c_attn
/// - Remedy: Set the flag to what the finding says.
/// - Catalogue: L10
enum FanInFanOutDiffers: AdapterRule {
  static let id = "fan-in-fan-out-differs"

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    guard let stated = subject.description.fanInFanOut else { return [] }
    let wrong: ModuleShape.Kind = stated.value ? .linear : .conv1D
    let right: ModuleShape.Kind = stated.value ? .conv1D : .linear
    let sites = subject.resolution.sites
    guard let first = sites.first(where: { $0.shape.kind == wrong }) else { return [] }
    let isMixed = sites.contains { $0.shape.kind == right }
    // Of two layouts at once one flag can fit only one, and PEFT sorts it out by itself.
    guard !isMixed else { return [] }
    let shape = first.shape
    let stored =
      wrong == .conv1D ? "[\(shape.input), \(shape.output)]" : "[\(shape.output), \(shape.input)]"
    let layout = wrong == .conv1D ? "[in, out]" : "[out, in]"
    return [
      finding(
        "fan_in_fan_out is \(stated.value), but the adapted weights are stored \(layout)",
        at: stated.range, label: "expected \(!stated.value)",
        facts: [
          "\(first.name).weight \(stored)",
          "the adapter is A [\(first.rank), \(shape.input)] and B [\(shape.output), \(first.rank)]",
        ], help: ["set fan_in_fan_out to \(!stated.value)"])
    ]
  }
}
