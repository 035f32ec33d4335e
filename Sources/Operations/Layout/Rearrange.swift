// Rearrange: reshape and transpose in one pattern: `b t (3 h d) -> 3 b h t d`.
// The notation is that of einops (Rogozhnikov 2022), with sizes proved instead of checked at run time.
import Dimensions
import IR
import Kernels

/// Splits, reorders and merges axes.
///
/// - Shapes: as the pattern says; the elements are the same ones.
/// - Cost: none; elements move.
package struct Rearrange: Operation {
  package static let schema = OperationSchema(
    name: "rearrange",
    summary: "Splits, reorders and merges the axes of a tensor.",
    shapes: "x [b, t, 3·h·d] : b t (3 h d) -> 3 b h t d",
    operands: [OperandSchema("x", [.real, .index, .mask])], pattern: .arrow, acceptsSizes: true,
    faults: [
      "pattern-form": "not one axis list and a result",
      "pattern-item": "a bracket or a nested group in the pattern",
      "repeated-axis": "an axis stands twice in one list",
      "unknown-axis": "the result or a size names an axis that the operand does not have",
      "dropped-axis": "an axis of the operand is missing in the result",
      "rank-mismatch": "the list has more or fewer axes than the operand",
      "size-mismatch": "an axis cannot be proved to have the size that the pattern gives it",
      "not-divisible": "an axis cannot be proved divisible into the axes of its group",
      "unknown-size": "a group has two axes of unknown size",
      "negative-size": "a given size cannot be proved not to be negative",
    ])

  package static let examples: [OperationExample] = {
    let (b, t, d) = (Samples.b, Samples.t, Samples.d)
    let three: [PatternAxis] = [.number(3)]
    let names = Samples.names
    let merged: PatternAxis = .group([.name("h"), .name("d")])
    let split = Pattern(inputs: [names("b t") + [merged]], output: names("b h t d"))
    let x = Samples.f32(b, t, 12)
    return [
      .legal(
        [x], ["h": .dimension(2)],
        pattern: Pattern(
          inputs: [names("b t") + [.group(three + names("h d"))]],
          output: three + names("b h t d"))),
      .legal([Samples.f32(b, t, 4 * d)], ["d": .dimension(d)], pattern: split),
      .legal(
        [Samples.f32(b, 2, t, d)],
        pattern: Pattern(inputs: [names("b h t d")], output: names("b t") + [merged])),
      .legal(
        [Samples.i32(1, b, t)],
        pattern: Pattern(inputs: [[.number(1), .ellipsis]], output: [.ellipsis, .number(1)])),
      .legal([x], pattern: Samples.arrow("... t c", to: "c ... t")),
      .faulty("pattern-form", [x], pattern: Pattern(inputs: [names("b t c")], output: nil)),
      .faulty(
        "pattern-item", [x],
        pattern: Pattern(inputs: [names("b t") + [.bracket(names("c"))]], output: names("b t c"))),
      .faulty("repeated-axis", [x], pattern: Samples.arrow("b b c", to: "b c")),
      .faulty("unknown-axis", [x], pattern: Samples.arrow("b t c", to: "b t c k")),
      .faulty(
        "unknown-axis", [x], ["k": .dimension(1)], pattern: Samples.arrow("b t c", to: "c t b")),
      .faulty("dropped-axis", [x], pattern: Samples.arrow("b t c", to: "b t")),
      .faulty("rank-mismatch", [x], pattern: Samples.arrow("b c", to: "c b")),
      .faulty(
        "size-mismatch", [x], ["h": .dimension(3), "d": .dimension(5)], pattern: split),
      .faulty("not-divisible", [x], ["h": .dimension(5)], pattern: split),
      .faulty("unknown-size", [x], pattern: split),
      .faulty("negative-size", [x], ["h": .dimension(-2)], pattern: split),
    ]
  }()

  package let pattern: Pattern
  /// Sizes of axes that the operand alone does not give.
  package let sizes: [String: Dimension]

  /// - Throws: ``Fault`` when the two sides do not hold the same axes.
  package init(_ pattern: Pattern, sizes: [String: Dimension] = [:]) throws(Fault) {
    try PatternForm.rearrange.check(pattern)
    try Rearrange.checkSides(pattern)
    let names = Set(Rearrange.leaves(pattern.inputs[0]).map(\.axis.description))
    for name in sizes.keys.sorted() where !names.contains(name) {
      throw Fault("unknown-axis", "`\(name)` has a size, but the pattern has no such axis")
    }
    self.pattern = pattern
    self.sizes = sizes
  }

  package init(_ attributes: Attributes) throws(Fault) {
    let attributes = try Rearrange.schema.checked(attributes)
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

  package func valueRange(of operands: [TensorType], ranges: [IndexRange?]) -> IndexRange? {
    ranges.first ?? nil
  }

  package func resultTypes(
    of operands: [TensorType], prover: Prover
  ) throws(Fault) -> [TensorType] {
    try Rearrange.schema.check(operands)
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
    var bound = AxisSizes(explicit, given: sizes, prover: builder.prover)
    try bound.bind(0, to: builder.type(of: operands[0]))
    // The groups of the result are split on the way back, so their axes need sizes.
    var needed: [String: Dimension] = [:]
    for item in explicit.output {
      if case .group = item.axis {
        for name in item.names { needed[name] = bound.sizes[name] }
      }
    }
    let inverse = Pattern(
      inputs: [explicit.output.map(\.axis)], output: explicit.inputs[0].map(\.axis))
    let value = try builder.emit(Rearrange(inverse, sizes: needed), cotangent)
    return [try builder.reduce(value, like: operands[0])]
  }

  package func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] {
    [try apply(to: operands[0], in: context)]
  }
}

