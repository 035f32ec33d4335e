// AutodiffTests: derivatives of small programs, in structure and in value.
// Values are compared with central differences, which know no gradient rule.
import Autodiff
import Dimensions
import Execution
import IR
import Kernels
import Operations
import Testing

extension SamplePrograms {
  static func all() throws -> [Program] {
    [
      try twoLayers(), try severalOutputs(), try sharedWeight(), try chain(3, embedded: true),
      try chain(3, embedded: false), try chain(1, embedded: true), try adapter(),
    ]
  }

  /// The program with its backward pass, and the whole step as one graph.
  static func step(of program: Program) throws -> (Program, FlatGraph) {
    var program = program
    let root = try program.differentiateLoss()
    return (program, try program.flattened(root))
  }
}

@Suite struct DifferentiatorTests {
  @Test("programs and their derivatives keep every invariant")
  func invariants() throws {
    for program in try SamplePrograms.all() {
      let (differentiated, _) = try SamplePrograms.step(of: program)
      #expect(ProgramValidator(program).problems == [])
      #expect(ProgramValidator(differentiated).problems == [], "\(program.name)")
    }
  }

  @Test("gradients agree with central differences")
  func values() throws {
    for program in try SamplePrograms.all() {
      let (_, graph) = try SamplePrograms.step(of: program)
      var numbers = Numbers(seed: 11)
      var inputs = ["x": numbers.array([2, 3])]
      if program.name == "several_outputs" {
        inputs = ["tokens": NDArray(extents: [2], index: [3, 1])]
      }
      let weights = try graph.parameters.map {
        numbers.array(try #require($0.declaration.type.extents([:])))
      }
      let executor = try Executor<Double>(graph)
      let result = try executor.run(inputs: inputs, parameters: weights)
      for (index, parameter) in graph.parameters.enumerated() {
        guard let gradient = result.gradients[index] else { continue }
        #expect(gradient.extents == weights[index].extents)
        for element in gradient.reals.indices {
          func loss(_ shift: Double) throws -> Double {
            var shifted = weights
            var reals = weights[index].reals
            reals[element] += shift
            shifted[index].payload = .real(reals)
            let run = try executor.run(inputs: inputs, parameters: shifted)
            return try #require(run.outputs["loss"]?.reals.first)
          }
          let difference = try (loss(1e-5) - loss(-1e-5)) / 2e-5
          #expect(
            abs(gradient.reals[element] - difference) < 1e-6 * max(1, abs(difference)),
            "\(program.name): \(parameter.name)[\(element)]")
        }
      }
    }
  }

  @Test("every trainable weight that the loss reads has a gradient, and no other")
  func whichWeights() throws {
    let expected = [
      ["first.weight", "second.weight"], ["wte.weight", "fork.left"], ["table", "layer.weight"],
      ["mixer", "wte.weight", "h.0.weight", "h.1.weight", "h.2.weight"],
      ["mixer", "wte.weight", "h.0.weight", "h.1.weight", "h.2.weight"],
      ["mixer", "wte.weight", "h.0.weight"], ["middle.down", "middle.up"],
    ]
    for (program, names) in zip(try SamplePrograms.all(), expected) {
      let (_, graph) = try SamplePrograms.step(of: program)
      let found = zip(graph.parameters, graph.gradients).filter { $0.1 != nil }.map(\.0.name)
      #expect(found == names)
    }
  }

  @Test("nothing below the first adapter has a backward node, and frozen weights have none")
  func adapter() throws {
    let (program, graph) = try SamplePrograms.step(of: try SamplePrograms.adapter())
    let backward = graph.nodes.filter { $0.phase == .backward }
    #expect(!backward.contains { graph.path(of: $0.scope).hasPrefix("lower") })
    let contractions = Dictionary(
      grouping: backward.filter { $0.operation is Einsum }, by: { graph.path(of: $0.scope) }
    ).mapValues(\.count)
    // The adapter: two weights and the gradient between them. Above: the input of the frozen
    // layer. The loss: x · x, differentiated by either factor.
    #expect(contractions == ["middle": 3, "upper": 1, "": 2])
    #expect(program.derivatives.count == 3)
  }

