// CheckpointReport: one checkpoint in a line, for the summary of a check.
// Apart from the findings, which are told whether there is a summary or not.
import Analysis
import Interchange
import Validation

/// What was read of a checkpoint.
package struct CheckpointReport: Hashable, Sendable {
  /// `148 tensors in 3 shards, float32, 496 MB, all as the model has them`.
  package let text: String
  /// `lm_head.weight` where a tied weight is stored once.
  package let tied: [String]

  init(_ checkpoint: Checkpoint, subject: CheckpointSubject?, findings: [CheckpointFinding]) {
    let count = checkpoint.tensors.count
    var parts = ["\(Figures.grouped(count)) tensor\(count == 1 ? "" : "s")"]
    if checkpoint.shardCount > 1 { parts[0] += " in \(checkpoint.shardCount) shards" }
    let types = Self.types(checkpoint)
    if !types.isEmpty { parts.append(types) }
    parts.append(StoredSize.text(checkpoint.byteCount))
    let serious = findings.count { $0.diagnostic.severity != .note }
    if subject == nil {
      parts.append("headers alone were checked")
    } else if serious > 0 {
      parts.append("\(serious) finding\(serious == 1 ? "" : "s")")
    } else if subject?.hasUnknownNames == true || checkpoint.isPartial {
      parts.append("as far as it could be held against the model")
    } else {
      parts.append("all as the model has them")
    }
    text = parts.joined(separator: ", ")
    let present = Set(subject?.stored.map(\.name) ?? [])
    tied =
      subject?.expected.weights.compactMap { weight in
        guard let owner = weight.tiedTo, present.contains(owner), !present.contains(weight.name)
        else { return nil }
        return weight.name
      } ?? []
  }

  /// `bfloat16`, or `Q4_1 with 61 F32 and 1 Q8_0`: the type of most bytes, then the others.
  private static func types(_ checkpoint: Checkpoint) -> String {
    var bytes: [String: Int] = [:]
    var counts: [String: Int] = [:]
    for tensor in checkpoint.tensors {
      let name = tensor.type.words
      bytes[name] = (bytes[name] ?? 0).addingReportingOverflow(tensor.bytes.count).partialValue
      counts[name, default: 0] += 1
    }
    let sorted = bytes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    guard let first = sorted.first else { return "" }
    let others = sorted.dropFirst().prefix(4).map { "\(counts[$0] ?? 0) \($0)" }
    return others.isEmpty ? first : "\(first) with \(others.joined(separator: ", "))"
  }
}
