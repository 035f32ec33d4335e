// AdapterAlgebra: what the forward of an adapter computes, found by running it.
// Names and formulas are the author's own; only a block that adds s · x · down · up is LoRA.
import Dimensions
import Execution
import IR
import Kernels
import Validation

/// An adapter's forward as algebra: `base(x) + scaling · (x · down) · up`.
struct AdapterAlgebra: Sendable {
  /// One of its two matrices.
  struct Matrix: Hashable, Sendable {
    /// The name within the adapter.
    var name: String
    /// False for `[rank, in]` and `[out, rank]`, as PEFT stores them.
    var isTransposed: Bool
  }

  let base: ModuleShape
  let rank: Int
  let down: Matrix
  let up: Matrix
  let scaling: Double

  /// Why a block is no LoRA.
  struct Refusal: Error {
    var reason: String
  }

  /// How far numbers in double precision may lie apart, as a share of the largest.
  private static let tolerance = 1e-9

  /// The layer that an adapter wraps: it has weights, and adds no name of its own.
  ///
  /// Layers without weights that a forward calls in passing add none either.
  static func wrapped(by id: DefinitionID, in program: Program) -> Instantiation? {
    for child in program[id].children where child.transparent {
      guard case .layer(let layer) = child.content, hasWeights(layer.definition, in: program)
      else { continue }
      return layer
    }
    return nil
  }

  private static func hasWeights(_ id: DefinitionID, in program: Program) -> Bool {
    let definition = program[id]
    return !definition.parameters.isEmpty || !definition.aliases.isEmpty
      || wrapped(by: id, in: program) != nil
  }

  /// - Parameters:
  ///   - id: the adapter's definition.
  ///   - program: the model.
  ///   - sizes: sizes of its dimensions.
  /// - Throws: ``Refusal`` when the block computes anything else.
  init(of id: DefinitionID, in program: Program, sizes: [Symbol: Int]) throws(Refusal) {
    let definition = program[id]
    guard let layer = AdapterAlgebra.wrapped(by: id, in: program) else {
      throw Refusal(reason: "it wraps no layer")
    }
    let base = ModuleShape.of(layer.definition, in: program)
    self.base = base
    guard base.kind == .linear || base.kind == .conv1D else {
      throw Refusal(
        reason: "it adapts \(program[layer.definition].block), and only linear layers are known")
    }
    let matrices = definition.parameters.map { ($0.name, $0.type.shape.compactMap(\.constant)) }
    guard matrices.count == 2, matrices.allSatisfy({ $0.1.count == 2 }) else {
      let names = matrices.map { "`\($0.0)` \($0.1)" }.joined(separator: ", ")
      throw Refusal(
        reason: "it holds \(names.isEmpty ? "no weights" : names), and LoRA holds two matrices")
    }
    let probes = try [UInt64(1), 2].map { seed throws(Refusal) in
      try AdapterProbe(of: id, in: program, sizes: sizes, base: base, seed: seed)
    }
    for probe in probes where !probe.isBaseKept(base, within: Self.tolerance) {
      throw Refusal(reason: "with matrices of zeros it changes what the layer computes")
    }
    for (first, second) in [(0, 1), (1, 0)] {
      for (flipsDown, flipsUp) in [(false, false), (true, true), (true, false), (false, true)] {
        let (downShape, upShape) = (matrices[first].1, matrices[second].1)
        let rank = downShape[flipsDown ? 1 : 0]
        guard downShape[flipsDown ? 0 : 1] == base.input, upShape[flipsUp ? 0 : 1] == rank,
          upShape[flipsUp ? 1 : 0] == base.output
        else { continue }
        let down = Matrix(name: matrices[first].0, isTransposed: flipsDown)
        let up = Matrix(name: matrices[second].0, isTransposed: flipsUp)
        let factors = probes.compactMap {
          $0.factor(down, up, rank: rank, base, within: Self.tolerance)
        }
        guard factors.count == probes.count, let factor = factors.first,
          factors.allSatisfy({
            ($0 - factor).magnitude <= Self.tolerance * factor.magnitude
          })
        else { continue }
        self.rank = rank
        self.down = down
        self.up = up
        scaling = factor
        return
      }
    }
    throw Refusal(reason: "what it adds is no multiple of x · down · up")
  }
}

