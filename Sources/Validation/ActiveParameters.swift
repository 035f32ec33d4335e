// ActiveParameters: the weights of experts that no token meets, of all experts that there are.
// Read from the forward graph: what is looked up for a token is a part of what could be.
import Dimensions
import IR

/// The count of weights that do not work on one token.
enum ActiveParameters {
  /// Weights of experts that are not chosen, over all layers.
  ///
  /// A choice is a look-up, `gather(matrices [E, …], chosen [..., K])`, of K out of E for each
  /// position; a table of words is looked up by ids whose last axis is no number of choices.
  static func idle(in program: Program) -> Dimension {
    guard let entry = program.entry else { return 0 }
    var known: [FunctionID: Dimension] = [:]
    return idle(entry, program, &known, depth: 0)
  }

  private static func idle(
    _ id: FunctionID, _ program: Program, _ known: inout [FunctionID: Dimension], depth: Int
  ) -> Dimension {
    if let known = known[id] { return known }
    guard depth < 128 else { return 0 }
    let function = program[id]
    var sum: Dimension = 0
    for node in function.nodes {
      switch node.kind {
      case .operation(let operation) where operation.name == "gather" && node.operands.count == 2:
        let table = function.type(of: node.operands[0])
        let choice = function.type(of: node.operands[1])
        guard table.rank >= 2, choice.rank >= 3, let all = table.shape.first?.constant,
          let chosen = choice.shape.last?.constant, 1..<all ~= chosen
        else { continue }
        sum += Dimension.product(of: Array(table.shape.dropFirst())) * Dimension(all - chosen)
      case .call(let call):
        let times = max(call.elements?.count ?? 1, 1)
        sum += idle(call.function, program, &known, depth: depth + 1) * Dimension(times)
      default: continue
      }
    }
    known[id] = sum
    return sum
  }
}
