// Shapes by name: the values that a forward names, looked up by the path of its block.
// Apart because claims (`shape(logits)`) ask for one value, and need no report.
import Diagnostics
import Dimensions
import IR

/// A named value of one forward.
package struct NamedValue: Hashable, Sendable {
  package var place: FoldedInstance
  package var function: FunctionID
  package var value: Value
}

extension FoldedTree {
  /// The value of that name in each forward of the instances at a path.
  ///
  /// Only forwards that are applied there count: a block may have others elsewhere. Called with
  /// different shapes it has several, and gives a value for each. An output wins over an inner
  /// value, and a later binding over an earlier one; the model's forward wins over its loss.
  ///
  /// - Throws: ``PathFault`` when the path or the name does not exist.
  package func values(
    named name: String, at path: FoldedPath = FoldedPath()
  ) throws(PathFault) -> [NamedValue] {
    guard case .instances(let places) = try target(of: path) else {
      throw PathFault(
        "`\(path)` is a weight, which has no values", component: path.components.count - 1)
    }
    var names: [String] = []
    for calls in [applied(from: program.entry), applied(from: program.loss)] {
      var found: [NamedValue] = []
      for place in places {
        for (index, function) in program.functions.enumerated()
        where calls[FunctionID(index: index)]?.contains(where: place.overlaps) == true {
          names += function.inputNames + function.outputNames + function.values.compactMap(\.name)
          guard let value = FoldedTree.value(named: name, in: function) else { continue }
          found.append(
            NamedValue(
              place: place, function: FunctionID(index: index),
              value: function.values[value.index]))
        }
      }
      if !found.isEmpty { return found }
    }
    var seen: Set<String> = []
    names = names.filter { !$0.isEmpty && seen.insert($0).inserted }
    let owner = path.components.isEmpty ? program.name : path.description
    throw PathFault(
      "the forward of `\(DisplayText.safe(owner))` names no value `\(DisplayText.safe(name))`",
      component: path.components.count, candidates: names,
      nearest: Nearest.match(name, in: names))
  }

  /// Where each function is applied; empty without a start, and when the calls are too many.
  private func applied(from start: FunctionID?) -> [FunctionID: [FoldedInstance]] {
    guard let start, let walk = try? Applications(of: start, in: program) else { return [:] }
    return Dictionary(grouping: walk.forward, by: \.function).mapValues { $0.map(\.place) }
  }

  private static func value(named name: String, in function: Function) -> ValueID? {
    if let output = function.outputNames.firstIndex(of: name) { return function.outputs[output] }
    if let inner = function.values.lastIndex(where: { $0.name == name }) {
      return ValueID(index: inner)
    }
    return function.inputNames.firstIndex(of: name).map { function.inputs[$0] }
  }
}
