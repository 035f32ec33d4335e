// RunOptions: what `plumbline run` is asked to do, and what it found.
// Values only; the command fills the one and prints the other.
import Diagnostics
import Execution
import Interchange
import Kernels
import Training

/// One run of a model on given weights and inputs.
package struct RunOptions: Hashable, Sendable {
  /// The type in which everything is computed and written.
  package enum Precision: String, Hashable, Sendable, CaseIterable {
    case single = "f32"
    case double = "f64"
  }

  /// Which weights decay.
  package enum Decay: String, Hashable, Sendable, CaseIterable {
    case all
    /// Those with at least two axes.
    case matrices
  }

  /// A safetensors file; without one the weights come from their initialisers.
  package var weights: String?
  /// A safetensors file with the inputs.
  package var inputs: String
  /// What stands before the names of the inputs: `batch0/`.
  package var prefix = ""
  /// For an input of the model, the tensor that fills it, where the names differ.
  package var renamed: [String: String] = [:]
  /// Whether the gradients of the first batch are wanted.
  package var gradients = false
  /// How many AdamW steps are made.
  package var steps = 0
  package var optimiser = OptimiserSettings()
  package var decay = Decay.all
  /// The global norm beyond which gradients are scaled down.
  package var clip: Double?
  /// Into how many micro-batches each batch is cut.
  package var accumulate = 1
  package var accumulation = GradientAccumulation.tokenWeighted
  package var precision = Precision.single
  /// What runs the model.
  package var engine = Engine.plain
  /// For weights that no file gives.
  package var seed: UInt64 = 0

  package init(inputs: String, weights: String? = nil) {
    self.inputs = inputs
    self.weights = weights
  }
}

/// What a run computed.
package struct RunReport: Sendable {
  /// Everything, under the names that the output file uses.
  package internal(set) var tensors: [SafetensorsTensor] = []
  package internal(set) var warnings: [Diagnostic] = []
  /// The loss of the first batch; `nil` when its targets were not given.
  package internal(set) var loss: Double?
  /// The loss before each step.
  package internal(set) var losses: [Double] = []
  /// The norm of the gradients before each step and before clipping.
  package internal(set) var norms: [Double] = []
  /// Multiply-adds that the first batch took.
  package internal(set) var multiplyAdds = 0
  /// How many weights were read where they lie in their file: a planned pass that changes none.
  package internal(set) var mappedWeights = 0

  /// A tensor by its name.
  package subscript(name: String) -> SafetensorsTensor? { tensors.first { $0.name == name } }

  /// Writes everything to a safetensors file.
  ///
  /// - Throws: ``RunFailure`` when the file can't be written.
  package func write(to path: String) throws(RunFailure) {
    do {
      try SafetensorsWriter(tensors).write(to: path)
    } catch {
      throw RunFailure(error)
    }
  }
}
