// FunctionRewriting: a function with patterns replaced and without what nothing reads any more.
// Apart from the rules, so that no rule numbers values.
import Dimensions
import IR
import Operations

enum FunctionRewriting {
  /// Puts each fragment in the place of its anchor and drops what is dead.
  static func apply(_ matches: [Int: FusionMatch], to function: Function) -> Function {
    var region = FunctionCopy(of: function)
    for (index, node) in function.nodes.enumerated() {
      if let match = matches[index] {
        region.splice(match.fragment, for: node)
      } else {
        region.copy(node)
      }
    }
    return withoutDeadCode(region.finish())
  }

  /// The function without nodes whose results nobody reads; inputs stay.
  static func withoutDeadCode(_ function: Function) -> Function {
    var needed = [Bool](repeating: false, count: function.values.count)
    for output in function.outputs { needed[output.index] = true }
    var keep = [Bool](repeating: false, count: function.nodes.count)
    for (index, node) in function.nodes.enumerated().reversed() {
      let isInput = if case .input = node.kind { true } else { false }
      guard isInput || node.results.contains(where: { needed[$0.index] }) else { continue }
      keep[index] = true
      for operand in node.operands { needed[operand.index] = true }
    }
    guard keep.contains(false) else { return function }
    var region = FunctionCopy(of: function)
    for (index, node) in function.nodes.enumerated() where keep[index] { region.copy(node) }
    return region.finish()
  }
}

/// A function that is written anew, with values numbered as they come.
struct FunctionCopy {
  private let old: Function
  private var new: Function
  /// For each value of the old function, that of the new one.
  private(set) var names: [ValueID?]

  init(of function: Function) {
    old = function
    new = function
    new.nodes = []
    new.values = []
    names = Array(repeating: nil, count: function.values.count)
  }

  /// Appends a node of the old function.
  mutating func copy(_ node: Node) {
    let operands = node.operands.map { name($0) }
    let results = node.results.map { append(old.values[$0.index]) }
    for (result, value) in zip(node.results, results) { names[result.index] = value }
    new.nodes.append(
      Node(kind: node.kind, operands: operands, results: results, range: node.range))
  }

  /// Appends the nodes of a fragment, whose results take the place of the node's.
  mutating func splice(_ fragment: Fragment, for node: Node) {
    var own = fragment.inputs.map { name($0) }
    for inner in fragment.builder.nodes {
      let operands = inner.operands.map { own[$0.index] }
      let results = inner.results.map { result in
        var value = fragment.builder.values[result.index]
        value.range = node.range
        return append(value)
      }
      own += results
      new.nodes.append(
        Node(kind: inner.kind, operands: operands, results: results, range: node.range))
    }
    for (result, local) in zip(node.results, fragment.results) {
      let value = own[local.index]
      if local.index >= fragment.inputs.count {
        new.values[value.index] = old.values[result.index]
      }
      names[result.index] = value
    }
  }

  /// Appends the body of another function, whose results take the place of the call's.
  mutating func inline(_ callee: Function, for node: Node) {
    var own = [ValueID?](repeating: nil, count: callee.values.count)
    for inner in callee.nodes {
      if case .input(let position) = inner.kind {
        own[inner.results[0].index] = name(node.operands[position])
        continue
      }
      let operands = inner.operands.map { operand in
        guard let value = own[operand.index] else {
          preconditionFailure("\(operand) of the callee is read before it is made")
        }
        return value
      }
      let results = inner.results.map { append(callee.values[$0.index]) }
      for (result, value) in zip(inner.results, results) { own[result.index] = value }
      new.nodes.append(
        Node(kind: inner.kind, operands: operands, results: results, range: inner.range))
    }
    for (result, output) in zip(node.results, callee.outputs) {
      names[result.index] = own[output.index]
    }
  }

  func finish() -> Function {
    var result = new
    result.inputs = old.inputs.map { name($0) }
    result.outputs = old.outputs.map { name($0) }
    return result
  }

  private func name(_ value: ValueID) -> ValueID {
    guard let name = names[value.index] else {
      preconditionFailure("\(value) is read, but was dropped")
    }
    return name
  }

  private mutating func append(_ value: Value) -> ValueID {
    new.values.append(value)
    return ValueID(index: new.values.count - 1)
  }
}
