// FurtherLayers: layers behind the last that predict further tokens and that readers pass over.
// Apart from other tensors too many: the config itself announces these.
import Diagnostics
import Interchange

/// Accepts the layers that `num_nextn_predict_layers` announces.
enum FurtherLayers: CheckpointRule {
  static let ids = ["further-layers-stored"]

  static func findings(
    in subject: CheckpointSubject, open: inout CheckpointDifferences
  ) -> [CheckpointFinding] {
    let further = subject.config.furtherLayers
    guard further > 0 else { return [] }
    var first: NameMap.Unexpected?
    var count = 0
    for (prefix, list) in subject.expected.lists where !prefix.contains("*") {
      let (end, overflow) = list.length.addingReportingOverflow(further)
      guard !overflow else { continue }
      open.unexpected.removeAll { found in
        guard found.tensor.hasPrefix(prefix + "."),
          let word = found.tensor.dropFirst(prefix.count + 1).split(separator: ".").first,
          let layer = Int(word), layer >= list.length, layer < end
        else { return false }
        if first == nil { first = found }
        count += 1
        return true
      }
    }
    guard let first, let tensor = subject.tensor(of: first.tensor) else { return [] }
    return [
      CheckpointFinding(
        "further-layers-stored", .note,
        "\(count) tensors belong to layers that predict further tokens, which the model leaves out",
        file: tensor.file, place: tensor.place, tensor: tensor.name,
        facts: ["the config says `num_nextn_predict_layers` \(further)"])
    ]
  }
}
