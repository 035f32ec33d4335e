// Broadcast: repeats a tensor along new named axes: `b h d -> b h r d, r = 4`.
// Apart from broadcast_to, which aligns shapes from the right as arithmetic does.
import Dimensions
import IR
import Kernels

/// Adds axes along which the tensor is repeated.
package struct Broadcast: Operation {
  package static let schema = OperationSchema(
    name: "broadcast",
    summary: "Repeats a tensor along new axes of given sizes.",
    shapes: "x [b, h, d] : b h d -> b h r d, r = 4",
    operands: [OperandSchema("x", [.real, .index, .mask])], pattern: .arrow, acceptsSizes: true,
    faults: [
      "pattern-form": "not one axis list and a result",
      "pattern-item": "a number, a group or a bracket in the pattern",
      "repeated-axis": "an axis stands twice in one list",
      "dropped-axis": "an axis of the operand is missing in the result",
      "axis-order": "the axes of the operand stand in another order in the result",
      "unknown-axis": "a size is given to an axis that is not new",
      "unknown-size": "a new axis has no size",
      "rank-mismatch": "the list has more or fewer axes than the operand",
      "negative-size": "a size cannot be proved not to be negative",
    ])

  package static let examples: [OperationExample] = {
    let (b, t, s) = (Samples.b, Samples.t, Samples.s)
    let x = Samples.f32(b, t)
    let r: [String: AttributeValue] = ["r": .dimension(4)]
    return [
      .legal([x], r, pattern: Samples.arrow("b t", to: "b r t")),
      .legal(
        [x], ["s": .dimension(s), "u": .dimension(2)], pattern: Samples.arrow("b t", to: "s b t u")),
      .legal([x], r, pattern: Samples.arrow("... t", to: "... r t")),
      .legal([Samples.i32()], r, pattern: Samples.arrow("", to: "r")),
      .faulty("pattern-form", [x], pattern: Samples.arrow("b", "t", to: "b t")),
      .faulty(
        "pattern-item", [x],
        pattern: Pattern(
          inputs: [Samples.names("b t")], output: Samples.names("b t") + [.number(4)])),
      .faulty("repeated-axis", [x], r, pattern: Samples.arrow("b t", to: "b t r r")),
      .faulty("dropped-axis", [x], r, pattern: Samples.arrow("b t", to: "b r")),
      .faulty("axis-order", [x], r, pattern: Samples.arrow("b t", to: "t r b")),
      .faulty("unknown-axis", [x], ["t": .dimension(4)], pattern: Samples.arrow("b t", to: "b t")),
      .faulty("unknown-size", [x], pattern: Samples.arrow("b t", to: "b r t")),
      .faulty("rank-mismatch", [x], r, pattern: Samples.arrow("b", to: "b r")),
      .faulty(
        "negative-size", [x], ["r": .dimension(-1)], pattern: Samples.arrow("b t", to: "b r t")),
    ]
  }()

  package let pattern: Pattern
  /// The size of each new axis.
  package let sizes: [String: Dimension]

  /// - Throws: ``Fault`` when the result does not hold the operand's axes and sized new ones.
  package init(_ pattern: Pattern, sizes: [String: Dimension]) throws(Fault) {
    try PatternForm.broadcast.check(pattern)
    let (input, output) = (pattern.inputs[0], pattern.output ?? [])
    for (position, axis) in input.enumerated() where !output.contains(axis) {
      throw Fault(
        "dropped-axis", "the result has no `\(axis)`",
        place: Fault.PatternPlace(list: 0, axis: position))
    }
    guard output.filter({ input.contains($0) }) == input else {
      throw Fault(
        "axis-order", "the axes of the operand change their order", needs: "rearrange for that",
        found: pattern.description)
    }
    for (position, axis) in output.enumerated() where !input.contains(axis) {
      guard case .name(let name) = axis, sizes[name] != nil else {
        throw Fault(
          "unknown-size", "the new axis `\(axis)` has no size",
          place: Fault.PatternPlace(list: nil, axis: position), needs: "\(axis) = …")
      }
    }
    for name in sizes.keys.sorted()
    where !output.contains(.name(name)) || input.contains(.name(name)) {
      throw Fault("unknown-axis", "`\(name)` has a size, but is no new axis of the result")
    }
    self.pattern = pattern
    self.sizes = sizes
  }

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try Broadcast.schema.checked(attributes)
    try self.init(
      try required(attributes.pattern, "pattern"),
      sizes: attributes.values.compactMapValues {
        if case .dimension(let size) = $0 { size } else { nil }
      })
  }

  package var attributes: Attributes {
    Attributes(pattern: pattern, sizes.mapValues { .dimension($0) })
  }

  package let keeps = KeptValues()

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try Broadcast.schema.check(operands)
    for (name, size) in sizes.sorted(by: { $0.key < $1.key }) {
      try ShapeRules.requireSize(size, name, prover: prover)
    }
    let explicit = try ExplicitPattern(pattern, shapes: operands)
    var bound = AxisSizes(explicit, given: sizes, prover: prover)
    try bound.bind(0, to: operands[0])
    var shape: [Dimension] = []
    for item in explicit.output { shape.append(try bound.size(of: item.axis)) }
    return [try ShapeRules.result(operands[0].element, shape)]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost { Cost() }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    guard wanted[0], let cotangent = cotangents[0] else { return [nil] }
    let explicit = try ExplicitPattern(pattern, ranks: [builder.shape(of: operands[0]).count])
    let new = explicit.output.indices.filter { index in
      explicit.output[index].names.allSatisfy { sizes[$0] != nil }
    }
    if new.isEmpty { return [cotangent] }
    let axes = BracketAxes(axes: Set(new), rank: explicit.output.count)
    return [try builder.emit(Sum(axes), cotangent)]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    let x = operands[0]
    let (narrow, wide) = try widening(of: x.extents, in: context)
    return [try Layout.broadcast(try x.reshaped(narrow), to: wide)]
  }

  /// The extents with a one for every new axis, and those of the result.
  package func widening(
    of operand: [Int], in context: EvaluationContext
  ) throws(KernelFault) -> (narrow: [Int], wide: [Int]) {
    let explicit: ExplicitPattern
    do throws(Fault) {
      explicit = try ExplicitPattern(pattern, ranks: [operand.count])
    } catch {
      throw KernelFault(error.message)
    }
    var (narrow, wide): ([Int], [Int]) = ([], [])
    var rest = operand[...]
    for item in explicit.output {
      if let size = item.names.first.flatMap({ sizes[$0] }) {
        narrow.append(1)
        wide.append(try context.size(size))
      } else if let extent = rest.popFirst() {
        narrow.append(extent)
        wide.append(extent)
      }
    }
    return (narrow, wide)
  }
}
