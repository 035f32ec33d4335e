// TiedWeightStoredTwice: the config ties two weights, and the file has bytes for both.
// A header can't show whether they are equal, so this only says that one of them is lost.
import Diagnostics
import Interchange

/// Names tied weights with two places in the file.
enum TiedWeightStoredTwice: CheckpointRule {
  static let ids = ["tied-weight-stored-twice"]

  static func findings(
    in subject: CheckpointSubject, open: inout CheckpointDifferences
  ) -> [CheckpointFinding] {
    subject.map.tiedCopies.prefix(8).compactMap { copy in
      guard let tensor = subject.tensor(of: copy.tensor),
        let owner = subject.tensor(of: copy.ownerTensor)
      else { return nil }
      return CheckpointFinding(
        "tied-weight-stored-twice", .note,
        "`\(tensor.name)` and `\(owner.name)` are tied, and each has bytes of its own",
        file: tensor.file, place: tensor.place, tensor: tensor.name,
        facts: [
          "readers keep one of the two; headers can't tell whether they are equal",
          "\(StoredSize.text(tensor.bytes.count)) are stored twice",
        ])
    }
  }
}