/// One run of an adapter on random numbers.
private struct AdapterProbe {
  let x: [Double]
  let rows: Int
  /// What the adapter makes of `x`, and what it makes with matrices of zeros.
  let output: [Double]
  let plain: [Double]
  /// The weights by name, the layer's own among them.
  let weights: [String: [Double]]

  init(
    of id: DefinitionID, in program: Program, sizes: [Symbol: Int], base: ModuleShape,
    seed: UInt64
  ) throws(AdapterAlgebra.Refusal) {
    let graph = try AdapterProbe.graph(of: id, in: program)
    guard let port = graph.inputs.first, let target = graph.outputs.first,
      let extents = graph.values[port.value].type.extents(sizes), extents.last == base.input
    else { throw AdapterAlgebra.Refusal(reason: "it takes more than one input") }
    var arrays: [NDArray<Double>] = []
    var weights: [String: [Double]] = [:]
    let own = Set(program[id].parameters.map(\.name))
    do throws(ExecutionFault) {
      for parameter in graph.parameters {
        var declaration = parameter.declaration
        declaration.initialiser = .normal(1)
        let array = try Initialisation(seed: seed).array(
          for: declaration, named: parameter.name, as: Double.self)
        arrays.append(array)
        weights[AdapterProbe.tail(parameter.name)] = array.reals
      }
      var random = RandomBits(seed: seed, name: "x")
      let x = (0..<extents.reduce(1, *)).map { _ in 2 * random.uniform() - 1 }
      let executor = try Executor<Double>(graph)
      func run(_ arrays: [NDArray<Double>]) throws(ExecutionFault) -> [Double] {
        let result = try executor.run(
          inputs: [port.name: NDArray(extents: extents, real: x)], parameters: arrays,
          sizes: sizes)
        return result.outputs[target.name]?.reals ?? []
      }
      output = try run(arrays)
      for (index, parameter) in graph.parameters.enumerated() {
        guard own.contains(AdapterProbe.tail(parameter.name)),
          parameter.name.hasPrefix(AdapterProbe.name + ".")
        else { continue }
        arrays[index] = NDArray(
          extents: arrays[index].extents, real: arrays[index].reals.map { _ in 0 })
      }
      plain = try run(arrays)
      self.x = x
    } catch {
      throw AdapterAlgebra.Refusal(reason: "it can't be run: \(error)")
    }
    rows = extents.dropLast().reduce(1, *)
    self.weights = weights
    guard output.count == rows * base.output, plain.count == output.count else {
      throw AdapterAlgebra.Refusal(reason: "it gives another shape than the layer")
    }
  }

  private static let name = "adapter"

  private static func tail(_ name: String) -> String {
    name.split(separator: ".").last.map(String.init) ?? name
  }

