// Multiply: products, whose gradient reads both operands.
// The shape rule and the kernel are those of every BinaryOperation.
import IR
import Kernels

/// `a · b`, element by element.
///
/// - Cost: one operation for each element of the result.
package struct Multiply: BinaryOperation {
  package static let function = BinaryFunction.multiply
  package static let summary = "Multiplies two tensors element by element."
  package static let takesIntegers = true
  package let keeps = KeptValues(operands: [0, 1])

  package init() {}

  package func derivatives(
    _ builder: inout RegionBuilder, a: ValueID, b: ValueID, y: ValueID, cotangent: ValueID,
    wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    [
      wanted[0] ? try builder.multiply(cotangent, b) : nil,
      wanted[1] ? try builder.multiply(cotangent, a) : nil,
    ]
  }
}
