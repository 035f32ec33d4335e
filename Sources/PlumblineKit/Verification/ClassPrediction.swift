// ClassPrediction: what the first loss of a classifier should be near, from types and initialisers.
// Apart from the step's prediction because it is a plausibility and no theorem.
import Dimensions
import Execution
import IR
import Kernels

/// The classes of a cross-entropy loss.
///
/// A fresh model guesses, and a guess among `n` classes costs `ln n`. Logits that spread by `s`
/// around their mean cost about `s² ÷ 2` more. The spread is estimated from the weight that makes
/// the logits: `σ · √width` for features of unit variance, as a norm leaves them.
package struct ClassPrediction: Hashable, Sendable {
  package var classes: Int
  /// The expected spread of the logits; `nil` when no weight can be found that makes them.
  package var spread: Double?

  /// The entropy of a guess, in nats.
  package var expected: Double { Double.logarithm(Double(classes)) }

  /// How far from the guess a first loss may lie, in nats; `nil` when the initialiser says that it
  /// need not lie near it.
  package var tolerance: Double? {
    let usual = max(0.5, 0.15 * expected)
    guard let spread else { return usual }
    return spread <= 1 ? usual + spread * spread / 2 : nil
  }

  /// Adds the first loss of a run to a section.
  ///
  /// - Returns: both sides in one line.
  func judge(_ loss: Double, in section: inout VerificationSection) -> String {
    let guess = "ln \(classes) = \(Quantity.text(expected))"
    guard let tolerance else {
      return "not judged: the initialiser spreads the logits by "
        + (spread.map(Quantity.text) ?? "?")
    }
    section.add(
      "first loss", predicted: "\(guess) ± \(Quantity.text(tolerance))",
      observed: Quantity.text(loss), agrees: abs(loss - expected) <= tolerance)
    return "\(Quantity.text(loss)) against \(guess) ± \(Quantity.text(tolerance))"
  }

  /// Reads the loss of a step.
  ///
  /// - Returns: `nil` when the loss is no mean cross-entropy.
  init?(_ graph: FlatGraph, sizes: [Symbol: Int]) {
    guard let loss = graph.outputs.first(where: { $0.name == "loss" })?.value,
      let node = graph.nodes.first(where: { $0.results.contains(loss) }),
      node.operation.name == "cross_entropy", node.operands.count == 2,
      node.operation.attributes.string("reduction") != "sum",
      let axis = TargetAxis.position(of: node, in: graph),
      let size = graph.values[node.operands[0]].type.shape[axis].evaluate(sizes),
      let classes = Int(exactly: size), classes > 1
    else { return nil }
    self.classes = classes
    spread = ClassPrediction.spread(of: node.operands[0], in: graph)
  }

  /// The spread of what a contraction with a weight makes.
  private static func spread(of value: Int, in graph: FlatGraph) -> Double? {
    guard let node = graph.nodes.first(where: { $0.results.contains(value) }),
      ["affine", "einsum"].contains(node.operation.name), node.operands.count >= 2,
      let result = node.results.first, let features = node.operands.first,
      let weight = graph.parameters.first(where: { node.operands.dropFirst().contains($0.value) }),
      // What the features have and the logits do not is summed over.
      let width = graph.values[features].type.shape.last?.constant,
      graph.values[result].type.shape.last != graph.values[features].type.shape.last
    else { return nil }
    switch weight.declaration.initialiser {
    case .normal(let deviation): return deviation * Double(width).squareRoot()
    case .kaimingUniform: return 1 / 3.0.squareRoot()
    case .zeros: return 0
    case .ones, .constant, .sinusoid: return nil
    }
  }
}

/// Where a cross-entropy has its classes.
enum TargetAxis {
  /// The axis of the logits that the pattern marks.
  static func position(of node: FlatNode, in graph: FlatGraph) -> Int? {
    guard let axes = node.operation.attributes.pattern?.inputs.first,
      let logits = node.operands.first,
      let marked = axes.firstIndex(where: { if case .bracket = $0 { true } else { false } })
    else { return nil }
    let rank = graph.values[logits].type.rank
    let position = axes[..<marked].contains(.ellipsis) ? marked + rank - axes.count : marked
    return (0..<rank).contains(position) ? position : nil
  }
}