  @Test("an output that nothing reads gets no gradient, and integers never do")
  func severalOutputs() throws {
    let (program, graph) = try SamplePrograms.step(of: try SamplePrograms.severalOutputs())
    #expect(program.derivatives.map(\.arriving).contains([true, false, true]))
    for node in graph.nodes where node.phase == .backward {
      #expect(node.results.allSatisfy { graph.values[$0].type.element == .f32 })
    }
  }

  @Test("the first element of a list may need less than the rest")
  func firstElement() throws {
    let (program, graph) = try SamplePrograms.step(
      of: try SamplePrograms.chain(3, embedded: false))
    let contractions = (0..<3).map { element in
      graph.nodes.count {
        $0.phase == .backward && $0.operation is Einsum
          && graph.path(of: $0.scope) == "h.\(element)"
      }
    }
    // Two weights and two inputs; the first element's input is data.
    #expect(contractions == [3, 4, 4])
    #expect(program.derivatives.map(\.wanted) == [[true, true], [false, true], [false]])
  }

  @Test("a function is differentiated once for all its calls of one kind")
  func memoised() throws {
    let count = 1_000_000
    var program = try SamplePrograms.chain(count, embedded: true)
    _ = try program.differentiateLoss()
    #expect(program.derivatives.count == 2)
  }

  @Test("what the backward region reads is what is kept")
  func kept() throws {
    var program = try SamplePrograms.chain(3, embedded: false)
    let root = try program.differentiateLoss()
    let kept = program.keptValues(of: root)
    #expect(kept.calls.map(\.firstCount) == [1])
    #expect(kept.calls.map(\.restCount) == [2])
    let function = program[try #require(program.loss)]
    let names = kept.values.map { value in
      function.nodes.first { $0.results.contains(value) }?.operands.count
    }
    #expect(names.count == kept.values.count)
    for value in kept.values {
      #expect(program[root].nodes.contains { $0.operands.contains(value) })
    }
    // x (for the mixer), the call's result and the tied table (for the head), the logits.
    #expect(kept.values.count == 4)
  }

  @Test("a program without a loss, or with a loss that is no number, has no backward pass")
  func noLoss() throws {
    var sketch = ProgramSketch()
    _ = try SamplePrograms.linear(&sketch, 3, 3)
    var program = sketch.program
    #expect(throws: DifferentiationError.self) { try program.differentiateLoss() }
    program.loss = FunctionID(index: 0)
    #expect(throws: DifferentiationError.self) { try program.differentiateLoss() }
    program.functions[0].outputNames = ["loss"]
    #expect(throws: DifferentiationError.self) { try program.differentiateLoss() }
  }

  @Test("a model without a trainable weight has a loss and no backward node")
  func frozen() throws {
    var sketch = ProgramSketch()
    let layer = try SamplePrograms.linear(&sketch, 3, 3, trainable: false)
    let root = sketch.define("frozen", children: [.list("h", layer, 3)])
    _ = try sketch.function(of: root, [("x", SamplePrograms.rows(3))]) { function, inputs in
      [("loss", try function.squares(function.call(.own(0), inputs, elements: 0..<3)[0]))]
    }
    let (_, graph) = try SamplePrograms.step(of: sketch.program)
    #expect(graph.nodes.allSatisfy { $0.phase == .forward })
    #expect(graph.gradients == [nil, nil, nil])
  }

  @Test("a gradient rule that fails is named, with no derivative left behind")
  func failingRule() throws {
    var sketch = ProgramSketch()
    let root = sketch.define("failing", parameters: [.weight("w", 2, 2)])
    _ = try sketch.function(of: root, []) { function, _ in
      let x = try function.builder.emit(Peculiar(rule: .missing), function.parameter())
      return [("loss", try function.squares(x))]
    }
    var program = sketch.program
    let error = #expect(throws: DifferentiationError.self) { try program.differentiateLoss() }
    #expect(error?.operation == "peculiar")
    #expect(error?.description == "the gradient of peculiar: not written")
    #expect(program.derivatives.isEmpty)
  }

  @Test("what a gradient rule emits in vain is dropped, and keeps nothing alive")
  func wastefulRule() throws {
    var sketch = ProgramSketch()
    let root = sketch.define("wasteful", parameters: [.weight("w", 2, 2)])
    _ = try sketch.function(of: root, []) { function, _ in
      let x = try function.builder.emit(Peculiar(rule: .wasteful), function.parameter())
      return [("loss", try function.squares(x))]
    }
    let (program, graph) = try SamplePrograms.step(of: sketch.program)
    #expect(ProgramValidator(program).problems == [])
    #expect(!graph.nodes.contains { $0.operation is Multiply || $0.operation is Negate })
    #expect(program.keptValues(of: DerivativeID(index: 0)).values == [ValueID(index: 1)])
  }

  @Test("calls nested too deeply are an error")
  func depth() throws {
    var sketch = ProgramSketch()
    var inner = try SamplePrograms.linear(&sketch, 3, 3)
    for _ in 0..<600 {
      inner = sketch.define("outer", children: [.layer("inner", inner)])
      _ = try sketch.function(of: inner, [("x", SamplePrograms.rows(3))]) { function, inputs in
        let x = try function.call(.own(0), inputs)[0]
        return [("x", x), ("loss", try function.squares(x))]
      }
    }
    var program = sketch.program
    #expect(throws: DifferentiationError.self) { try program.differentiateLoss() }
  }

  @Test("the text of a derivative is stable")
  func text() throws {
    var program = try SamplePrograms.twoLayers()
    let root = try program.differentiateLoss()
    #expect(
      program.text(of: root) == """
        derivative 2 of @2 {
          %5 = fill{element = f32, shape = [], value = 1.0} : f32[]
          %6 = einsum{, b o -> b o}(%5, %3) : f32[B, 2]
          %7 = einsum{, b o -> b o}(%5, %3) : f32[B, 2]
          %8 = add(%6, %7) : f32[B, 2]
          %9 = backward @1 second by derivative 0(%8) : f32[B, 4]
          %10 = fill{element = f32, shape = [], value = 1.0} : f32[]
          %11 = multiply(%2, %2) : f32[B, 4]
          %12 = subtract(%10, %11) : f32[B, 4]
          %13 = multiply(%9, %12) : f32[B, 4]
          backward @0 first by derivative 1(%13)
        }

        """)
  }
}

