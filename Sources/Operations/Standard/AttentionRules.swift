// AttentionRules: attributes and shapes that attention and its gradient share.
// The loops live in Kernels/Standard/AttentionKernel.swift.
import Dimensions
import IR
import Kernels

/// The rules of scaled dot-product attention.
enum AttentionRules {
  static let attributes = [
    AttributeSchema("causal", .boolean, optional: true),
    AttributeSchema("scale", .float, optional: true),
  ]

  static let faults = [
    "rank-mismatch": "an operand has less than two axes, or they differ in number",
    "shape-mismatch": "leading axes, widths, or keys and values cannot be proved equal",
    "element-mismatch": "the operands hold different types",
    "causal-without-keys": "a causal mask with more queries than keys, or perhaps more",
    "scale-out-of-range": "the scale is not finite",
  ]

  static func options(_ attributes: Attributes) throws(Fault) -> AttentionOptions {
    let scale = attributes.float("scale")
    if let scale, !scale.isFinite {
      throw Fault(
        "scale-out-of-range", "the scale is \(scale), expected a finite number",
        needs: "a finite number", found: "\(scale)")
    }
    return AttentionOptions(causal: attributes.boolean("causal") ?? false, scale: scale)
  }

  static func attributes(_ options: AttentionOptions) -> Attributes {
    var values: [String: AttributeValue] = ["causal": .boolean(options.causal)]
    if let scale = options.scale { values["scale"] = .float(scale) }
    return Attributes(values)
  }

  /// Checks queries, keys and values, the first three operands, and gives the result's shape.
  static func check(
    _ operands: [TensorType], _ options: AttentionOptions, prover: Prover
  ) throws(Fault) -> [Dimension] {
    try ShapeRules.requireSameElement(operands)
    let (query, key, value) = (operands[0], operands[1], operands[2])
    guard query.rank >= 2 else {
      throw Fault(
        "rank-mismatch", "`query` has \(query.rank) axes, expected at least 2", operand: 0,
        needs: "[..., T, d]", found: query.shapeText)
    }
    guard key.rank == query.rank, value.rank == query.rank else {
      let index = key.rank == query.rank ? 2 : 1
      throw Fault(
        "rank-mismatch",
        "`\(["query", "key", "value"][index])` has \(operands[index].rank) axes, expected "
          + "\(query.rank)",
        operand: index, needs: "\(query.rank) axes", found: operands[index].shapeText)
    }
    let leading = Array(query.shape.dropLast(2))
    let (queries, width) = (query.shape[query.rank - 2], query.shape[query.rank - 1])
    let (keys, valueWidth) = (key.shape[key.rank - 2], value.shape[value.rank - 1])
    try ShapeRules.requireShape(
      leading + [keys, width], of: key, at: 1, name: "key", kind: "shape-mismatch",
      prover: prover)
    try ShapeRules.requireShape(
      leading + [keys, valueWidth], of: value, at: 2, name: "value", kind: "shape-mismatch",
      prover: prover)
    if options.causal { try checkCausal(queries: queries, keys: keys, key, prover: prover) }
    return leading + [queries, valueWidth]
  }

  /// A query without a key would be a row of NaN.
  private static func checkCausal(
    queries: Dimension, keys: Dimension, _ key: TensorType, prover: Prover
  ) throws(Fault) {
    let claim = Constraint.atLeast(keys, queries)
    let verdict = prover.prove(claim)
    guard verdict.isProved else {
      throw Fault(
        "causal-without-keys",
        "a causal mask leaves the first of \(queries) queries without a key among \(keys)",
        operand: 1, axis: key.rank - 2, needs: claim.description, found: key.shapeText,
        claim: claim, verdict: verdict)
    }
  }

  /// Multiply-adds of a contraction of all queries with all keys, for one unit of width.
  static func pairs(_ operands: [TensorType]) -> Dimension {
    let (query, key) = (operands[0], operands[1])
    return Dimension.product(of: query.shape.dropLast()) * key.shape[key.rank - 2]
  }

  /// Emits the softmax of the masked and scaled scores, and the scale.
  static func emitWeights(
    _ builder: inout RegionBuilder, _ query: ValueID, _ key: ValueID, _ options: AttentionOptions
  ) throws(Fault) -> (weights: ValueID, scale: ValueID) {
    let (type, keyType) = (builder.type(of: query), builder.type(of: key))
    let rank = type.rank
    let scale: ValueID
    if let constant = options.scale {
      scale = try builder.scalar(constant, like: query)
    } else {
      let width = try builder.emit(Extent(type.shape[rank - 1], element: type.element))
      scale = try builder.emit(Reciprocal(), try builder.emit(Sqrt(), width))
    }
    let product = try builder.emit(
      Einsum(.arrow("... t d", "... s d", to: "... t s")), query, key)
    var scores = try builder.multiply(product, scale)
    if options.causal {
      let (queries, keys) = (type.shape[rank - 2], keyType.shape[rank - 2])
      let offset = try builder.emit(Extent(keys - queries, element: .i32))
      let last = try builder.add(try builder.emit(Iota(queries)), offset)
      let column = try builder.emit(
        Rearrange(Pattern(inputs: [[.name("t")]], output: [.name("t"), .number(1)])), last)
      let visible = try builder.compare(try builder.emit(Iota(keys)), .lessOrEqual, column)
      scores = try builder.select(visible, scores, try builder.scalar(-.infinity, like: query))
    }
    return (try builder.emit(Softmax(axis: rank - 1, rank: rank), scores), scale)
  }
}
