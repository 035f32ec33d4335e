// Normalization: the rules that layer norm, RMS norm and their gradient have in common.
// The loops live in Kernels/Standard/NormalizeKernels.swift.
import Dimensions
import IR
import Kernels

extension Normalization {
  static let faults = [
    "rank-mismatch": "x has no axis, or weight or bias are not of one axis",
    "shape-mismatch": "weight or bias cannot be proved to be as long as the last axis",
    "element-mismatch": "the operands hold different types",
  ].merging(Epsilon.fault) { first, _ in first }

  /// The word for attributes.
  var word: String {
    switch self {
    case .layer: "layer"
    case .rootMeanSquare: "root_mean_square"
    }
  }

  /// Checks `x` and the vectors from operand `start` on; `names` are those of all operands.
  static func check(
    _ operands: [TensorType], vectorsFrom start: Int, names: [String], prover: Prover
  ) throws(Fault) {
    try ShapeRules.requireSameElement(operands)
    guard let width = operands[0].shape.last else {
      throw Fault(
        "rank-mismatch", "`x` has no axis to normalise", operand: 0, needs: "[..., n]",
        found: operands[0].shapeText)
    }
    for index in operands.indices.dropFirst(start) {
      try ShapeRules.requireShape(
        [width], of: operands[index], at: index, name: names[index], kind: "shape-mismatch",
        prover: prover)
    }
  }

  /// Operations an element, before weight and bias.
  var steps: Dimension { self == .layer ? 5 : 3 }

  /// The cost with `vectors` of weight and bias: means, epsilon, root and reciprocal a row.
  func cost(of x: TensorType, vectors: Int) -> Cost {
    let rows = Dimension.product(of: x.shape.dropLast())
    return Cost(
      elementwise: (steps + Dimension(vectors)) * x.elementCount + (self == .layer ? 5 : 4) * rows)
  }

  /// Emits the normalised rows, in primitives, before weight and bias.
  func emitRows(
    _ builder: inout RegionBuilder, _ x: ValueID, epsilon: Double
  ) throws(Fault) -> (normalized: ValueID, factor: ValueID) {
    let axis = builder.shape(of: x).count - 1
    let last = BracketAxes(axes: [axis], rank: axis + 1)
    var centred = x
    if self == .layer {
      let mean = try builder.emit(Mean(last), x)
      centred = try builder.subtract(x, try builder.restore(mean, axes: [axis], like: x))
    }
    let square = try builder.multiply(centred, centred)
    let variance = try builder.emit(Mean(last), square)
    let moved = try builder.add(variance, try builder.scalar(epsilon, like: x))
    let deviation = try builder.emit(Sqrt(), moved)
    let inverse = try builder.emit(Reciprocal(), deviation)
    let factor = try builder.restore(inverse, axes: [axis], like: x)
    return (try builder.multiply(centred, factor), factor)
  }

  /// Emits the gradients of all operands through one backward operation.
  func emitGradient(
    _ builder: inout RegionBuilder, operands: [ValueID], cotangent: ValueID?, wanted: [Bool],
    epsilon: Double
  ) throws(Fault) -> [ValueID?] {
    guard let cotangent, wanted.contains(true) else { return operands.map { _ in nil } }
    let operation = NormalizationGradient(
      self, epsilon: epsilon, input: wanted[0], weight: wanted.count > 1 && wanted[1],
      bias: wanted.count > 2 && wanted[2])
    let weight = operands.count > 1 ? [operands[1]] : []
    var results = try builder.emit(operation, [operands[0], cotangent] + weight)[...]
    return operands.indices.map { wanted[$0] ? results.popFirst() : nil }
  }
}
