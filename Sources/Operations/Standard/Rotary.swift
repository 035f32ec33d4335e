// Rotary: rotary position embedding, pairs of features turned by an angle of the position.
// The loops live in Kernels/Standard/RotaryKernel.swift.
import Dimensions
import IR
import Kernels

/// Turns each pair of features by the angle `position · base^(-2j/d)`.
///
/// Pair `j` is features `j` and `j + d/2` (Llama), or `2j` and `2j + 1` if `interleaved` (GPT-J).
///
/// - Shapes: `x [..., T, d]`, `positions i32[T]` or what broadcasts to `[..., T]` → `[..., T, d]`
/// - Cost: three operations an element, and three for each position and pair: the angle, its
///   cosine and its sine
/// - Throws: ``Fault`` when `d` cannot be proved even.
/// - Source: Su and others 2021, arXiv 2104.09864
package struct Rotary: Operation {
  package static let schema = OperationSchema(
    name: "rotary", summary: "Turns pairs of features by an angle that grows with the position.",
    shapes: "x [..., T, d], positions i32[T] -> [..., T, d]",
    operands: [OperandSchema("x"), OperandSchema("positions", [.index])],
    attributes: [
      AttributeSchema("base", .float, optional: true),
      AttributeSchema("interleaved", .boolean, optional: true),
      AttributeSchema("inverse", .boolean, optional: true),
    ],
    faults: [
      "odd-width": "the last axis cannot be proved even",
      "rank-mismatch": "x has no axis, or positions have more axes than x has rows",
      "shapes-do-not-broadcast": "the positions cannot be proved to broadcast to the rows",
      "base-out-of-range": "the base is not a positive finite number",
    ])

  package static let examples: [OperationExample] = {
    let (b, t, d) = (Samples.b, Samples.t, Samples.d)
    let (x, positions) = (Samples.f32(b, 2, t, 4), Samples.i32(t))
    return [
      .legal([x, positions], indexLimits: [1: 9]),
      .legal([x, positions], ["interleaved": .boolean(true)], indexLimits: [1: 9]),
      .legal(
        [Samples.f32(b, t, 2 * d), Samples.i32(b, 1)],
        ["base": .float(500), "inverse": .boolean(true)], indexLimits: [1: 9]),
      .faulty("odd-width", [Samples.f32(t, 3), positions]),
      .faulty("odd-width", [Samples.f32(t, d), positions]),
      .faulty("rank-mismatch", [Samples.f32(), Samples.i32()]),
      .faulty("rank-mismatch", [Samples.f32(t, 4), Samples.i32(b, t)]),
      .faulty("shapes-do-not-broadcast", [Samples.f32(b, t, 4), Samples.i32(b)]),
      .faulty("base-out-of-range", [x, positions], ["base": .float(0)]),
    ]
  }()

  package let base: Double
  package let interleaved: Bool
  /// True when the angles are negative, as in the gradient.
  package let inverse: Bool

  package init(base: Double, interleaved: Bool, inverse: Bool) {
    self.base = base
    self.interleaved = interleaved
    self.inverse = inverse
  }

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try Rotary.schema.checked(attributes)
    let base = attributes.float("base") ?? 10_000
    guard base > 0, base.isFinite else {
      throw Fault(
        "base-out-of-range", "the base is \(base), expected a positive finite number",
        needs: "base > 0", found: "\(base)")
    }
    self.init(
      base: base, interleaved: attributes.boolean("interleaved") ?? false,
      inverse: attributes.boolean("inverse") ?? false)
  }

  package var attributes: Attributes {
    var values: [String: AttributeValue] = [
      "base": .float(base), "interleaved": .boolean(interleaved),
    ]
    if inverse { values["inverse"] = .boolean(true) }
    return Attributes(values)
  }

  package let keeps = KeptValues(operands: [1])

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try Rotary.schema.check(operands)
    let (x, positions) = (operands[0], operands[1])
    guard let width = x.shape.last, positions.rank < x.rank else {
      let index = x.rank == 0 ? 0 : 1
      throw Fault(
        "rank-mismatch", "positions have \(positions.rank) axes, `x` has \(x.rank)",
        operand: index, needs: "[..., T, d] and [..., T]", found: operands[index].shapeText)
    }
    let claim = Constraint.divisible(width, by: 2)
    let verdict = prover.prove(claim)
    guard verdict.isProved else {
      throw Fault(
        "odd-width", "rows of \(width) features do not split into pairs", operand: 0,
        axis: x.rank - 1, needs: "an even last axis", found: x.shapeText, claim: claim,
        verdict: verdict)
    }
    let rows = Array(x.shape.dropLast())
    do throws(Fault) {
      try ShapeTarget.check(
        positions.shape, broadcastsTo: rows, found: positions, needs: rows, prover: prover)
    } catch {
      var fault = error
      fault.operand = 1
      throw fault
    }
    return [x]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    let pairs = (operands[0].shape.last ?? 0).floorDivided(by: 2)
    return Cost(
      elementwise: 3 * operands[0].elementCount + 3 * operands[1].elementCount * pairs)
  }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    guard wanted[0], let cotangent = cotangents[0] else { return [nil, nil] }
    let back = Rotary(base: base, interleaved: interleaved, inverse: !inverse)
    return [try builder.emit(back, cotangent, operands[1]), nil]
  }

  package func expansion(
    _ builder: inout RegionBuilder, operands: [ValueID]
  ) throws(Fault) -> [ValueID]? {
    let (x, positions) = (operands[0], operands[1])
    let pairs = builder.shape(of: x)[builder.shape(of: x).count - 1].floorDivided(by: 2)
    let (cosine, sine) = try emitAngles(&builder, positions, like: x, pairs: pairs)
    let (two, feature) = (PatternAxis.number(2), PatternAxis.name("j"))
    let row: [PatternAxis] = [.ellipsis, .group(interleaved ? [feature, two] : [two, feature])]
    let split = Pattern(inputs: [row], output: [two, .ellipsis, feature])
    let halves = try builder.emit(
      Unstack(axis: 0, count: 2), [try builder.emit(Rearrange(split), x)])
    let first = try builder.subtract(
      try builder.multiply(halves[0], cosine), try builder.multiply(halves[1], sine))
    let second = try builder.add(
      try builder.multiply(halves[1], cosine), try builder.multiply(halves[0], sine))
    let joined = try builder.emit(Stack(axis: 0), first, second)
    let merge = Pattern(inputs: [[two, .ellipsis, feature]], output: row)
    return [try builder.emit(Rearrange(merge), joined)]
  }

  /// The cosines and sines of the angles, `[..., T, d/2]`.
  private func emitAngles(
    _ builder: inout RegionBuilder, _ positions: ValueID, like x: ValueID, pairs: Dimension
  ) throws(Fault) -> (cosine: ValueID, sine: ValueID) {
    let element = builder.type(of: x).element
    let count = try builder.emit(Extent(pairs, element: element))
    let index = try builder.emit(Cast(to: element), try builder.emit(Iota(pairs)))
    let sign: Double = inverse ? -1 : 1
    let exponent = try builder.scale(
      try builder.divide(index, count), by: -Double.logarithm(base))
    let frequency = try builder.emit(Exp(), exponent)
    let places = try builder.emit(Cast(to: element), positions)
    let column = try builder.emit(
      Rearrange(Pattern(inputs: [[.ellipsis]], output: [.ellipsis, .number(1)])), places)
    let angle = try builder.scale(try builder.multiply(column, frequency), by: sign)
    return (try builder.emit(Cos(), angle), try builder.emit(Sin(), angle))
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [
      try StandardKernels.rotary(
        operands[0], positions: operands[1], base: base, interleaved: interleaved,
        inverse: inverse)
    ]
  }
}
