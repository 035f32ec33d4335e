// Max: maxima along axes, whose gradient goes to the winners.
// The pattern and the kernel are those of every ReductionOperation.
import IR
import Kernels

/// The maximum over the bracketed axes.
///
/// - Cost: one comparison for each element of the operand.
package struct Max: ReductionOperation {
  package static let function = ReductionFunction.max
  package static let summary = "Takes the largest element along the bracketed axes."
  package let axes: BracketAxes
  package let keeps = KeptValues(operands: [0], results: [0])

  package init(_ axes: BracketAxes) {
    self.axes = axes
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    Cost(elementwise: operands[0].elementCount)
  }

  package func derivative(
    _ builder: inout RegionBuilder, x: ValueID, y: ValueID, axes: [Int], cotangent: ValueID
  ) throws(Fault) -> ValueID {
    // Ties share the cotangent evenly, so that the gradient does not depend on their order.
    let largest = try builder.restore(y, axes: axes, like: x)
    let wins = try builder.compare(x, .equal, largest)
    let ones = try builder.emit(Cast(to: builder.type(of: x).element), wins)
    let pattern = BracketAxes(axes: Set(axes), rank: builder.shape(of: x).count)
    let winners = try builder.emit(Sum(pattern), ones)
    let share = try builder.divide(cotangent, winners)
    let zero = try builder.scalar(0, like: x)
    return try builder.select(wins, try builder.restore(share, axes: axes, like: x), zero)
  }
}
