// PlannedMatrix: views as matrices that the products of matrices can read and write.
// Apart from the lowerings, because fused operations ask the same of their operands.
import IR
import Kernels

/// A view as a batch of matrices, one axis of which has consecutive elements.
package struct PlannedMatrix: Sendable {
  /// Of extents `[batch, rows, columns]`.
  package let view: TensorView
  /// Whether the elements of a column, not those of a row, are consecutive.
  package let isTransposed: Bool

  /// - Returns: `nil` when neither axis has consecutive elements.
  package init?(_ view: TensorView) {
    precondition(view.rank == 3, "a batch of matrices has three axes, not \(view.rank)")
    self.view = view
    if view.extents[2] <= 1 || view.strides[2] == 1 {
      isTransposed = false
    } else if view.extents[1] <= 1 || view.strides[1] == 1 {
      isTransposed = true
    } else {
      return nil
    }
  }

  /// The memory of the matrix, or of its transpose.
  package func matrix(_ at: Addresses) -> Matrix {
    Matrix(
      at.real(view), stride: view.strides[isTransposed ? 2 : 1],
      batchStride: view.extents[0] == 1 ? 0 : view.strides[0])
  }

  package func operand(_ at: Addresses) -> ProductOperand {
    ProductOperand(matrix(at), isTransposed: isTransposed)
  }

  /// The same matrices with rows and columns exchanged.
  var exchanged: PlannedMatrix? { PlannedMatrix(view.permuted([0, 2, 1])) }
}

extension Lowering {
  /// A view as one matrix of its first axes by the others, copied when strides can't say that.
  package mutating func matrix(_ view: TensorView, rowAxes: Int) -> PlannedMatrix {
    let rows = view.extents[..<rowAxes].reduce(1, *)
    return matrix(view, [1, rows, view.extents[rowAxes...].reduce(1, *)])
  }

  /// A view under other extents, copied when strides can't say that.
  mutating func matrix(_ view: TensorView, _ extents: [Int]) -> PlannedMatrix {
    if let matrix = view.reshaped(to: extents).flatMap({ PlannedMatrix($0) }) { return matrix }
    let copy = dense(view)
    // A view whose elements are side by side and which still is no matrix does not exist.
    guard let matrix = copy.reshaped(to: extents).flatMap({ PlannedMatrix($0) }) else {
      preconditionFailure("a dense view of extents \(copy.extents) is no matrix of \(extents)")
    }
    return matrix
  }
}