/// What a rearrangement does to the axes of an operand, one thing after the other.
package struct AxisMoves: Hashable, Sendable {
  /// The extents of the axes once every group is split.
  package let split: [Int]
  /// Axis `order[i]` of those becomes axis `i`.
  package let order: [Int]
  /// The extents of the result.
  package let merged: [Int]
}

extension Rearrange {
  /// One name or number and where it stands.
  private struct Leaf {
    var axis: PatternAxis
    var place: Int
  }

  private static func leaves(_ axes: [PatternAxis]) -> [Leaf] {
    axes.enumerated().flatMap { place, axis in
      if case .group(let inner) = axis { return inner.map { Leaf(axis: $0, place: place) } }
      return [Leaf(axis: axis, place: place)]
    }
  }

  /// Checks that each axis but 1 stands on both sides equally often.
  private static func checkSides(_ pattern: Pattern) throws(Fault) {
    let (left, right) = (leaves(pattern.inputs[0]), leaves(pattern.output ?? []))
    func count(_ leaves: [Leaf]) -> [PatternAxis: Int] {
      leaves.reduce(into: [:]) { $0[$1.axis, default: 0] += 1 }
    }
    let (before, after) = (count(left), count(right))
    for leaf in right where leaf.axis != .number(1) {
      guard let known = before[leaf.axis], known >= after[leaf.axis] ?? 0 else {
        throw Fault(
          "unknown-axis", "the result has `\(leaf.axis)`, which the operand does not have",
          place: Fault.PatternPlace(list: nil, axis: leaf.place))
      }
    }
    for leaf in left where leaf.axis != .number(1) {
      guard let known = after[leaf.axis], known >= before[leaf.axis] ?? 0 else {
        throw Fault(
          "dropped-axis", "the result has no `\(leaf.axis)`",
          place: Fault.PatternPlace(list: 0, axis: leaf.place))
      }
    }
  }

  /// Splits, permutes and merges by the extents of the data and the given sizes.
  private func apply<Scalar: KernelScalar>(
    to x: NDArray<Scalar>, in context: EvaluationContext
  ) throws(KernelFault) -> NDArray<Scalar> {
    let moves = try moves(of: x.extents, in: context)
    return try Layout.permute(try x.reshaped(moves.split), moves.order).reshaped(moves.merged)
  }

  /// What is done to the axes of an operand of given extents.
  package func moves(
    of operand: [Int], in context: EvaluationContext
  ) throws(KernelFault) -> AxisMoves {
    let explicit: ExplicitPattern
    do throws(Fault) {
      explicit = try ExplicitPattern(pattern, ranks: [operand.count])
    } catch {
      throw KernelFault(error.message)
    }
    var extents: [String: Int] = [:]
    for (name, size) in sizes { extents[name] = try context.size(size) }
    for (item, extent) in zip(explicit.inputs[0], operand) {
      try bind(item.axis, extent, &extents)
    }
    func extent(of axis: PatternAxis) -> Int {
      switch axis {
      case .name(let name): extents[name] ?? 0
      case .number(let value): value
      default: 1
      }
    }
    // Axes of extent one move no element, so the order is that of the others.
    func atoms(_ items: [PatternItem]) -> [PatternAxis] {
      Rearrange.leaves(items.map(\.axis)).map(\.axis).filter { $0 != .number(1) }
    }
    let (before, after) = (atoms(explicit.inputs[0]), atoms(explicit.output))
    var free = Array(before.enumerated())
    var order: [Int] = []
    for axis in after {
      guard let index = free.firstIndex(where: { $0.element == axis }) else {
        throw KernelFault("the pattern \(pattern) loses the axis \(axis)")
      }
      order.append(free.remove(at: index).offset)
    }
    var merged: [Int] = []
    for item in explicit.output {
      merged.append(try Extents.count(Rearrange.leaves([item.axis]).map { extent(of: $0.axis) }))
    }
    return AxisMoves(split: before.map(extent), order: order, merged: merged)
  }

  /// Reads the extents of the names in one axis of the operand.
  private func bind(
    _ axis: PatternAxis, _ extent: Int, _ extents: inout [String: Int]
  ) throws(KernelFault) {
    var known = 1
    var unknown: String?
    for leaf in Rearrange.leaves([axis]) {
      switch leaf.axis {
      case .number(let value): known = try Extents.count([known, value])
      case .name(let name):
        if let size = extents[name] {
          known = try Extents.count([known, size])
        } else {
          unknown = name
        }
      default: break
      }
    }
    if let unknown {
      guard known > 0, extent.isMultiple(of: known) else {
        throw KernelFault("an axis of extent \(extent) cannot be split as \(axis)")
      }
      extents[unknown] = extent / known
    } else if known != extent {
      throw KernelFault("an axis of extent \(extent) is not \(axis) = \(known)")
    }
  }
}
