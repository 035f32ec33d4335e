// HeadDiffers: a base model's file for a model with a head, or a head that the model lacks.
// Apart from missing and extra tensors: Hugging Face loads both on purpose.
import Diagnostics
import Interchange

/// Tells of heads that would be new, and of heads that would be left out.
enum HeadDiffers: CheckpointRule {
  static let ids = ["head-missing", "head-unused"]

  static func findings(
    in subject: CheckpointSubject, open: inout CheckpointDifferences
  ) -> [CheckpointFinding] {
    for match in subject.map.matches {
      switch match.rule {
      case .addedPrefix(let prefix): return missing(prefix, subject, &open)
      case .removedPrefix(let prefix): return unused(prefix, subject, &open)
      default: continue
      }
    }
    return otherClass(subject, &open).map { [$0] } ?? []
  }

  /// The file was saved from another class of the family, whose further tensors are left out.
  private static func otherClass(
    _ subject: CheckpointSubject, _ open: inout CheckpointDifferences
  ) -> CheckpointFinding? {
    let config = subject.config
    guard let field = config.classField, !open.unexpected.isEmpty else { return nil }
    for name in config.classes where name != config.architecture?.text {
      guard let model = config.elaborate(.changed([field: .string(name)])),
        let expected = ExpectedWeights(model.program)
      else { continue }
      let map = CheckpointSubject.pair(subject.stored, expected)
      guard map.isComplete, let first = open.unexpected.first,
        let tensor = subject.tensor(of: first.tensor)
      else { continue }
      let names = open.unexpected.map(\.tensor)
      open.unexpected = []
      let shown = names.prefix(4).map { "`\($0)`" }.joined(separator: ", ")
      let now = config.architecture.map { ", `architectures` says `\($0.text)`" } ?? ""
      return CheckpointFinding(
        "head-unused", .warning, "the file was saved from `\(name)`\(now)", file: tensor.file,
        place: tensor.place, tensor: tensor.name,
        facts: [
          "\(names.count) tensors would be left out: \(shown)\(names.count > 4 ? " …" : "")"
        ],
        notes: config.architecture?.range.map {
          [Note(message: "the config says so here", range: $0)]
        } ?? [])
    }
    return nil
  }

  /// The file holds the base alone: its names lack the prefix.
  private static func missing(
    _ prefix: String, _ subject: CheckpointSubject, _ open: inout CheckpointDifferences
  ) -> [CheckpointFinding] {
    let head = open.missing.filter { !$0.parameter.hasPrefix(prefix + ".") }
    guard !head.isEmpty else { return [] }
    open.missing.removeAll { !$0.parameter.hasPrefix(prefix + ".") }
    let names = head.map(\.parameter)
    let shown = names.prefix(4).map { "`\($0)`" }.joined(separator: ", ")
    return [
      CheckpointFinding(
        "head-missing", .warning,
        "the file holds the base model alone: \(shown)\(names.count > 4 ? " …" : "") would be new",
        file: subject.checkpoint.firstOfTensors, tensor: names.first,
        facts: [
          "\(names.count) tensors of the head would be initialised at random and need training"
        ])
    ]
  }

  /// The model is a base alone: the file's names have a prefix, and those without it are a head's.
  private static func unused(
    _ prefix: String, _ subject: CheckpointSubject, _ open: inout CheckpointDifferences
  ) -> [CheckpointFinding] {
    let head = open.unexpected.filter { !$0.tensor.hasPrefix(prefix + ".") }
    guard let first = head.first, let tensor = subject.tensor(of: first.tensor) else { return [] }
    open.unexpected.removeAll { !$0.tensor.hasPrefix(prefix + ".") }
    let names = head.map(\.tensor)
    let shown = names.prefix(4).map { "`\($0)`" }.joined(separator: ", ")
    let class_ = subject.config.architecture.map { ": `architectures` says `\($0.text)`" } ?? ""
    return [
      CheckpointFinding(
        "head-unused", .warning,
        "the file holds a head that the model lacks: \(shown)\(names.count > 4 ? " …" : "")",
        file: tensor.file, place: tensor.place, tensor: tensor.name,
        facts: ["\(names.count) tensors would be left out\(class_)"])
    ]
  }
}
