// GradientClipping: the common length of all gradients, and the limit to it.
// Apart from the step because a report wants the norm also where nothing is clipped.
import Kernels

/// Clipping by the global norm, as `torch.nn.utils.clip_grad_norm_` does it.
package struct GradientClipping: Hashable, Sendable {
  /// The largest norm that is left alone.
  package var limit: Double

  package init(globalNorm limit: Double) {
    self.limit = limit
  }

  /// - Throws: ``TrainingFault/setting(name:found:needs:)`` for a limit that is not positive.
  package func check() throws(TrainingFault) {
    guard limit > 0, !limit.isNaN else {
      throw .setting(name: "clip global_norm", found: "\(limit)", needs: "a positive number")
    }
  }

  /// The norm of the gradients' norms, in the gradients' own type; 0 without gradients.
  package static func norm<Scalar: KernelScalar>(of gradients: [NDArray<Scalar>?]) -> Scalar {
    OptimiserKernels.norm(gradients.compactMap { $0.map { OptimiserKernels.norm($0.reals) } })
  }

  /// Scales the gradients so that their norm does not pass the limit.
  ///
  /// A norm that is not finite scales to zero or NaN, as in PyTorch: the caller sees the norm.
  /// - Returns: the norm before clipping.
  /// - Throws: ``TrainingFault/kernel(_:)`` for a gradient that is not real.
  package func clip<Scalar: KernelScalar>(
    _ gradients: inout [NDArray<Scalar>?]
  ) throws(TrainingFault) -> Scalar {
    let norm = GradientClipping.norm(of: gradients)
    let coefficient = Scalar(limit) / (norm + Scalar(1e-6))
    // Written so that NaN is not taken for "within the limit".
    guard !(coefficient >= 1) else { return norm }
    for index in gradients.indices {
      guard var gradient = gradients[index] else { continue }
      gradients[index] = nil
      do throws(KernelFault) {
        try gradient.withMutableReals { elements throws(KernelFault) in
          OptimiserKernels.scale(&elements, by: coefficient)
        }
      } catch {
        throw .kernel(error)
      }
      gradients[index] = gradient
    }
    return norm
  }
}
