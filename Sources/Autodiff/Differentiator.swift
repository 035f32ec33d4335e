// Differentiator: derivatives of a program's functions, as ordinary regions of the IR.
// Each function is differentiated once for each choice of wanted inputs and arriving outputs.
import Dimensions
import IR

/// Adds derivatives to a program.
package struct Differentiator {
  /// What one derivative was made for.
  private struct Key: Hashable {
    var function: FunctionID
    var wanted: [Bool]
    var arriving: [Bool]
  }

  /// The program with the derivatives made so far.
  package private(set) var program: Program
  var activity: Activity
  let prover: Prover
  private var known: [Key: DerivativeID] = [:]
  /// The derivatives with a gradient of a weight, their own or below a call.
  private var reaching: Set<DerivativeID> = []

  package init(_ program: Program) {
    self.program = program
    activity = Activity(program)
    prover = Prover(assuming: program.assumptions)
  }

  /// The root derivative of a function with a scalar output `loss`.
  ///
  /// It takes no cotangent: its region begins with the seed, the gradient of the loss by itself.
  ///
  /// - Throws: ``DifferentiationError`` when there is no such output, or when the gradient of an
  ///   operation fails.
  package mutating func root(
    of function: FunctionID
  ) throws(DifferentiationError) -> DerivativeID {
    guard let output = program[function].outputNames.firstIndex(of: "loss") else {
      throw DifferentiationError("the function has no output named loss")
    }
    let type = program[function].type(of: program[function].outputs[output])
    guard type.rank == 0, type.element.kind == .real else {
      throw DifferentiationError("the loss must be one real number, found \(type)")
    }
    var region = try BackwardRegion(
      function, wanted: program[function].inputs.map { _ in false }, in: &self, depth: 0)
    try region.seed(output)
    return add(try region.finish(in: &self))
  }

  /// The derivative of a function.
  ///
  /// - Parameters:
  ///   - function: what to differentiate.
  ///   - wanted: for each input, whether its gradient is needed.
  ///   - arriving: for each output, whether a gradient arrives.
  /// - Returns: the same derivative for the same question.
  /// - Throws: ``DifferentiationError`` when the gradient of an operation fails.
  package mutating func derivative(
    of function: FunctionID, wanted: [Bool], arriving: [Bool]
  ) throws(DifferentiationError) -> DerivativeID {
    try derivative(of: function, wanted: wanted, arriving: arriving, depth: 0)
  }

  mutating func derivative(
    of function: FunctionID, wanted: [Bool], arriving: [Bool], depth: Int
  ) throws(DifferentiationError) -> DerivativeID {
    let key = Key(function: function, wanted: wanted, arriving: arriving)
    if let found = known[key] { return found }
    try DifferentiationError.check(depth)
    var region = try BackwardRegion(function, wanted: wanted, in: &self, depth: depth)
    try region.receive(arriving)
    let id = add(try region.finish(in: &self))
    known[key] = id
    return id
  }

  /// Whether a derivative reaches a weight, so that it must run even where no result is used.
  func reachesWeights(_ id: DerivativeID) -> Bool {
    reaching.contains(id)
  }

  private mutating func add(_ derivative: Derivative) -> DerivativeID {
    let id = DerivativeID(index: program.derivatives.count)
    program.derivatives.append(derivative)
    let inner = derivative.nodes.contains { node in
      guard case .callBackward(_, let first, let rest) = node.kind else { return false }
      return reachesWeights(first) || reachesWeights(rest)
    }
    if inner || !derivative.parameterGradients.isEmpty { reaching.insert(id) }
    return id
  }
}

extension Program {
  /// Adds the backward pass of the training loss.
  ///
  /// - Returns: the root derivative, ready for flattening.
  /// - Throws: ``DifferentiationError`` when there is no loss, or when it has no gradient.
  package mutating func differentiateLoss() throws(DifferentiationError) -> DerivativeID {
    guard let loss else { throw DifferentiationError("the model has no loss") }
    var differentiator = Differentiator(self)
    let root = try differentiator.root(of: loss)
    self = differentiator.program
    return root
  }
}
