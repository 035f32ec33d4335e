// HeadLossKernels: the door to an output head fused with cross-entropy, forward and backward at once.
// Logits exist for a block of rows at a time; all of them would be the largest array of a step.

/// The extents of a fused head and loss, and what is asked of it: all that its memory depends on.
package struct HeadLossShape: Hashable, Sendable {
  package var rows: Int
  package var width: Int
  package var classes: Int
  /// Whether the weight lies as `[width, classes]` instead of `[classes, width]`.
  package var isTransposed: Bool
  /// Which gradients are made: by the input, and by the weight and bias.
  package var wantsInput: Bool
  package var wantsWeight: Bool
  /// The rows whose logits exist at the same time; the kernels choose when `nil`.
  package var blockRows: Int?

  package init(
    rows: Int, width: Int, classes: Int, isTransposed: Bool = false, wantsInput: Bool,
    wantsWeight: Bool
  ) {
    self.rows = rows
    self.width = width
    self.classes = classes
    self.isTransposed = isTransposed
    self.wantsInput = wantsInput
    self.wantsWeight = wantsWeight
  }

  /// The multiply-adds of the products: one forward, and one for each gradient.
  package var multiplyAdds: Int {
    rows * width * classes * (1 + (wantsInput ? 1 : 0) + (wantsWeight ? 1 : 0))
  }
}

/// Where a fused head and loss reads and writes.
package struct HeadLoss: Sendable {
  package var shape: HeadLossShape
  /// `[rows, width]`, at any stride.
  package var input: Matrix
  /// `[classes, width]`, or the transpose.
  package var weight: Matrix
  /// `[classes]`.
  package var bias: Place<Float>?
  package var targets: LossTargets
  /// Receives the loss.
  package var loss: Place<Float>
  /// The gradient that arrives at the loss; read when any gradient is made.
  package var cotangent: Place<Float>?
  /// Receives the gradient by the input, `[rows, width]`.
  package var inputGradient: Matrix?
  /// Receives the gradient by the weight, in the weight's layout.
  package var weightGradient: Matrix?
  /// Receives the gradient by the bias; only together with the weight's.
  package var biasGradient: Place<Float>?
  /// Whether the weight's and the bias's gradients are added to what is there.
  package var accumulates = false

  package init(
    _ shape: HeadLossShape, input: Matrix, weight: Matrix, bias: Place<Float>? = nil,
    targets: LossTargets, loss: Place<Float>
  ) {
    self.shape = shape
    self.input = input
    self.weight = weight
    self.bias = bias
    self.targets = targets
    self.loss = loss
  }
}

/// `cross_entropy(x · Wᵀ + b, targets)` and its gradients by x, W and b.
///
/// Each gradient costs one product, and nothing is computed twice: the gradient of a block of
/// logits replaces the block before the next one is made.
package protocol HeadLossKernels {
  /// The memory that it needs, the logits of one block of rows among it.
  static func headLossWorkspace(_ shape: HeadLossShape) -> KernelWorkspace

  /// The loss, and the gradients for which there is room.
  ///
  /// - Shapes: `x [rows, width]`, `W [classes, width]`, `b [classes]`, `targets [rows]` → `loss []`
  /// - Cost: ``HeadLossShape/multiplyAdds``
  /// - Parameters:
  ///   - head: Operands and results; the gradients wanted by the shape have places.
  ///   - workspace: The promised shared bytes, aligned to 64.
  /// - Returns: Products and gradings of all blocks, then the sum of the losses.
  static func headLoss(_ head: HeadLoss, workspace: Place<Float>) -> [KernelJob]
}
