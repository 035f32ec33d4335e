// Sum: sums along axes, whose gradient repeats the cotangent.
// The pattern and the kernel are those of every ReductionOperation.
import IR
import Kernels

/// The sum over the bracketed axes.
///
/// - Cost: one addition for each element of the operand.
package struct Sum: ReductionOperation {
  package static let function = ReductionFunction.sum
  package static let summary = "Adds the elements along the bracketed axes."
  package let axes: BracketAxes
  package let keeps = KeptValues()

  package init(_ axes: BracketAxes) {
    self.axes = axes
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    Cost(elementwise: operands[0].elementCount)
  }

  package func derivative(
    _ builder: inout RegionBuilder, x: ValueID, y: ValueID, axes: [Int], cotangent: ValueID
  ) throws(Fault) -> ValueID {
    try builder.restore(cotangent, axes: axes, like: x)
  }
}
