// RunLengthsDiffer: runs of one study that trained for different numbers of steps.
// The plan's counterpart is a study that varies `steps`.
import Diagnostics

/// The runs that are compared have different lengths.
///
/// A longer run is nearly always better, so the comparison says which run was longest. The tuning
/// playbook fixes the length within a study. Runs that lost their loss may be shorter.
///
/// - Example: three runs of 10,000 steps and one of 20,000
/// - Remedy: Compare runs of one length, or take each at the length of the shortest.
/// - Catalogue: T21
enum RunLengthsDiffer: ReviewRule {
  static let id = "run-lengths-differ"

  static func findings(in subject: ReviewSubject) -> [Diagnostic] {
    let finished = subject.logs.filter { log in
      log.entries.allSatisfy { $0.loss?.isFinite ?? true }
    }
    guard finished.count > 1, let shortest = finished.min(by: { $0.lastStep < $1.lastStep }),
      let longest = finished.max(by: { $0.lastStep < $1.lastStep }),
      Double(shortest.lastStep) < 0.9 * Double(longest.lastStep)
    else { return [] }
    return [
      finding(
        "the runs have different lengths: \(shortest.lastStep) and \(longest.lastStep) steps",
        at: shortest.entries.last?.place,
        notes: longest.entries.last.map {
          [Note(message: "the longest run ends here", range: $0.place)]
        }
          ?? [])
    ]
  }
}
