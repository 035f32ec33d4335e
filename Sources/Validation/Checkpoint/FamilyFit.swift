// FamilyFit: how well the weights of a family match the names in a file, whatever their sizes.
// For files that no config lies beside; works on patterns, so that depth costs nothing.
import Analysis
import Dimensions
import IR
import Interchange
import Language

/// The weights of a model by pattern, with their shapes in the config's names.
package struct PatternTable: Sendable {
  package let formulas: [String: [Dimension]]
  /// Patterns of second names, which a file may leave out.
  package let ties: Set<String>
  package let lists: [String: ExpectedWeights.LayerList]

  /// - Returns: nil when the model can't be listed.
  package init?(_ program: Program) {
    guard let ledger = try? ParameterLedger(program) else { return nil }
    func pattern(_ path: FoldedPath) -> String {
      path.components.map { $0.elements == nil ? $0.name : $0.name + ".*" }
        .map { $0.hasPrefix(".") ? String($0.dropFirst()) : $0 }.joined(separator: ".")
    }
    formulas = Dictionary(
      ledger.entries.map { (pattern($0.path), $0.declaration.formula) },
      uniquingKeysWith: { first, _ in first })
    ties = Set(ledger.ties.flatMap { $0.members.filter(\.isName).map { pattern($0.path) } })
    lists = ExpectedWeights.lists(of: program)
  }

  /// The part of all patterns, of the file and of the model together, that both have: 0 to 1.
  package func fit(_ patterns: Set<String>) -> Double {
    let own = Set(formulas.keys)
    let shared = own.intersection(patterns).count
    let extra = patterns.subtracting(own).subtracting(ties).count
    return shared == 0 ? 0 : Double(shared) / Double(own.count + extra)
  }

  /// The equations that the sizes of a file make.
  package func solutions(
    _ tensors: [CheckpointTensor], values: [Symbol: Int], free: Set<Symbol>
  ) -> [[Symbol: Int]] {
    var equations: [ShapeEquation] = []
    for tensor in tensors {
      guard let formula = formulas[TensorPattern(tensor.name).text],
        formula.count == tensor.shape.count
      else { continue }
      for (axis, size) in tensor.shape.enumerated() {
        equations.append(ShapeEquation(formula: formula[axis], found: size))
      }
    }
    let found = LayerNumbers(
      tensors.map(\.name), lists: Set(lists.keys), patterns: Set(formulas.keys))
    for (prefix, list) in lists {
      guard let length = found.length(of: prefix) else { continue }
      equations.append(ShapeEquation(formula: list.formula, found: length))
    }
    return ShapeInference(equations, values: values, free: free).solutions().map(\.changes)
  }

  /// The fields that stand in some shape or length.
  package var symbols: Set<Symbol> {
    Set(formulas.values.flatMap { $0.flatMap(\.symbols) })
      .union(lists.values.flatMap(\.formula.symbols))
  }
}
