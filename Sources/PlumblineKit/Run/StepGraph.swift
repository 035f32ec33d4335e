// StepGraph: the part of a training step that a run needs, unfolded for the executor.
// `run` and `verify` both start here, so that what is verified is what runs.
import Autodiff
import Execution
import IR

/// How much of a training step is unfolded.
package enum StepPart: Hashable, Sendable {
  /// The model's inputs to its outputs.
  case forward
  /// The forward pass, the targets and the loss.
  case loss
  /// The loss and the gradient of every weight that is trained.
  case gradients
}

/// A step as one list of operations, and the program with the derivatives it was made from.
package struct StepGraph: Sendable {
  package let part: StepPart
  package let graph: FlatGraph
  package let program: Program
  /// The root derivative in `program`, for a step with gradients.
  package let derivative: DerivativeID?

  /// Unfolds a program.
  ///
  /// - Parameters:
  ///   - program: the model.
  ///   - part: how much of a step.
  ///   - isFused: whether patterns such as attention that is spelled out become one operation
  ///     first. That computes the same, and is never what an analysis looks at.
  /// - Throws: ``RunFailure`` when the program has no forward or no loss, when an operation has no
  ///   gradient, and when the graph would pass a limit.
  package init(
    _ program: Program, _ part: StepPart, isFused: Bool = false
  ) throws(RunFailure) {
    var program = isFused ? ProgramFusion.fuse(program).program : program
    var derivative: DerivativeID?
    do throws(UnfoldingError) {
      switch part {
      case .forward:
        guard let entry = program.entry else {
          throw UnfoldingError("the model has no forward")
        }
        graph = try program.flattened(entry)
      case .loss:
        guard let loss = program.loss else { throw UnfoldingError("the model has no loss") }
        graph = try program.flattened(loss)
      case .gradients:
        let root: DerivativeID
        do throws(DifferentiationError) {
          root = try program.differentiateLoss()
        } catch {
          throw UnfoldingError(error.description)
        }
        derivative = root
        graph = try program.flattened(root)
      }
    } catch {
      throw RunFailure(error)
    }
    self.part = part
    self.program = program
    self.derivative = derivative
  }

  /// Names and shapes of the weights, in the graph's order.
  package var weights: [(name: String, shape: [Int])] {
    graph.parameters.map { parameter in
      (parameter.name, parameter.declaration.type.shape.map { $0.constant ?? -1 })
    }
  }

  /// Further names of tied weights, each with the name of its owner.
  package var ties: [String: String] {
    guard let aliases = try? program.unfoldedAliases() else { return [:] }
    var result: [String: String] = [:]
    for alias in aliases where graph.parameters.indices.contains(alias.weight) {
      result[alias.name] = graph.parameters[alias.weight].name
    }
    return result
  }
}
