// Add: sums, whose gradient reads nothing.
// The shape rule and the kernel are those of every BinaryOperation.
import Dimensions
import IR
import Kernels

/// `a + b`.
///
/// - Cost: one operation for each element of the result.
package struct Add: BinaryOperation {
  package static let function = BinaryFunction.add
  package static let summary = "Adds two tensors."
  package static let takesIntegers = true
  package let keeps = KeptValues()

  package init() {}

  package func valueRange(of operands: [TensorType], ranges: [IndexRange?]) -> IndexRange? {
    guard ranges.count == 2, let a = ranges[0], let b = ranges[1] else { return nil }
    return IndexRange(lower: a.lower + b.lower, upper: a.upper + b.upper)
  }

  package func derivatives(
    _ builder: inout RegionBuilder, a: ValueID, b: ValueID, y: ValueID, cotangent: ValueID,
    wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    [wanted[0] ? cotangent : nil, wanted[1] ? cotangent : nil]
  }
}
