// FlopsReport+Program: the FLOPs of a whole program, its backward pass made on the way.
// Apart from the report, which stands below the making of derivatives' roots.
import Analysis
import Autodiff
import IR

extension FlopsReport {
  /// Counts a model.
  ///
  /// The backward pass is that of the training loss; without one, that of the first real result, as
  /// if its elements were summed.
  ///
  /// - Throws: ``AnalysisError`` when the model is too large to list, and ``DifferentiationError``
  ///   when it has no forward or nothing in it has a gradient.
  package init(
    counting program: Program, backward: Bool, options: FlopsOptions = FlopsOptions()
  ) throws {
    guard let entry = program.entry else {
      throw DifferentiationError("the model has no forward: it computes nothing")
    }
    guard backward else {
      try self.init(program, of: entry, options: options)
      return
    }
    var differentiator = Differentiator(program)
    let function = program[entry]
    let root: (function: FunctionID, derivative: DerivativeID)
    if let loss = program.loss {
      root = (loss, try differentiator.root(of: loss))
    } else {
      let first = function.outputs.firstIndex { function.type(of: $0).element.kind == .real }
      guard let first else {
        throw DifferentiationError("no result of the model is a real number: it has no gradient")
      }
      let derivative = try differentiator.derivative(
        of: entry, wanted: function.inputs.map { _ in false },
        arriving: function.outputs.indices.map { $0 == first })
      root = (entry, derivative)
    }
    try self.init(differentiator.program, of: entry, backward: root, options: options)
  }
}
