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

  /// The operands after those that must be given: a mask, a bias, or both in this order.
  static let masks = [
    OperandSchema("mask", [.mask, .real], optional: true), OperandSchema("bias", optional: true),
  ]

  static let faults = [
    "rank-mismatch": "an operand has less than two axes, or they differ in number",
    "shape-mismatch": "leading axes, widths, or keys and values cannot be proved equal",
    "element-mismatch": "the real operands hold different types",
    "masks-out-of-order": "after a real bias comes another mask or bias",
    "shapes-do-not-broadcast": "mask or bias cannot be proved to broadcast to [..., T, S]",
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

  /// Where mask and bias stand among the operands that follow the first `start`.
  static func places(
    _ kinds: [ElementKind], from start: Int
  ) -> (mask: Int?, bias: Int?) {
    let given = kinds.indices.dropFirst(start)
    return (given.first { kinds[$0] == .mask }, given.first { kinds[$0] == .real })
  }

  /// Checks queries, keys and values, the first three operands, and what comes after the first
  /// `start`, and gives the result's shape.
  static func check(
    _ operands: [TensorType], _ options: AttentionOptions, masksFrom start: Int, prover: Prover
  ) throws(Fault) -> [Dimension] {
    let result = try check(operands, options, prover: prover)
    if operands.count == start + 2, operands[start].element.kind == .real {
      throw Fault(
        "masks-out-of-order", "a bias is followed by another operand", operand: start + 1,
        needs: "a mask, then a bias", found: operands[start + 1].shapeText)
    }
    let scores = Array(result.dropLast()) + [operands[1].shape[operands[1].rank - 2]]
    for index in operands.indices.dropFirst(start) {
      do throws(Fault) {
        try ShapeTarget.check(
          operands[index].shape, broadcastsTo: scores, found: operands[index], needs: scores,
          prover: prover)
      } catch {
        throw Fault(
          error.kind, error.message, operand: index, axis: error.axis, needs: error.needs,
          found: error.found, claim: error.claim, verdict: error.verdict)
      }
    }
    return result
  }

  private static func check(
    _ operands: [TensorType], _ options: AttentionOptions, prover: Prover
  ) throws(Fault) -> [Dimension] {
    for (index, operand) in operands.enumerated() where operand.element.kind == .real {
      guard operand.element != operands[0].element else { continue }
      let needs = operands[0].element.rawValue
      throw Fault(
        "element-mismatch",
        "`operand 0` holds \(needs) elements, `operand \(index)` \(operand.element.rawValue)",
        operand: index, needs: needs, found: operand.element.rawValue)
    }
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

  /// Elementwise work for each score that mask and bias add.
  static func extraPasses(_ operands: [TensorType], from start: Int) -> Dimension {
    let (_, bias) = places(operands.map(\.element.kind), from: start)
    return bias == nil ? 0 : 1
  }

  /// Emits the softmax of the masked and scaled scores, and the scale; mask and bias are the
  /// operands after the first `start`.
  static func emitWeights(
    _ builder: inout RegionBuilder, _ operands: [ValueID], masksFrom start: Int,
    _ options: AttentionOptions
  ) throws(Fault) -> (weights: ValueID, scale: ValueID) {
    let (query, key) = (operands[0], operands[1])
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
    let hidden = try builder.scalar(-.infinity, like: query)
    let (mask, bias) = places(operands.map { builder.type(of: $0).element.kind }, from: start)
    var visible: [ValueID] = []
    if options.causal {
      visible.append(
        try emitCausal(
          &builder, queries: type.shape[rank - 2], keys: keyType.shape[rank - 2]))
    }
    if let mask { visible.append(operands[mask]) }
    if let bias {
      scores = try builder.add(scores, operands[bias])
      visible.append(try builder.compare(scores, .notEqual, hidden))
    }
    guard var all = visible.first else {
      return (try builder.emit(Softmax(axis: rank - 1, rank: rank), scores), scale)
    }
    for next in visible.dropFirst() { all = try builder.emit(Logical(.and), all, next) }
    scores = try builder.select(all, scores, hidden)
    var weights = try builder.emit(Softmax(axis: rank - 1, rank: rank), scores)
    if mask != nil || bias != nil {
      // A row of nothing but -infinity is NaN by now, and so is what arrives for it backwards.
      weights = try builder.select(all, weights, try builder.scalar(0, like: query))
    }
    return (weights, scale)
  }

  /// Emits the mask of the keys that come no later than the query, aligned at the last of both.
  private static func emitCausal(
    _ builder: inout RegionBuilder, queries: Dimension, keys: Dimension
  ) throws(Fault) -> ValueID {
    let offset = try builder.emit(Extent(keys - queries, element: .i32))
    let last = try builder.add(try builder.emit(Iota(queries)), offset)
    let column = try builder.emit(
      Rearrange(Pattern(inputs: [[.name("t")]], output: [.name("t"), .number(1)])), last)
    return try builder.compare(try builder.emit(Iota(keys)), .lessOrEqual, column)
  }
}
