// ContractionLoweringTests: contractions over views, planned and fast, against the plain kernels.
// Operands come in strange orders first, because the lowering's work is to make matrices of them.
import Dimensions
import Execution
import IR
import Kernels
import Operations
import Testing

/// An einsum whose operands were permuted before, and whose result is permuted after.
struct ContractionSample: Sendable, CustomStringConvertible {
  var left: String
  var right: String
  var output: String
  /// The order in which the operands are given before they are brought into the pattern's order.
  var given: [String]
  var sizes: [Character: Int] = ["b": 2, "h": 3, "m": 5, "n": 17, "k": 7, "j": 4]

  var description: String { "\(given) -> \(left), \(right) -> \(output)" }

  /// A product of equal axes alone is no matrix product.
  var text: String { "\(self) \(sizes)" + (left == right && left == output ? " plain" : "") }

  static let all = [
    ContractionSample(left: "mk", right: "kn", output: "mn", given: ["mk", "kn"]),
    ContractionSample(left: "mk", right: "nk", output: "mn", given: ["km", "kn"]),
    ContractionSample(left: "mk", right: "kn", output: "nm", given: ["mk", "kn"]),
    ContractionSample(left: "bmk", right: "kn", output: "bmn", given: ["mbk", "nk"]),
    ContractionSample(left: "bhmk", right: "bhnk", output: "bhmn", given: ["bmhk", "bnhk"]),
    ContractionSample(left: "bhmn", right: "bhnk", output: "bmhk", given: ["bhmn", "bnhk"]),
    ContractionSample(left: "mkj", right: "jkn", output: "mn", given: ["mkj", "jkn"]),
    ContractionSample(left: "bmk", right: "bmn", output: "kn", given: ["bmk", "bmn"]),
    ContractionSample(left: "bmk", right: "bmn", output: "nk", given: ["bmk", "bmn"]),
    ContractionSample(left: "mk", right: "bkn", output: "bmn", given: ["mk", "bkn"]),
    ContractionSample(left: "m", right: "n", output: "nm", given: ["m", "n"]),
    ContractionSample(left: "k", right: "k", output: "", given: ["k", "k"]),
    ContractionSample(left: "bk", right: "bk", output: "b", given: ["bk", "kb"]),
    ContractionSample(left: "bk", right: "bk", output: "bk", given: ["bk", "kb"]),
    ContractionSample(left: "bmk", right: "k", output: "bm", given: ["bmk", "k"]),
  ]

  /// The same with axes of one and of nothing.
  var variants: [ContractionSample] {
    [self]
      + [("k", 1), ("m", 1), ("n", 0), ("k", 0), ("b", 1)].map { axis, size in
        var result = self
        result.sizes[Character(axis)] = size
        return result
      }
  }

  /// A graph of the sample; every axis is a number.
  func graph() throws -> FlatGraph {
    var builder = TypedSketch()
    var operands: [Int] = []
    for (list, given) in zip([left, right], given) {
      let x = builder.input("x\(operands.count)", given.map { sizes[$0] ?? 1 })
      let order = Pattern(inputs: [axes(given)], output: axes(list))
      operands.append(given == list ? x : try builder.apply(Rearrange(order), [x]))
    }
    let product = Pattern(inputs: [axes(left), axes(right)], output: axes(output))
    builder.output(try builder.apply(Einsum(product), operands))
    return builder.graph
  }

  private func axes(_ text: String) -> [PatternAxis] { text.map { .name(String($0)) } }
}

/// A flat graph whose results have types.
struct TypedSketch {
  var graph = FlatGraph()

  mutating func input(_ name: String, _ extents: [Int]) -> Int {
    let value = add(TensorType(.f32, extents.map { Dimension($0) }), name)
    graph.inputs.append(FlatPort(name: name, value: value))
    return value
  }

  mutating func apply(_ operation: any Operation, _ operands: [Int]) throws -> Int {
    try applyAll(operation, operands)[0]
  }

  mutating func applyAll(_ operation: any Operation, _ operands: [Int]) throws -> [Int] {
    let types = try operation.resultTypes(
      of: operands.map { graph.values[$0].type }, prover: Prover(assuming: Assumptions()))
    let results = types.map { add($0, nil) }
    graph.nodes.append(
      FlatNode(
        operation: operation, operands: operands, results: results, scope: 0, phase: .forward))
    return results
  }

  /// The first output is `y`, further ones `y1` and so on.
  mutating func output(_ value: Int) {
    let count = graph.outputs.count
    graph.outputs.append(FlatPort(name: count == 0 ? "y" : "y\(count)", value: value))
  }

  private mutating func add(_ type: TensorType, _ name: String?) -> Int {
    graph.values.append(FlatValue(type: type, name: name, scope: 0))
    return graph.values.count - 1
  }
}

@Suite struct ContractionLoweringTests {
  @Test("a contraction over views is what the plain kernel makes", arguments: ContractionSample.all)
  func einsum(_ sample: ContractionSample) throws {
    for sample in sample.variants { try compare(try sample.graph(), sample.text) }
  }

  @Test(
    "a linear layer is what the plain kernel makes", arguments: [[], [3], [2, 5], [0], [4, 1]])
  func affine(_ rows: [Int]) throws {
    for transposed in [false, true] {
      for hasBias in [false, true] {
        var sketch = TypedSketch()
        var operands = [
          sketch.input("x", rows + [7]), sketch.input("w", transposed ? [7, 33] : [33, 7]),
        ]
        if hasBias { operands.append(sketch.input("bias", [33])) }
        sketch.output(try sketch.apply(Affine(transposed: transposed), operands))
        try compare(sketch.graph, "rows \(rows), transposed \(transposed), bias \(hasBias)")
      }
    }
  }

  private func compare(_ graph: FlatGraph, _ text: String) throws {
    var dice = Dice(11)
    var inputs: [String: NDArray<Float>] = [:]
    for port in graph.inputs {
      let extents = graph.values[port.value].type.shape.map { $0.constant ?? 0 }
      let elements = (0..<extents.reduce(1, *)).map { _ in dice.real() }
      inputs[port.name] = NDArray(extents: extents, real: elements)
    }
    let plain = try Executor<Float>(graph).run(inputs: inputs, parameters: [])
    for kernels in KernelChoice.available {
      var options = StepOptions()
      options.kernels = kernels
      let plan = try StepCompiler(options).compile(graph, sizes: [:])
      #expect(plan.plainOperations.isEmpty == !text.hasSuffix("plain"), "\(text)")
      let fast = try PlannedExecutor(graph, options: options).run(inputs: inputs, parameters: [])
      let expected = try #require(plain.outputs["y"])
      let found = try #require(fast.outputs["y"])
      #expect(expected.extents == found.extents)
      let (a, b) = (try expected.checkedReals(), try found.checkedReals())
      let worst = zip(a, b).map { ($0 - $1).magnitude }.max() ?? 0
      #expect(a.count == b.count && worst <= 4e-6, "\(worst) at \(kernels.level): \(text)")
    }
  }
}
