// LoadedModel+Checkpoints: the weights beside a model, their headers read and held against it.
// Only `check` asks for it: every other command works on the model alone.
import Diagnostics
import IR
import Interchange
import Validation

extension LoadedModel {
  /// The same model with what its checkpoints are found to be.
  ///
  /// - Parameter path: the path as the user gave it: a directory or a file of weights.
  /// - Returns: the model with further findings, and a line for each checkpoint.
  package func checkingCheckpoints(at path: String) -> LoadedModel {
    var copy = self
    for files in CheckpointFinder.checkpoints(at: path) { copy.check(files) }
    if !copy.checkpoints.isEmpty { copy.diagnostics = FindingCauses.sorted(copy.diagnostics) }
    return copy
  }

  private mutating func check(_ files: CheckpointFiles) {
    var checkpoint: Checkpoint
    switch files {
    case .whole(let path):
      checkpoint = Checkpoint(path: path)
      if let claimed = CheckpointFinder.shardCount(path.fileName), claimed > 1 {
        checkpoint.isOneOfShards = true
      }
    case .shards(let paths):
      checkpoint = Checkpoint(shards: paths)
      if let finding = Self.judge(shards: paths) { checkpoint.add(finding) }
    }
    var findings = checkpoint.findings
    var subject: CheckpointSubject?
    if let config, let model, let expected = ExpectedWeights(model.program) {
      let isEditable = path.hasSuffix("config.json")
      let made = CheckpointSubject(
        checkpoint, expected: expected,
        config: CheckpointConfig(self, config, model: model, isEditable: isEditable))
      subject = made
      if !checkpoint.tensors.isEmpty { findings += CheckpointRuleBook.findings(in: made) }
    }
    checkpoints.append(CheckpointReport(checkpoint, subject: subject, findings: findings))
    var places = CheckpointSources(checkpoint)
    diagnostics += places.diagnostics(findings, in: &sources)
  }

  /// Shards without an index: safetensors readers need one, and numbers must be complete.
  private static func judge(shards paths: [String]) -> CheckpointFinding? {
    guard let first = paths.first else { return nil }
    let claimed = CheckpointFinder.shardCount(first.fileName) ?? paths.count
    if claimed != paths.count {
      return CheckpointFinding(
        "shard-missing", .error,
        "the names of the shards claim \(claimed), the directory has \(paths.count)", file: 0)
    }
    guard first.hasSuffix(".safetensors") else { return nil }
    return CheckpointFinding(
      "shard-index-missing", .error,
      "\(paths.count) shards lie here without an index, by which readers find their tensors",
      file: 0)
  }
}

extension String {
  /// The part of a path after the last slash.
  var fileName: String { lastIndex(of: "/").map { String(self[index(after: $0)...]) } ?? self }
}
