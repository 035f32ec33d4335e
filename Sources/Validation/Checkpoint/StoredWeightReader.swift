// StoredWeightReader: the tensors of a file in the spelling and the shapes of the model.
// GGUF names are translated, stacked experts taken apart and packed matrices given their own shape.
import Interchange

/// Brings the tensors of a checkpoint to one spelling.
struct StoredWeightReader {
  /// More parts than experts of any published model have.
  private static let mostParts = 4_096

  private let checkpoint: Checkpoint
  private let expected: ExpectedWeights
  private let config: CheckpointConfig
  private(set) var stored: [StoredWeight] = []
  private(set) var findings: [CheckpointFinding] = []
  private(set) var hasUnknownNames = false

  init(_ checkpoint: Checkpoint, expected: ExpectedWeights, config: CheckpointConfig) {
    self.checkpoint = checkpoint
    self.expected = expected
    self.config = config
  }

  mutating func read() {
    if let header = checkpoint.gguf {
      readGGUF(header)
    } else {
      let packing = PackedTensors(checkpoint, expected: expected, config: config)
      stored = packing.stored
      findings = packing.findings
    }
  }

  private mutating func readGGUF(_ header: GGUFHeader) {
    guard let names = GGUFNames(header) else {
      hasUnknownNames = true
      stored = checkpoint.tensors.enumerated().map {
        StoredWeight(name: $1.name, shape: $1.shape, tensor: $0)
      }
      return
    }
    var unknown: [Int] = []
    for (place, tensor) in checkpoint.tensors.enumerated() {
      if GGUFNames.isConstant(tensor.name) { continue }
      guard let target = names.target(of: tensor.name) else {
        unknown.append(place)
        continue
      }
      let shape = target.change == .transposed ? tensor.shape.reversed() : tensor.shape
      if target.isStack {
        for part in 0..<min(tensor.shape.first ?? 0, Self.mostParts) {
          let name = target.name.split(
            separator: "*", maxSplits: 1, omittingEmptySubsequences: false
          )
          .joined(separator: "\(part)")
          add(name, Array(shape.dropFirst()), place)
        }
      } else {
        add(target.name, shape, place)
      }
    }
    guard let first = unknown.first else { return }
    hasUnknownNames = true
    let tensor = checkpoint.tensors[first]
    let listed = TensorGroup.grouping(unknown.map { checkpoint.tensors[$0].name }).prefix(4).map {
      "`\($0.text(of: unknown.map { checkpoint.tensors[$0].name }))`"
    }
    findings.append(
      CheckpointFinding(
        "gguf-name-unknown", .note,
        "\(unknown.count) tensors have names that are not known for"
          + " `\(names.family.architecture)`: \(listed.joined(separator: ", "))",
        file: tensor.file, place: tensor.place, tensor: tensor.name,
        facts: ["they were not held against the model"]))
  }

  private mutating func add(_ name: String, _ shape: [Int], _ place: Int) {
    var shape = shape
    // GGUF drops axes of one.
    if let weight = expected[name], weight.shape != shape,
      weight.shape.filter({ $0 != 1 }) == shape.filter({ $0 != 1 })
    {
      shape = weight.shape
    }
    stored.append(StoredWeight(name: name, shape: shape, tensor: place))
  }
}
