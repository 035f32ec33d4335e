// LogitsTensorLarge: logits that are made whole, larger than most budgets have room for.
// Apart from the scores of attention, which grow with the length and not with the vocabulary.
import Analysis
import Diagnostics
import Dimensions
import IR
import Language

/// The logits of a step take more than 8 GiB, and their gradient as much again.
///
/// Counts of memory often leave them out, though for small models with large vocabularies they are
/// the largest tensor: 8 sequences of 1,024 tokens and 50,257 classes are 1.65 GB in f32, the type
/// in which losses are computed. The sizes are those of the `batch` line, shared by the devices.
///
/// - Example: batch B = 32, T = 4_096 with a vocabulary of 128_256
/// - Remedy: Lower the batch and accumulate, or compute the loss in parts over the vocabulary.
/// - Catalogue: M03
enum LogitsTensorLarge: Rule {
  static let id = "logits-tensor-large"
  private static let most = 8.0 * 1_073_741_824

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let plan = subject.plan, !plan.batch.isEmpty, let reading = LossReading(subject),
      let entry = subject.program.entry
    else { return [] }
    let function = subject.program[entry]
    var found: [Diagnostic] = []
    for output in reading.graded.sorted() where function.outputs.indices.contains(output) {
      let type = function.type(of: function.outputs[output])
      guard let count = type.elementCount.evaluate(plan.batch) else { continue }
      let bytes = Double(count) * 4 / Double(max(plan.device?.count ?? 1, 1))
      guard bytes > most, let whole = Int(exactly: bytes.rounded()) else { continue }
      let sizes = plan.batch.mapValues { Dimension($0) }
      let devices = plan.device.flatMap { $0.count > 1 ? " / \($0.count) devices" : nil } ?? ""
      found.append(
        finding(
          "the logits of a step take \(Figures.bytes(whole)), and their gradient as much",
          at: subject.line("batch"),
          facts: ["\(type.shapeText) = \(type.substituting(sizes).shapeText) × 4 B\(devices)"],
          notes: function.range.map { [Note(message: "they are made here", range: $0)] } ?? []))
    }
    return found
  }
}
