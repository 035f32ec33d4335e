// Mean: means along axes, whose gradient shares the cotangent out.
// The pattern and the kernel are those of every ReductionOperation.
import Dimensions
import IR
import Kernels

/// The mean over the bracketed axes.
///
/// - Cost: one addition for each element of the operand, one division for each of the result.
package struct Mean: ReductionOperation {
  package static let function = ReductionFunction.mean
  package static let summary = "Averages the elements along the bracketed axes."
  package let axes: BracketAxes
  package let keeps = KeptValues()

  package init(_ axes: BracketAxes) {
    self.axes = axes
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    Cost(elementwise: operands[0].elementCount + results[0].elementCount)
  }

  package func derivative(
    _ builder: inout RegionBuilder, x: ValueID, y: ValueID, axes: [Int], cotangent: ValueID
  ) throws(Fault) -> ValueID {
    let count = Dimension.product(of: axes.map { builder.shape(of: x)[$0] })
    let element = builder.type(of: x).element
    let divisor = try builder.emit(Extent(count, element: element))
    let share = try builder.divide(cotangent, divisor)
    return try builder.restore(share, axes: axes, like: x)
  }
}
