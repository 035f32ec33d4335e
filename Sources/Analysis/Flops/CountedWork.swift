// CountedWork: the amounts of work of functions and of their backward passes, calls left out.
// The backward is read from what the forward multiplied and what depends on something trained, as
// a tool sees it that watches a framework: not from the backward graph that this project runs.
import Dimensions
import IR

/// Counts the work of functions and derivatives.
struct CountedWork {
  private let program: Program
  /// The own forward work of each function, calls left out.
  private let own: [WorkAmounts]
  /// The same with everything below.
  private let whole: [WorkAmounts]

  init(_ program: Program) {
    self.program = program
    guard let order = program.functionsInnermostFirst else {
      preconditionFailure("a function of \(program.name) calls itself")
    }
    var own = [WorkAmounts](repeating: WorkAmounts(), count: program.functions.count)
    var whole = own
    for id in order {
      for item in CountedRegion(id, in: program).items {
        own[id.index].add(item.amount, of: item.kind)
      }
      var amounts = own[id.index]
      for node in program[id].nodes {
        guard case .call(let call) = node.kind else { continue }
        amounts.add(whole[call.function.index], times: Dimension(call.repetitions))
      }
      whole[id.index] = amounts
    }
    self.own = own
    self.whole = whole
  }

  /// The own forward work of a function.
  func forward(of id: FunctionID) -> WorkAmounts { own[id.index] }

  /// The own backward work of a function, for the gradients that a derivative was made for.
  func backward(of id: DerivativeID) -> WorkAmounts {
    let derivative = program[id]
    let trained = TrainedValues(derivative, in: program)
    var amounts = WorkAmounts()
    for item in CountedRegion(derivative.function, in: program).items {
      let node = trained.function.nodes[item.node]
      guard node.results.contains(where: { trained.receives($0) }) else { continue }
      let products = item.factors.count { group in
        group.contains { trained.depends(node.operands[$0]) }
      }
      guard products > 0 else { continue }
      amounts.add(item.amount * Dimension(products), of: item.kind)
      if item.isScores, item.kind == .attention { amounts.add(item.amount, of: .scoresAgain) }
    }
    return amounts
  }

  /// The forward work that only results after the first read, everything below included.
  func aside(of id: FunctionID) -> WorkAmounts {
    let function = program[id]
    guard function.outputs.count > 1, let first = function.outputs.first else {
      return WorkAmounts()
    }
    let main = function.nodes(leadingTo: [first])
    let all = function.nodes(leadingTo: function.outputs)
    var amounts = WorkAmounts()
    for item in CountedRegion(id, in: program).items
    where all.contains(item.node) && !main.contains(item.node) {
      amounts.add(item.amount, of: item.kind)
    }
    for index in all.subtracting(main) {
      guard case .call(let call) = function.nodes[index].kind else { continue }
      amounts.add(whole[call.function.index], times: Dimension(call.repetitions))
    }
    return amounts
  }
}

extension Function {
  /// The nodes that some values depend on.
  fileprivate func nodes(leadingTo values: [ValueID]) -> Set<Int> {
    var wanted = Set(values)
    var found: Set<Int> = []
    for (index, node) in nodes.enumerated().reversed()
    where node.results.contains(where: { wanted.contains($0) }) {
      found.insert(index)
      wanted.formUnion(node.operands)
    }
    return found
  }
}

/// Which values of a function depend on something trained, and which get a gradient.
private struct TrainedValues {
  let function: Function
  private var dependent: [Bool]
  private var receiving: [Bool]

  func depends(_ value: ValueID) -> Bool { dependent[value.index] }
  func receives(_ value: ValueID) -> Bool { receiving[value.index] }

  init(_ derivative: Derivative, in program: Program) {
    let function = program[derivative.function]
    self.function = function
    dependent = [Bool](repeating: false, count: function.values.count)
    receiving = dependent
    /// The derivatives of calls, by the call's node.
    var inner: [Int: Derivative] = [:]
    for node in derivative.nodes {
      guard case .callBackward(let call, let first, _) = node.kind else { continue }
      inner[call] = program[first]
    }
    for (index, node) in function.nodes.enumerated() {
      let depends: Bool
      switch node.kind {
      case .input(let position): depends = derivative.wanted[position]
      case .parameter(let reference):
        depends =
          program.declaration(of: reference, from: function.definition)?.trainable ?? false
      case .operation: depends = node.operands.contains { dependent[$0.index] }
      case .call: depends = inner[index] != nil
      case .cotangent, .callBackward: depends = false
      }
      for result in node.results where function.type(of: result).element.kind == .real {
        dependent[result.index] = depends
      }
    }
    // The root of a loss takes no gradient from outside: it begins with the loss itself.
    let isRoot = !derivative.arriving.contains(true)
    for (position, output) in function.outputs.enumerated()
    where isRoot ? function.outputNames[position] == "loss" : derivative.arriving[position] {
      receiving[output.index] = dependent[output.index]
    }
    for (index, node) in function.nodes.enumerated().reversed()
    where node.results.contains(where: { receiving[$0.index] }) {
      for (position, operand) in node.operands.enumerated() where dependent[operand.index] {
        if case .call = node.kind {
          // The first of a chain may hand nothing on; what the others read is read all the same.
          guard let gradients = inner[index]?.inputGradients, position < gradients.count,
            gradients[position] != nil
          else { continue }
        }
        receiving[operand.index] = true
      }
    }
  }
}
