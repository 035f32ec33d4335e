// TensorTransposed: matrices that lie the other way round, and squares of which nobody can tell.
// Apart from other shapes that differ: the remedy is another one, and sizes are right.
import Diagnostics
import Interchange

/// Finds `Conv1D` weights stored as linear layers store them, and the reverse.
enum TensorTransposed: CheckpointRule {
  static let ids = ["tensor-transposed", "tensor-orientation-undecided"]

  static func findings(
    in subject: CheckpointSubject, open: inout CheckpointDifferences
  ) -> [CheckpointFinding] {
    let turned = open.mismatched.filter {
      $0.expected.count == 2 && $0.expected == $0.found.reversed()
    }
    guard !turned.isEmpty else { return [] }
    open.mismatched.removeAll { mismatch in turned.contains(mismatch) }
    let names = turned.map(\.tensor)
    var findings: [CheckpointFinding] = []
    for group in TensorGroup.grouping(names) {
      guard let place = group.members.first, let tensor = subject.tensor(of: names[place]) else {
        continue
      }
      let (wanted, found) = (turned[place].expected, turned[place].found)
      let formula = subject.expected[turned[place].parameter].map {
        " = \(FitsOtherConfig.text($0.formula))"
      }
      findings.append(
        CheckpointFinding(
          "tensor-transposed", .error,
          "`\(group.text(of: names))` is stored \(found), the model has it \(wanted)",
          file: tensor.file, place: tensor.place, tensor: tensor.name,
          facts: [
            "the config makes it \(wanted)\(formula ?? "")",
            "the sizes are right and the axes are swapped: a `Conv1D` stores [in, out], a linear"
              + " layer [out, in]",
          ],
          fixes: [
            FixIt(
              message: group.members.count == 1
                ? "store the matrix transposed" : "store these \(group.members.count) transposed",
              effect: .none)
          ]))
    }
    if let square = undecided(subject, turned) { findings.append(square) }
    return findings
  }

  /// The squares of layers in which every other matrix is turned.
  private static func undecided(
    _ subject: CheckpointSubject, _ turned: [NameMap.ShapeMismatch]
  ) -> CheckpointFinding? {
    // One matrix that is turned in one layer says nothing of others.
    let patterns = Set(turned.map { TensorPattern($0.parameter).text })
    let counts = TensorGroup.grouping(subject.expected.weights.map(\.name)).filter {
      patterns.contains($0.pattern)
    }
    let whole = counts.filter { group in
      turned.count { TensorPattern($0.parameter).text == group.pattern } == group.members.count
    }
    guard !whole.isEmpty else { return nil }
    let lists = Set(whole.compactMap { list(of: $0.pattern) })
    let squares = subject.map.matches.filter { match in
      guard let weight = subject.expected[match.parameter], weight.shape.count == 2,
        weight.shape[0] == weight.shape[1], weight.shape[0] > 1
      else { return false }
      return list(of: TensorPattern(match.parameter).text).map(lists.contains) ?? false
    }
    guard let first = squares.first, let tensor = subject.tensor(of: first.tensor) else {
      return nil
    }
    let names = squares.map(\.tensor)
    let shown = TensorGroup.grouping(names).prefix(4).map { "`\($0.text(of: names))`" }
    return CheckpointFinding(
      "tensor-orientation-undecided", .warning,
      "no shape tells how \(shown.joined(separator: ", ")) \(tensor.shape) lies",
      file: tensor.file, place: tensor.place, tensor: tensor.name,
      facts: ["the matrices beside it are turned, so it most likely is too"])
  }

  /// `transformer.h` of `transformer.h.*.attn.c_attn.weight`.
  private static func list(of pattern: String) -> String? {
    pattern.firstRange(of: ".*").map { String(pattern[..<$0.lowerBound]) }
  }
}
