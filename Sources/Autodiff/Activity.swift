// Activity: which values depend on something whose gradient is wanted.
// Decided before any gradient is emitted, so that frozen layers get no backward nodes at all.
import Dimensions
import IR

/// Which values of the functions of a program are active.
///
/// A value is active when it is real and depends on a wanted input or on a trainable weight.
struct Activity {
  /// A function and which of its inputs are active.
  private struct Key: Hashable {
    var function: FunctionID
    var inputs: [Bool]
  }

  let program: Program
  private var known: [Key: [Bool]] = [:]

  init(_ program: Program) {
    self.program = program
  }

  /// For each value of a function, whether it is active.
  mutating func values(
    of id: FunctionID, inputs: [Bool], depth: Int = 0
  ) throws(DifferentiationError) -> [Bool] {
    let key = Key(function: id, inputs: inputs)
    if let found = known[key] { return found }
    try DifferentiationError.check(depth)
    let function = program[id]
    var active = [Bool](repeating: false, count: function.values.count)
    for node in function.nodes {
      switch node.kind {
      case .input(let position):
        active[node.results[0].index] = inputs[position]
      case .parameter(let reference):
        let declaration = program.declaration(of: reference, from: function.definition)
        active[node.results[0].index] = declaration?.trainable ?? false
      case .operation:
        let depends = node.operands.contains { active[$0.index] }
        for result in node.results { active[result.index] = depends }
      case .call(let call):
        let outputs = try self.outputs(
          of: call, operands: node.operands.map { active[$0.index] }, depth: depth)
        for (result, isActive) in zip(node.results, outputs) { active[result.index] = isActive }
      case .cotangent, .callBackward:
        preconditionFailure("function \(id.index) holds a backward node")
      }
      for result in node.results where function.type(of: result).element.kind != .real {
        active[result.index] = false
      }
    }
    known[key] = active
    return active
  }

  /// For each result of a call, whether it is active.
  mutating func outputs(
    of call: Call, operands: [Bool], depth: Int
  ) throws(DifferentiationError) -> [Bool] {
    guard call.repetitions > 0 else { return [operands.first ?? false] }
    let outputs = program[call.function].outputs
    let first = try values(of: call.function, inputs: operands, depth: depth + 1)
    var result = outputs.map { first[$0.index] }
    guard call.repetitions > 1 else { return result }
    let last = try values(
      of: call.function, inputs: rest(of: call, operands: operands, carried: result[0]),
      depth: depth + 1)
    result = outputs.map { last[$0.index] }
    return result
  }

  /// The active inputs of every element of a list but the first.
  ///
  /// Activity only grows with that of the inputs. So when the first element's result is active
  /// (whether or not its carried input was), the second's is too, and the third sees what the
  /// second saw: one step beyond the first is the fixed point.
  func rest(of call: Call, operands: [Bool], carried: Bool) -> [Bool] {
    var inputs = operands
    if !inputs.isEmpty { inputs[0] = carried }
    return inputs
  }
}
