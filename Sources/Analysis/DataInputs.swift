// DataInputs: which values depend on what is put into the model, and which it makes itself.
// Tells a table of tokens from a table of positions, without knowing either by name.
import IR

/// For every function, the inputs that some call gives data from the model's inputs.
struct DataInputs: Sendable {
  private let program: Program
  /// By function, then by input.
  private var inputs: [Set<Int>]

  /// A function that nothing calls is taken to be given data.
  init(_ program: Program) {
    self.program = program
    inputs = [Set<Int>](repeating: [], count: program.functions.count)
    var called = [Bool](repeating: false, count: program.functions.count)
    for id in (program.functionsInnermostFirst ?? []).reversed() {
      if !called[id.index] { inputs[id.index] = Set(program[id].inputs.indices) }
      let data = values(of: id)
      for node in program[id].nodes {
        guard case .call(let call) = node.kind else { continue }
        called[call.function.index] = true
        for (position, operand) in node.operands.enumerated() where data.contains(operand) {
          inputs[call.function.index].insert(position)
        }
      }
    }
  }

  /// The values of a function that depend on data.
  func values(of id: FunctionID) -> Set<ValueID> {
    var data: Set<ValueID> = []
    for node in program[id].nodes {
      let isData: Bool
      switch node.kind {
      case .input(let position): isData = inputs[id.index].contains(position)
      case .operation, .call: isData = node.operands.contains { data.contains($0) }
      case .parameter, .cotangent, .callBackward: isData = false
      }
      if isData { data.formUnion(node.results) }
    }
    return data
  }
}