/// The identity with a gradient that is not written, or that emits a node in vain.
private struct Peculiar: Operation {
  enum Rule {
    case missing, wasteful
  }

  static let schema = OperationSchema(
    name: "peculiar", summary: "Nothing.", shapes: "x [...] -> [...]",
    operands: [OperandSchema("x")], faults: [:])
  static let examples: [OperationExample] = []
  let attributes = Attributes()
  let keeps = KeptValues()
  let rule: Rule

  init(rule: Rule) { self.rule = rule }
  init(_ attributes: Attributes) throws(Fault) { rule = .missing }

  func resultTypes(of operands: [TensorType], prover: Prover) throws(Fault) -> [TensorType] {
    operands
  }

  func cost(of operands: [TensorType], results: [TensorType]) -> Cost { Cost() }

  func gradient(
    _ builder: inout RegionBuilder, operands: [ValueID], results: [ValueID],
    cotangents: [ValueID?], wanted: [Bool]
  ) throws(Fault) -> [ValueID?] {
    guard rule == .wasteful, let cotangent = cotangents[0] else {
      throw Fault("unfinished", "not written")
    }
    _ = try builder.multiply(operands[0], builder.negate(cotangent))
    return [cotangent]
  }

  func evaluate<Scalar: KernelScalar>(
    _ operands: [NDArray<Scalar>], in context: inout EvaluationContext
  ) throws(KernelFault) -> [NDArray<Scalar>] { operands }
}

/// Reproducible numbers between -1 and 1.
struct Numbers {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(state >> 11) / Double(1 << 52) - 1
  }

  mutating func array(_ extents: [Int]) -> NDArray<Double> {
    NDArray(extents: extents, real: (0..<extents.reduce(1, *)).map { _ in next() })
  }
}