  /// A model of the adapter alone, with the layers that are passed to it beside it.
  private static func graph(
    of id: DefinitionID, in program: Program
  ) throws(AdapterAlgebra.Refusal) -> FlatGraph {
    guard
      let place = program.functions.firstIndex(where: {
        $0.definition == id && $0.inputs.count == 1 && $0.outputs.count == 1
      })
    else {
      throw AdapterAlgebra.Refusal(reason: "nothing applies it to one input")
    }
    let function = program.functions[place]
    let definition = program[id]
    var probe = program
    probe.derivatives = []
    probe.root = DefinitionID(index: program.definitions.count)
    probe.entry = FunctionID(index: program.functions.count)
    probe.loss = nil
    var children = definition.externals.enumerated().map { index, external in
      Child(name: "passed\(index)", content: .layer(Instantiation(definition: external)))
    }
    guard definition.externals.allSatisfy({ program[$0].externals.isEmpty }) else {
      throw AdapterAlgebra.Refusal(reason: "the layer shares weights through several others")
    }
    let passed = children.indices.map { InstanceReference(steps: [InstanceStep(child: $0)]) }
    children.append(
      Child(
        name: name, content: .layer(Instantiation(definition: id, externals: passed))))
    probe.definitions.append(Definition(block: "probe", children: children))
    let target = InstanceReference(steps: [InstanceStep(child: children.count - 1)])
    let (x, y) = (ValueID(index: 0), ValueID(index: 1))
    probe.functions.append(
      Function(
        definition: probe.root,
        values: [
          Value(type: function.type(of: function.inputs[0])),
          Value(type: function.type(of: function.outputs[0])),
        ],
        nodes: [
          Node(kind: .input(0), results: [x]),
          Node(
            kind: .call(Call(function: FunctionID(index: place), target: target)), operands: [x],
            results: [y]),
        ], inputs: [x], inputNames: ["x"], outputs: [y], outputNames: ["y"]))
    do throws(UnfoldingError) {
      guard let entry = probe.entry else { return FlatGraph() }
      return try probe.flattened(entry)
    } catch {
      throw AdapterAlgebra.Refusal(reason: error.description)
    }
  }

  /// Whether the layer with matrices of zeros multiplies by its weight and adds its bias.
  func isBaseKept(_ base: ModuleShape, within tolerance: Double) -> Bool {
    guard let weight = weights["weight"], weight.count == base.input * base.output else {
      return false
    }
    var expected = product(
      x, weight, inner: base.input, outer: base.output, flips: base.kind == .conv1D)
    if base.hasBias, let bias = weights["bias"] {
      for index in expected.indices { expected[index] += bias[index % base.output] }
    }
    return AdapterProbe.isClose(plain, expected, tolerance)
  }

  /// The factor of `x · down · up` in what the adapter adds; `nil` when it adds something else.
  func factor(
    _ down: AdapterAlgebra.Matrix, _ up: AdapterAlgebra.Matrix, rank: Int, _ base: ModuleShape,
    within tolerance: Double
  ) -> Double? {
    guard let first = weights[down.name], let second = weights[up.name] else { return nil }
    let low = product(x, first, inner: base.input, outer: rank, flips: down.isTransposed)
    let high = product(low, second, inner: rank, outer: base.output, flips: up.isTransposed)
    let added = zip(output, plain).map { $0 - $1 }
    let size = high.reduce(0) { $0 + $1 * $1 }
    guard size > 0 else { return nil }
    let factor = zip(high, added).reduce(0) { $0 + $1.0 * $1.1 } / size
    guard factor != 0, factor.isFinite,
      AdapterProbe.isClose(added, high.map { factor * $0 }, tolerance)
    else { return nil }
    return factor
  }

  /// Rows times a matrix `[outer, inner]`, or `[inner, outer]` when it flips.
  private func product(
    _ left: [Double], _ matrix: [Double], inner: Int, outer: Int, flips: Bool
  ) -> [Double] {
    var result = [Double](repeating: 0, count: rows * outer)
    for row in 0..<rows {
      for column in 0..<outer {
        var sum = 0.0
        for index in 0..<inner {
          sum +=
            left[row * inner + index]
            * matrix[flips ? index * outer + column : column * inner + index]
        }
        result[row * outer + column] = sum
      }
    }
    return result
  }

  private static func isClose(_ a: [Double], _ b: [Double], _ tolerance: Double) -> Bool {
    let largest = max(a.reduce(0) { max($0, $1.magnitude) }, b.reduce(0) { max($0, $1.magnitude) })
    return zip(a, b).allSatisfy { ($0 - $1).magnitude <= tolerance * largest }
  }
}
