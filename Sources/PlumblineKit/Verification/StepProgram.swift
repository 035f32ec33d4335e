// StepProgram: a model with the backward pass of its loss, and the graphs that unfold from it.
// Made once for the side that is analysed and once for the side that runs; usually they are one.
import Autodiff
import IR

/// A differentiated program.
package struct StepProgram: Sendable {
  /// With the derivatives of its loss.
  package var program: Program
  package let loss: FunctionID
  /// The root derivative of the loss.
  package let root: DerivativeID

  /// - Throws: ``VerificationRefusal`` when there is nothing to differentiate.
  package init(_ program: Program) throws(VerificationRefusal) {
    guard let loss = program.loss else {
      throw VerificationRefusal(
        "\(program.name) has no loss: nothing that it returns is real",
        help: "give it a real output, or a `train` section with a `loss`")
    }
    var differentiated = program
    do throws(DifferentiationError) {
      root = try differentiated.differentiateLoss()
    } catch {
      throw VerificationRefusal(
        "the loss can't be differentiated: \(error)", isOurs: error.operation != nil)
    }
    self.program = differentiated
    self.loss = loss
  }

  /// Forward and backward as one list of operations.
  package func step() throws(VerificationRefusal) -> FlatGraph {
    do throws(UnfoldingError) {
      return try program.flattened(root)
    } catch {
      throw VerificationRefusal(error.description)
    }
  }

  /// The forward pass alone, over the same weights.
  package func forward() throws(VerificationRefusal) -> FlatGraph {
    do throws(UnfoldingError) {
      return try Flattening(program).graph(of: loss)
    } catch {
      throw VerificationRefusal(error.description)
    }
  }
}
