// ScoresTensorLarge: attention scores that are kept whole.
// Apart from the memory of a step, which a fused plan may save; frameworks that follow the file do not.
import Analysis
import Diagnostics
import Dimensions
import IR

/// One tensor of attention scores takes more than 8 GiB.
///
/// Scores grow with the square of the length: 32 sequences of 4,096 tokens and 6 heads are 12.9 GB,
/// in every layer, and the backward pass keeps them. A fused attention, here written
/// `scaled_dot_product_attention`, never makes the tensor. The sizes are those of the `batch` line.
///
/// - Example: batch B = 32, T = 4_096 with softmax(scores) spelled out
/// - Remedy: Write `scaled_dot_product_attention`, or shorten the sequences.
/// - Catalogue: M02
enum ScoresTensorLarge: Rule {
  static let id = "scores-tensor-large"
  private static let most = 8.0 * 1_073_741_824

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let plan = subject.plan, !plan.batch.isEmpty else { return [] }
    var largest: (bytes: Double, type: TensorType, range: SourceRange?)?
    for function in subject.program.functions {
      for node in function.nodes {
        guard case .operation(let operation) = node.kind, operation.name == "softmax",
          let result = node.results.first
        else { continue }
        let type = function.values[result.index].type
        guard type.rank >= 3, let count = type.elementCount.evaluate(plan.batch) else { continue }
        let bytes = Double(count) * Double(type.element.byteCount)
        if bytes > max(largest?.bytes ?? 0, most) { largest = (bytes, type, node.range) }
      }
    }
    guard let largest, let bytes = Int(exactly: largest.bytes) else { return [] }
    let sizes = plan.batch.mapValues { Dimension($0) }
    return [
      finding(
        "attention scores take \(Figures.bytes(bytes)) in each layer", at: largest.range,
        facts: [
          "\(largest.type.shapeText) = \(largest.type.substituting(sizes).shapeText)"
            + " × \(largest.type.element.byteCount) B"
        ],
        notes: subject.line("batch").map { [Note(message: "the batch stands here", range: $0)] }
          ?? [])
    ]
  }
}
