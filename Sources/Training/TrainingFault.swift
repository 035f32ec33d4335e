// TrainingFault: why a training step can't be set up or taken.
// Apart from ExecutionFault, which it wraps: a forward pass knows no optimiser.
import Execution
import Kernels

/// A training step that can't be taken.
package enum TrainingFault: Error, Hashable, Sendable {
  case execution(ExecutionFault)
  case kernel(KernelFault)
  /// No output of the graph has the name of the loss.
  case missingLoss(name: String, outputs: [String])
  case lossIsNoScalar(name: String, extents: [Int])
  case unknownParameter(String)
  /// The graph computes a gradient for a weight that is not trained.
  case gradientOfFrozen(String)
  /// Two lists that must be parallel are not.
  case wrongCount(of: String, expected: Int, found: Int)
  /// A setting outside the values that make sense.
  case setting(name: String, found: String, needs: String)
  case noBatches
  /// No target is kept in any micro-batch, or a micro-batch does not say how many are.
  case noKeptTargets(batch: Int?)
}

extension TrainingFault: CustomStringConvertible {
  package var description: String {
    switch self {
    case .execution(let fault): fault.description
    case .kernel(let fault): fault.message
    case .missingLoss(let name, let outputs):
      "there is no output '\(name)': the step returns \(outputs.joined(separator: ", "))"
    case .lossIsNoScalar(let name, let extents):
      "output '\(name)' is no scalar: expected one real number, found extents \(extents)"
    case .unknownParameter(let name): "there is no parameter '\(name)'"
    case .gradientOfFrozen(let name):
      "parameter '\(name)' is frozen, but the step computes a gradient for it"
    case .wrongCount(let what, let expected, let found):
      "expected \(expected) \(what), found \(found)"
    case .setting(let name, let found, let needs): "\(name) is \(found): expected \(needs)"
    case .noBatches: "a step needs at least one micro-batch"
    case .noKeptTargets(let batch?): "micro-batch \(batch) does not say how many targets it keeps"
    case .noKeptTargets(nil): "no target is kept: the mean over none has no value"
    }
  }
}
