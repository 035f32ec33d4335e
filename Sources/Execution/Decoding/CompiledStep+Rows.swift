// CompiledStep+Rows: ids into a step and one row of a result out of it, without an allocation.
// Apart from arrays by name, which are made anew each time.
import Kernels

extension CompiledStep {
  /// Where an input lies.
  func view(ofInput name: String) -> TensorView? {
    plan.graph.inputs.first { $0.name == name }.flatMap { plan.views[$0.value] }
  }

  /// Where an output lies.
  func view(ofOutput name: String) -> TensorView? {
    plan.graph.outputs.first { $0.name == name }.flatMap { plan.views[$0.value] }
  }

  /// Writes one element of an index tensor.
  func set(_ view: TensorView, at element: Int, to value: Int) {
    precondition(element >= 0 && element < view.count, "element \(element) of \(view.count)")
    addresses.index(view).pointer[element] = Int32(truncatingIfNeeded: value)
  }

  /// Copies one row of a matrix `[..., rows, width]`.
  func copyRow(_ row: Int, of view: TensorView, to target: inout [Float]) {
    let (rowStride, stride) = (view.strides[view.rank - 2], view.strides[view.rank - 1])
    let start = addresses.real(view).pointer + row * rowStride
    for index in target.indices { target[index] = start[index * stride] }
  }
}
