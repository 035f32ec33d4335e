// SIMDKernels+GEMM: the door of this level's products of matrices.
// Plans are made from extents, so that memory can be planned before there are addresses.
import Kernels

extension SIMDKernels: GEMMKernels {
  package static func productWorkspace(_ shape: ProductShape) -> KernelWorkspace {
    ProductPlan(shape).workspace
  }

  package static func product(
    _ product: MatrixProduct, workspace: Place<Float>
  ) -> [KernelJob] {
    ProductRun(plan: ProductPlan(product.shape), product: product, workspace: workspace).jobs
  }
}
