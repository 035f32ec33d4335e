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
  /// An output wins over an inner value, and a later binding over an earlier one. A block that is
  /// called with different shapes has several forwards, and gives a value for each.
  ///
  /// - Throws: ``PathFault`` when the path or the name does not exist.
  package func values(
    named name: String, at path: FoldedPath = FoldedPath()
  ) throws(PathFault) -> [NamedValue] {
    guard case .instances(let places) = try target(of: path) else {
      throw PathFault(
        "`\(path)` is a weight, which has no values", component: path.components.count - 1)
    }
    var found: [NamedValue] = []
    var names: [String] = []
    for place in places {
      for (index, function) in program.functions.enumerated()
      where function.definition == place.definition {
        names += function.inputNames + function.outputNames + function.values.compactMap(\.name)
        guard let value = FoldedTree.value(named: name, in: function) else { continue }
        found.append(
          NamedValue(
            place: place, function: FunctionID(index: index),
            value: function.values[value.index]))
      }
    }
    guard found.isEmpty else { return found }
    var seen: Set<String> = []
    names = names.filter { !$0.isEmpty && seen.insert($0).inserted }
    let owner = path.components.isEmpty ? program.name : path.description
    throw PathFault(
      "the forward of `\(DisplayText.safe(owner))` names no value `\(DisplayText.safe(name))`",
      component: path.components.count, candidates: names,
      nearest: Nearest.match(name, in: names))
  }

  private static func value(named name: String, in function: Function) -> ValueID? {
    if let output = function.outputNames.firstIndex(of: name) { return function.outputs[output] }
    if let inner = function.values.lastIndex(where: { $0.name == name }) {
      return ValueID(index: inner)
    }
    return function.inputNames.firstIndex(of: name).map { function.inputs[$0] }
  }
}
