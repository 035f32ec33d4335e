// PackedTensors: matrices that a quantiser stored as integers and scales, with their own shapes.
// The packings of bitsandbytes, GPTQ, AWQ, compressed-tensors, FP8 and MXFP4, each told by its parts.
import Interchange

/// Reads packed matrices as what they stand for.
///
/// A packing is told by the names beside it, never by a dtype alone, so that a checkpoint of
/// integers for other reasons isn't taken for one.
struct PackedTensors {
  private(set) var stored: [StoredWeight] = []
  private(set) var findings: [CheckpointFinding] = []

  private let checkpoint: Checkpoint
  private let expected: ExpectedWeights
  private let config: CheckpointConfig

  /// What belongs to a packed matrix, by the last words of its name, and is no weight itself.
  private static let companions: Set<String> = [
    "qzeros", "scales", "g_idx", "SCB", "weight_format", "absmax", "quant_map", "nested_absmax",
    "nested_quant_map", "bitsandbytes__nf4", "bitsandbytes__fp4", "weight_scale",
    "weight_scale_inv", "weight_zero_point", "weight_shape", "weight_g_idx", "input_scale",
    "weight_global_scale", "input_global_scale", "weight_scale_2", "k_scale", "v_scale",
    "output_scale",
  ]

  init(_ checkpoint: Checkpoint, expected: ExpectedWeights, config: CheckpointConfig) {
    self.checkpoint = checkpoint
    self.expected = expected
    self.config = config
    let names = Set(checkpoint.tensors.map(\.name))
    var packed: [Int] = []
    for (place, tensor) in checkpoint.tensors.enumerated() {
      guard let reading = reading(tensor, beside: names) else {
        stored.append(StoredWeight(name: tensor.name, shape: tensor.shape, tensor: place))
        continue
      }
      if let weight = reading.weight {
        packed.append(place)
        stored.append(
          StoredWeight(name: weight, shape: reading.shape, tensor: place, isPacked: true))
      }
    }
    guard let first = packed.first else { return }
    let method = config.quantisation.map { "by `\($0)`, as the config says" }
    let tensor = checkpoint.tensors[first]
    findings.append(
      CheckpointFinding(
        "checkpoint-quantised", .note,
        "\(packed.count) matrices are stored packed" + (method.map { ", \($0)" } ?? ""),
        file: tensor.file, place: tensor.place, tensor: tensor.name,
        facts: [
          "`\(tensor.name)` is \(tensor.type.name) \(tensor.shape): shapes of packed matrices were"
            + " worked out from their parts"
        ]))
  }

  /// What a tensor of a packing is: a weight with its shape, or with `nil` one that belongs to it.
  private func reading(
    _ tensor: CheckpointTensor, beside names: Set<String>
  ) -> (weight: String?, shape: [Int])? {
    let name = tensor.name
    if expected[name]?.shape == tensor.shape { return nil }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard let last = parts.last else { return nil }
    let stem = parts.dropLast().joined(separator: ".")
    switch last {
    case "qweight" where names.contains("\(stem).qzeros") || names.contains("\(stem).scales"):
      return ("\(stem).weight", unpacked(tensor, scales: "\(stem).scales"))
    case "weight_packed" where names.contains("\(stem).weight_scale"):
      return ("\(stem).weight", wanted("\(stem).weight", tensor))
    case "weight" where isBitsAndBytes(name, names):
      // Four bits: pairs in a column of bytes, so that only their number can be held against it.
      return (name, wanted(name, tensor))
    case let word where word.hasSuffix("_blocks"):
      let owner = "\(stem).\(word.dropLast("_blocks".count))"
      guard names.contains("\(owner)_scales") else { return nil }
      return (owner, wanted(owner, tensor, groups: true))
    case let word
    where word.hasSuffix("_scales")
      && names.contains(
        "\(stem).\(word.dropLast("_scales".count))_blocks"):
      return (nil, [])
    default:
      let isCompanion =
        Self.companions.contains(String(last))
        || last.hasPrefix("bitsandbytes__")
      guard isCompanion, expected[name] == nil else { return nil }
      return (nil, [])
    }
  }

  private func isBitsAndBytes(_ name: String, _ names: Set<String>) -> Bool {
    names.contains("\(name).absmax") || names.contains("\(name).quant_state.bitsandbytes__nf4")
      || names.contains("\(name).quant_state.bitsandbytes__fp4")
  }

  /// The shape of a matrix of 32-bit words: GPTQ packs along the inputs, AWQ along the outputs.
  private func unpacked(_ tensor: CheckpointTensor, scales: String) -> [Int] {
    let bits = config.quantisedBits ?? 4
    guard tensor.shape.count == 2, bits > 0, bits <= 32 else { return tensor.shape }
    func times(_ size: Int) -> Int {
      let (wide, overflow) = size.multipliedReportingOverflow(by: 32)
      return overflow ? size : wide / bits
    }
    let outputs = checkpoint.tensor(named: scales)?.shape.last
    if outputs == tensor.shape[1] { return [tensor.shape[1], times(tensor.shape[0])] }
    return [times(tensor.shape[1]), tensor.shape[0]]
  }

  /// The model's own shape when as many elements are packed as it has, else what is stored.
  private func wanted(_ name: String, _ tensor: CheckpointTensor, groups: Bool = false) -> [Int] {
    guard let shape = expected[name]?.shape else { return tensor.shape }
    let bits = config.quantisedBits ?? 4
    let elements = shape.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    let (held, overflow) = tensor.bytes.count.multipliedReportingOverflow(by: 8)
    guard bits > 0, !overflow else { return tensor.shape }
    let capacity = held / bits
    // Rows are filled up to whole words, so that a little more may be held.
    return capacity >= elements && capacity - elements < max(elements / 8, 64)
      ? shape : tensor.shape
  }
}
