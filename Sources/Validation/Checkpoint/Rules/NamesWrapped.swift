// NamesWrapped: every name of the file has a prefix that the model's names lack, or lacks one.
// One finding for the file; the pairing has already looked through the prefix.
import Diagnostics
import Interchange

/// Tells of prefixes: those of wrappers keep usual readers from finding anything.
enum NamesWrapped: CheckpointRule {
  static let ids = ["names-wrapped", "names-prefixed"]

  private static let wrappers = ["module", "_orig_mod", "base_model"]

  static func findings(
    in subject: CheckpointSubject, open: inout CheckpointDifferences
  ) -> [CheckpointFinding] {
    guard subject.checkpoint.gguf == nil, let first = subject.map.matches.first,
      let tensor = subject.tensor(of: first.tensor)
    else { return [] }
    let head = tensor.name.split(separator: ".").first.map(String.init) ?? ""
    let all = subject.stored.filter { $0.name.hasPrefix(head + ".") }.count
    if wrappers.contains(head), subject.map.matches.contains(where: { $0.rule == .canonical }) {
      return [
        CheckpointFinding(
          "names-wrapped", .warning,
          "\(all) of \(subject.stored.count) names begin with `\(head).`, which a wrapper of the"
            + " training put there",
          file: tensor.file, place: tensor.place, tensor: tensor.name,
          facts: ["`\(tensor.name)` is the model's `\(first.parameter)`"],
          fixes: [
            FixIt(
              message: "save the state of the model inside the wrapper, or take `\(head).` off the"
                + " names",
              effect: .none)
          ])
      ]
    }
    for match in subject.map.matches {
      let (text, prefix): (String, String)
      switch match.rule {
      case .addedPrefix(let added):
        (text, prefix) = ("the names lack the prefix `\(added).`", added)
      case .removedPrefix(let removed):
        (text, prefix) = ("the names have a prefix `\(removed).` that the model lacks", removed)
      default: continue
      }
      guard let tensor = subject.tensor(of: match.tensor) else { continue }
      return [
        CheckpointFinding(
          "names-prefixed", .note, text, file: tensor.file, place: tensor.place,
          tensor: tensor.name,
          facts: [
            "`\(match.tensor)` is the model's `\(match.parameter)`",
            "Hugging Face reads it so when `\(prefix)` is the class's `base_model_prefix`",
          ])
      ]
    }
    return []
  }
}
