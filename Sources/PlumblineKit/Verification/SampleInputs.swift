// SampleInputs: seeded inputs on which every look-up succeeds.
// Integers stay inside the tables that they are looked up in: a label is a class, a token has a row.
import Dimensions
import Execution
import IR
import Kernels

/// The inputs of a step to be drawn.
struct SampleInputs {
  let graph: FlatGraph
  let sizes: [Symbol: Int]
  /// For each integer input, the exclusive upper bound of its values; `nil` where no table says.
  private(set) var limits: [String: Int?] = [:]
  /// For each integer input, the row that stands for padding where it is looked up.
  ///
  /// By definition that row learns nothing, so a loss that reads it does not change as its gradient
  /// says; padding is not drawn.
  private var paddings: [String: Int] = [:]

  /// - Throws: ``VerificationRefusal`` when an input has no size.
  init(_ graph: FlatGraph, sizes: [Symbol: Int]) throws(VerificationRefusal) {
    self.graph = graph
    self.sizes = sizes
    let bounds = SampleInputs.bounds(in: graph, sizes)
    let padded = SampleInputs.paddings(in: graph)
    for input in graph.inputs where graph.values[input.value].type.element.kind == .index {
      limits[input.name] = bounds[input.value].map { max($0, 1) }
      paddings[input.name] = padded[input.value]
    }
    shrink()
  }

  /// For each integer value, the rows of the smallest table that it is looked up in.
  ///
  /// Followed backwards through operations that hand integers on: arithmetic among them only says
  /// where to begin, and ``shrink()`` finds what really fits.
  private static func bounds(in graph: FlatGraph, _ sizes: [Symbol: Int]) -> [Int: Int] {
    var bounds: [Int: Int] = [:]
    func limit(_ value: Int, _ bound: Int?) {
      guard let bound, graph.values[value].type.element.kind == .index else { return }
      bounds[value] = min(bounds[value] ?? bound, bound)
    }
    func extent(_ value: Int, _ axis: Int) -> Int? {
      let shape = graph.values[value].type.shape
      guard shape.indices.contains(axis) else { return nil }
      return shape[axis].evaluate(sizes).flatMap { Int(exactly: $0) }
    }
    for node in graph.nodes.reversed() where node.phase == .forward {
      switch node.operation.name {
      case "gather" where node.operands.count == 2:
        limit(node.operands[1], extent(node.operands[0], 0))
      case "cross_entropy" where node.operands.count == 2:
        guard let axis = TargetAxis.position(of: node, in: graph) else { continue }
        limit(node.operands[1], extent(node.operands[0], axis))
      default:
        for result in node.results {
          for operand in node.operands { limit(operand, bounds[result]) }
        }
      }
    }
    return bounds
  }

  /// For each integer value, the padding row of a table that it is looked up in.
  private static func paddings(in graph: FlatGraph) -> [Int: Int] {
    var paddings: [Int: Int] = [:]
    for node in graph.nodes.reversed() where node.phase == .forward {
      if node.operation.name == "gather", node.operands.count == 2 {
        paddings[node.operands[1]] =
          node.operation.attributes.integer("padding") ?? paddings[node.operands[1]]
      } else if let padding = node.results.lazy.compactMap({ paddings[$0] }).first {
        for operand in node.operands
        where graph.values[operand].type.element.kind == .index { paddings[operand] = padding }
      }
    }
    return paddings
  }

  /// Halves bounds until no table is asked for a row that it does not have, as when positions are
  /// shifted before they are looked up.
  private mutating func shrink() {
    for _ in 0..<32 {
      guard !lookUpsSucceed, limits.values.contains(where: { ($0 ?? 1) > 1 }) else { return }
      limits = limits.mapValues { $0.map { max($0 / 2, 1) } }
    }
  }

  private var lookUpsSucceed: Bool {
    var ranges: [Int: IndexRange] = [:]
    let prover = Prover(assuming: .none)
    let known = sizes.mapValues { Dimension($0) }
    for input in graph.inputs {
      guard case .some(let limit?) = limits[input.name] else { continue }
      ranges[input.value] = IndexRange(lower: 0, upper: Dimension(limit - 1))
    }
    for node in graph.nodes where node.phase == .forward {
      let isLookUp = node.operation.name == "gather"
      let makesIndices = node.results.contains {
        graph.values[$0].type.element.kind == .index
      }
      guard isLookUp || makesIndices else { continue }
      let types = node.operands.map { graph.values[$0].type.substituting(known) }
      let operands = node.operands.map { ranges[$0] }
      if (try? node.operation.checkValues(of: types, ranges: operands, prover: prover)) == nil {
        return false
      }
      guard let range = node.operation.valueRange(of: types, ranges: operands) else { continue }
      for result in node.results {
        ranges[result] = IndexRange(
          lower: range.lower.substituting(known), upper: range.upper.substituting(known))
      }
    }
    return true
  }

  /// Draws every input from its own stream.
  ///
  /// - Throws: ``VerificationRefusal`` when an input has no size.
  func draw<Scalar: KernelScalar>(
    seed: UInt64
  ) throws(VerificationRefusal) -> [String: NDArray<Scalar>] {
    var result: [String: NDArray<Scalar>] = [:]
    for input in graph.inputs {
      let type = graph.values[input.value].type
      guard let extents = type.extents(sizes), let count = try? Extents.count(extents) else {
        throw VerificationRefusal("input \(input.name) has no size: \(type)")
      }
      // Another name than a weight's, so that a weight called like an input is another stream.
      var bits = RandomBits(seed: seed, name: "input " + input.name)
      let payload: NDArray<Scalar>.Payload =
        switch type.element.kind {
        case .real: .real((0..<count).map { _ in Scalar(bits.normals().0) })
        case .index:
          .index(
            SampleInputs.integers(
              count, below: limits[input.name] ?? nil, except: paddings[input.name], &bits))
        // Mostly true, as attention masks are, and never nothing at all.
        case .mask: .mask((0..<count).map { $0 == 0 || bits.uniform() < 0.75 })
        }
      result[input.name] = NDArray(extents: extents, payload: payload)
    }
    return result
  }

  /// Without a table an integer is taken for a mark: ones, as most masks have them.
  private static func integers(
    _ count: Int, below limit: Int?, except padding: Int?, _ bits: inout RandomBits
  ) -> [Int32] {
    guard let limit else { return [Int32](repeating: 1, count: count) }
    let top = Double(min(limit, Int(Int32.max)))
    return (0..<count).map { _ in
      let drawn = Int(min(bits.uniform() * top, top - 1))
      return Int32(drawn == padding ? (drawn + 1) % Int(top) : drawn)
    }
  }
}
