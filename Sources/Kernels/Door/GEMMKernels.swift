// GEMMKernels: products of matrices, with what is done to a result while it is still in registers.
// The door alone: how a product is cut into pieces is known to the kernels of each level.

/// Fast products of matrices.
package protocol GEMMKernels {
  /// The memory that a product of this shape needs.
  static func productWorkspace(_ shape: ProductShape) -> KernelWorkspace

  /// C = op(A)·op(B), or C += op(A)·op(B), for each entry of the batch.
  ///
  /// - Shapes: `op(A) [m, k]`, `op(B) [k, n]` → `C [m, n]`
  /// - Cost: ``ProductShape/multiplyAdds``
  /// - Parameters:
  ///   - product: Operands and result; the result overlaps none of the others.
  ///   - workspace: The promised shared bytes, aligned to 64.
  /// - Returns: The jobs, in order.
  static func product(_ product: MatrixProduct, workspace: Place<Float>) -> [KernelJob]
}

/// The extents of a product of matrices; any of them may be zero.
package struct ProductShape: Hashable, Sendable {
  package var m: Int
  package var n: Int
  package var k: Int
  /// How many products are made alike.
  package var batch: Int
  /// Whether the sums of a row take the same order however many rows there are, so that a row alone
  /// has the bits that it has among others.
  package var keepsRows = false

  package init(m: Int, n: Int, k: Int, batch: Int = 1) {
    self.m = m
    self.n = n
    self.k = k
    self.batch = batch
  }

  /// The multiply-adds of all products.
  package var multiplyAdds: Int { m * n * k * batch }
}

/// Rows of consecutive elements in memory.
package struct Matrix: Sendable {
  package var place: Place<Float>
  /// The elements from one row to the next.
  package var stride: Int
  /// The elements from one entry of the batch to the next; zero if all share one matrix.
  package var batchStride: Int

  package init(_ place: Place<Float>, stride: Int, batchStride: Int = 0) {
    self.place = place
    self.stride = stride
    self.batchStride = batchStride
  }
}

/// An operand of a product: a matrix as it lies, or its transpose.
package struct ProductOperand: Sendable {
  package var matrix: Matrix
  package var isTransposed: Bool

  package init(_ matrix: Matrix, isTransposed: Bool = false) {
    self.matrix = matrix
    self.isTransposed = isTransposed
  }
}

/// One product of matrices.
package struct MatrixProduct: Sendable {
  package var shape: ProductShape
  package var a: ProductOperand
  package var b: ProductOperand
  package var result: Matrix
  /// Whether the result is added to what is there.
  package var accumulates = false
  package var epilogue = ProductEpilogue()
  /// Receives the sum of each row of op(A), `[m]`: a bias gradient; batch 1 only.
  package var rowSums: Place<Float>?
  /// Receives the sum of each column of op(B), `[n]`: a bias gradient; batch 1 only.
  package var columnSums: Place<Float>?
  /// Whether the sums are added to what is there.
  package var accumulatesSums = false

  package init(
    _ shape: ProductShape, a: ProductOperand, b: ProductOperand, result: Matrix
  ) {
    self.shape = shape
    self.a = a
    self.b = b
    self.result = result
  }
}

/// What is done to a result before it is written for the last time.
///
/// C = f(product + bias) + residual; with ``MatrixProduct/accumulates`` nothing but a bias and a
/// residual is allowed.
package struct ProductEpilogue: Sendable {
  /// Added to each row, `[n]`.
  package var bias: Place<Float>?
  package var activation = ProductActivation.none
  /// Added at the end.
  package var residual: Matrix?

  package init(
    bias: Place<Float>? = nil, activation: ProductActivation = .none, residual: Matrix? = nil
  ) {
    self.bias = bias
    self.activation = activation
    self.residual = residual
  }

  /// Whether the product is the result.
  package var isEmpty: Bool {
    guard case .none = activation else { return false }
    return bias == nil && residual == nil
  }
}

/// A function that is applied to each element of a product.
package enum ProductActivation: Sendable {
  case none
  /// f(x); `keeping` receives x.
  case apply(ActivationKind, keeping: Matrix?)
  /// x · f′(y), with y at the same place of a matrix: a gradient that goes back through f.
  case slope(ActivationKind, at: Matrix)
}

/// The functions that an epilogue knows.
package enum ActivationKind: String, Hashable, Sendable, CaseIterable {
  case gelu
  case geluTanh = "gelu_tanh"
  case silu
  case relu
}
