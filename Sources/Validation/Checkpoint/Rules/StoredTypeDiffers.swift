// StoredTypeDiffers: numbers stored in another format than the config says, or in two.
// Apart from shapes: such a file loads, and costs or holds something else than was meant.
import Diagnostics
import Interchange

/// Tells of other number formats.
enum StoredTypeDiffers: CheckpointRule {
  static let ids = ["stored-type-differs", "stored-types-mixed"]

  static func findings(
    in subject: CheckpointSubject, open: inout CheckpointDifferences
  ) -> [CheckpointFinding] {
    guard subject.checkpoint.gguf == nil, subject.config.quantisation == nil else { return [] }
    let tensors = subject.checkpoint.tensors.filter { $0.type.isPlainFloat && !$0.bytes.isEmpty }
    return [differing(tensors, subject), mixed(tensors)].compactMap { $0 }
  }

  /// Most bytes are of another type than `torch_dtype`.
  private static func differing(
    _ tensors: [CheckpointTensor], _ subject: CheckpointSubject
  ) -> CheckpointFinding? {
    guard let said = subject.config.type else { return nil }
    let wanted = said.text.hasPrefix("torch.") ? String(said.text.dropFirst(6)) : said.text
    let widths = ["float32": 4, "float16": 2, "bfloat16": 2, "float64": 8]
    guard let width = widths[wanted] else { return nil }
    var bytes: [String: Int] = [:]
    for tensor in tensors { bytes[tensor.type.words, default: 0] += tensor.bytes.count }
    guard let most = bytes.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }),
      most.key != wanted, let first = tensors.first(where: { $0.type.words == most.key }),
      let held = widths[most.key]
    else { return nil }
    let (scaled, overflow) = (most.value / held).multipliedReportingOverflow(by: width)
    return CheckpointFinding(
      "stored-type-differs", .warning,
      "the file stores \(most.key), the config says \(wanted)", file: first.file,
      place: first.place, tensor: first.name,
      facts: [
        "\(StoredSize.text(most.value)) as \(most.key)"
          + (overflow ? "" : ", \(StoredSize.text(scaled)) as \(wanted)")
      ],
      notes: said.range.map { [Note(message: "the config says so here", range: $0)] } ?? [])
  }

  /// One weight in different formats in different layers.
  private static func mixed(_ tensors: [CheckpointTensor]) -> CheckpointFinding? {
    let names = tensors.map(\.name)
    for group in TensorGroup.grouping(names) where group.members.count > 1 {
      var count: [String: Int] = [:]
      for member in group.members { count[tensors[member].type.words, default: 0] += 1 }
      guard count.count > 1, let rare = count.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }),
        let place = group.members.first(where: { tensors[$0].type.words == rare.key })
      else { continue }
      let kinds = count.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        .map { "\($0.value) are \($0.key)" }.joined(separator: ", ")
      return CheckpointFinding(
        "stored-types-mixed", .warning,
        "layers store `\(group.text(of: names))` in different formats: \(kinds)",
        file: tensors[place].file, place: tensors[place].place, tensor: tensors[place].name)
    }
    return nil
  }
}
