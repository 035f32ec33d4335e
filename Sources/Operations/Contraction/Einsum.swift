// Einsum: products of two operands summed over the axes that the result leaves out.
// The loops live in Kernels/ContractionKernels.swift.
import Dimensions
import IR
import Kernels

/// Einstein summation over named axes.
///
/// - Shapes: as the pattern says: `b m k, k n -> b m n`; `...` is the same axes wherever it stands.
/// - Cost: one multiply-add for each combination of all axes, for two operands.
package struct Einsum: Operation {
  package static let schema = OperationSchema(
    name: "einsum",
    summary: "Multiplies operands along axes of equal name and sums the axes the result lacks.",
    shapes: "a [... m k], b [k n] : ... m k, k n -> ... m n",
    operands: [OperandSchema("operand")], variadic: true,
    attributes: [AttributeSchema("role", .string, optional: true)], pattern: .arrow,
    faults: [
      "pattern-form": "not one or two axis lists and a result",
      "pattern-item": "a number, a group or a bracket in the pattern",
      "repeated-axis": "an axis stands twice in one list",
      "unknown-axis": "the result names an axis that no operand has",
      "ellipsis-dropped": "an operand has `...` and the result does not",
      "rank-mismatch": "a list has more or fewer axes than its operand",
      "size-mismatch": "axes of one name cannot be proved equal",
      "element-mismatch": "the operands hold different types",
      "unknown-role": "the role is none of those that counting tools tell apart",
    ])

  package static let examples: [OperationExample] = {
    let (b, t, s, d) = (Samples.b, Samples.t, Samples.s, Samples.d)
    let x = Samples.f32(b, t, 3)
    let product = Samples.arrow("b m k", "k n", to: "b m n")
    let roles = ContractionRole.allCases.map { role in
      OperationExample.legal(
        [x, Samples.f32(3, d)], ["role": .string(role.rawValue)], pattern: product)
    }
    return roles + [
      .legal([x, Samples.f32(3, d)], pattern: Samples.arrow("b m k", "k n", to: "b m n")),
      .legal(
        [Samples.f32(b, 2, t, d), Samples.f32(b, 2, s, d)],
        pattern: Samples.arrow("b h t d", "b h s d", to: "b h t s")),
      .legal([x, Samples.f32(d, 3)], pattern: Samples.arrow("... i", "r i", to: "... r")),
      .legal([Samples.f32(t), Samples.f32(s)], pattern: Samples.arrow("i", "j", to: "j i")),
      .legal([Samples.f32(t), Samples.f32(t)], pattern: Samples.arrow("i", "i", to: "")),
      .legal([x, Samples.f32(t, d)], pattern: Samples.arrow("b t k", "t d", to: "d b")),
      .legal([x], pattern: Samples.arrow("b t d", to: "d b")),
      .faulty("pattern-form", [x, x, x], pattern: Samples.arrow("a", "b", "c", to: "a")),
      .faulty(
        "pattern-item", [x],
        pattern: Pattern(inputs: [Samples.names("b t") + [.number(3)]], output: [.name("b")])),
      .faulty("repeated-axis", [x], pattern: Samples.arrow("b t t", to: "b")),
      .faulty("unknown-axis", [x], pattern: Samples.arrow("b t d", to: "b k")),
      .faulty("ellipsis-dropped", [x], pattern: Samples.arrow("... d", to: "d")),
      .faulty("rank-mismatch", [x], pattern: Samples.arrow("b d", to: "b")),
      .faulty(
        "size-mismatch", [x, Samples.f32(4, d)],
        pattern: Samples.arrow("b m k", "k n", to: "b m n")),
      .faulty(
        "element-mismatch", [x, TensorType(.f64, [3])],
        pattern: Samples.arrow("b m k", "k", to: "m")),
      .faulty(
        "unknown-role", [x, Samples.f32(3, d)], ["role": .string("mm")], pattern: product),
    ]
  }()

  package let pattern: Pattern
  /// What the product is for, where tools that count work tell it from others.
  package let role: ContractionRole?

  /// - Throws: ``Fault`` when the pattern is not one of names and ellipses.
  package init(_ pattern: Pattern, role: ContractionRole? = nil) throws(Fault) {
    try PatternForm.einsum.check(pattern)
    let named = Set(pattern.inputs.joined())
    for (position, axis) in (pattern.output ?? []).enumerated() where !named.contains(axis) {
      throw Fault(
        "unknown-axis", "the result has `\(axis)`, which no operand has",
        place: Fault.PatternPlace(list: nil, axis: position))
    }
    if named.contains(.ellipsis), pattern.output?.contains(.ellipsis) == false {
      throw Fault(
        "ellipsis-dropped", "the result must keep the axes of `...`", needs: "... in the result",
        found: pattern.description)
    }
    self.pattern = pattern
    self.role = role
  }

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try Einsum.schema.checked(attributes)
    let role =
      attributes.string("role") == nil
      ? nil : try word(attributes, "role", as: ContractionRole.self)
    try self.init(try required(attributes.pattern, "pattern"), role: role)
  }

  package var attributes: Attributes {
    Attributes(pattern: pattern, role.map { ["role": .string($0.rawValue)] } ?? [:])
  }

  package var keeps: KeptValues { KeptValues(operands: pattern.inputs.count == 2 ? [0, 1] : []) }

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try Einsum.schema.check(operands)
    guard operands.count == pattern.inputs.count else {
      throw Fault(
        "operand-count",
        "the pattern has \(pattern.inputs.count) axis lists, the call has \(operands.count)"
          + " operand\(operands.count == 1 ? "" : "s")")
    }
    try ShapeRules.requireSameElement(operands)
    let explicit = try ExplicitPattern(pattern, shapes: operands)
    var sizes = AxisSizes(explicit, prover: prover)
    for (list, operand) in operands.enumerated() { try sizes.bind(list, to: operand) }
    var shape: [Dimension] = []
    for item in explicit.output { shape.append(try sizes.size(of: item.axis)) }
    return [try ShapeRules.result(operands[0].element, shape)]
  }

  package func cost(of operands: [TensorType], results: [TensorType]) -> Cost {
    guard operands.count == 2 else {
      let summed = operands.map(\.rank) != results.map(\.rank)
      return Cost(elementwise: summed ? operands[0].elementCount : 0)
    }
    guard let explicit = try? ExplicitPattern(pattern, shapes: operands) else { return Cost() }
    var sizes: [PatternAxis: Dimension] = [:]
    for (items, operand) in zip(explicit.inputs, operands) {
      for (item, size) in zip(items, operand.shape) where sizes[item.axis] == nil {
        sizes[item.axis] = size
      }
    }
    return Cost(multiplyAdds: Dimension.product(of: sizes.values))
  }

  package func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    guard let cotangent = cotangents[0] else { return operands.map { _ in nil } }
    let explicit = try ExplicitPattern(pattern, shapes: operands.map { builder.type(of: $0) })
    var gradients: [ValueID?] = []
    for index in operands.indices {
      guard wanted[index] else {
        gradients.append(nil)
        continue
      }
      let own = explicit.inputs[index].map(\.axis)
      var factors = [cotangent]
      var lists = [explicit.output.map(\.axis)]
      for other in operands.indices where other != index {
        factors.append(operands[other])
        lists.append(explicit.inputs[other].map(\.axis))
      }
      let available = own.filter { axis in lists.contains { $0.contains(axis) } }
      let product = try Einsum(Pattern(inputs: lists, output: available))
      let value = try builder.emit(product, factors)[0]
      // An axis that only this operand has was summed: its gradient is the same all along it.
      let missing = own.indices.filter { !available.contains(own[$0]) }
      let whole =
        missing.isEmpty ? value : try builder.restore(value, axes: missing, like: operands[index])
      gradients.append(try builder.reduce(whole, like: operands[index]))
    }
    return gradients
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    let (inputs, output) = try labels(ranks: operands.map(\.extents.count))
    if operands.count == 1 {
      return [try Contraction.contract(operands[0], inputs[0], output: output)]
    }
    return [
      try Contraction.contract(
        operands[0], inputs[0], operands[1], inputs[1], output: output, counter: &context.counter)
    ]
  }

  /// The axes of the operands and of the result, as numbers that are equal where names are.
  package func labels(ranks: [Int]) throws(KernelFault) -> (inputs: [[Int]], output: [Int]) {
    let explicit: ExplicitPattern
    do throws(Fault) {
      explicit = try ExplicitPattern(pattern, ranks: ranks)
    } catch {
      throw KernelFault(error.message)
    }
    var labels: [PatternAxis: Int] = [:]
    let inputs = explicit.inputs.map { items in
      items.map { item in
        let label = labels[item.axis] ?? labels.count
        labels[item.axis] = label
        return label
      }
    }
    return (inputs, explicit.output.map { labels[$0.axis] ?? -1 })
  }
}
