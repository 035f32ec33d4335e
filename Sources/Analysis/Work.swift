// Work: what a region computes, as polynomials, in all and by operation.
// Apart from the report because sums, rows and memoised functions all add it up.
import Dimensions
import IR

/// The cost of some operations.
package struct Work: Hashable, Sendable {
  /// Multiply-adds of contractions; one is two FLOPs.
  package var multiplyAdds: Dimension = 0
  /// Other floating-point operations.
  package var elementwise: Dimension = 0
  /// Multiply-adds by the operation's name; operations without any are left out.
  package var operations: [String: Dimension] = [:]

  package init() {}

  /// FLOPs of contractions: two for each multiply-add.
  package var flops: Dimension { multiplyAdds * 2 }

  mutating func add(_ other: Work, times: Dimension = 1) {
    multiplyAdds += other.multiplyAdds * times
    elementwise += other.elementwise * times
    for (name, count) in other.operations { operations[name, default: 0] += count * times }
  }

  mutating func add(_ operation: any Operation, operands: [TensorType], results: [TensorType]) {
    let cost = operation.cost(of: operands, results: results)
    multiplyAdds += cost.multiplyAdds
    elementwise += cost.elementwise
    if cost.multiplyAdds != 0 { operations[operation.name, default: 0] += cost.multiplyAdds }
  }

  /// The work of a region's own operations, calls left out.
  init(nodes: [Node], values: [Value]) {
    for node in nodes {
      guard case .operation(let operation) = node.kind else { continue }
      add(
        operation, operands: node.operands.map { values[$0.index].type },
        results: node.results.map { values[$0.index].type })
    }
  }

  /// The work under given sizes.
  package func substituting(_ sizes: [Symbol: Dimension]) -> Work {
    var result = self
    result.multiplyAdds = multiplyAdds.substituting(sizes)
    result.elementwise = elementwise.substituting(sizes)
    result.operations = operations.mapValues { $0.substituting(sizes) }
    return result
  }
}

/// The whole work of every function and derivative, calls included, computed once for each.
package struct WorkSums: Sendable {
  private let functions: [Work]
  private let derivatives: [Work]

  package init(_ program: Program) {
    guard let order = program.functionsInnermostFirst else {
      preconditionFailure("a function of \(program.name) calls itself")
    }
    var functions = [Work](repeating: Work(), count: program.functions.count)
    var byFunction: [FunctionID: [Int]] = [:]
    for (index, derivative) in program.derivatives.enumerated() {
      byFunction[derivative.function, default: []].append(index)
    }
    var derivatives = [Work](repeating: Work(), count: program.derivatives.count)
    for id in order {
      var work = Work(nodes: program[id].nodes, values: program[id].values)
      for node in program[id].nodes {
        guard case .call(let call) = node.kind else { continue }
        work.add(functions[call.function.index], times: Dimension(call.repetitions))
      }
      functions[id.index] = work
      for index in byFunction[id] ?? [] {
        let derivative = program.derivatives[index]
        var work = Work(nodes: derivative.nodes, values: derivative.values)
        for node in derivative.nodes {
          guard case .callBackward(let forward, let first, let rest) = node.kind,
            case .call(let call) = program[id].nodes[forward].kind
          else { continue }
          for run in program.backwardRuns(of: call, first: first, rest: rest) {
            work.add(
              derivatives[run.derivative.index], times: Dimension(run.elements?.count ?? 1))
          }
        }
        derivatives[index] = work
      }
    }
    self.functions = functions
    self.derivatives = derivatives
  }

  /// One run of a function.
  package subscript(_ id: FunctionID) -> Work { functions[id.index] }

  /// One run of a backward region.
  package subscript(_ id: DerivativeID) -> Work { derivatives[id.index] }
}
