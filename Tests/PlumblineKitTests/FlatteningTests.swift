// FlatteningTests: the instance tree and the flat graph of small programs.
// What is counted here by hand is what the executor will run.
import Autodiff
import Dimensions
import IR
import Operations
import Testing

@Suite struct UnfoldingTests {
  @Test("weights are numbered in declaration order and named by their path")
  func names() throws {
    let chain = try SamplePrograms.chain(3, embedded: true)
    #expect(
      try chain.unfoldedParameters().map(\.name) == [
        "mixer", "wte.weight", "h.0.weight", "h.1.weight", "h.2.weight",
      ])
    let adapter = try SamplePrograms.adapter()
    #expect(
      try adapter.unfoldedParameters().map(\.name) == [
        "lower.0.weight", "lower.1.weight", "middle.down", "middle.up", "middle.weight",
        "upper.weight",
      ])
  }

  @Test("a shared list owns one layer and has no index in its path")
  func sharedList() throws {
    var sketch = ProgramSketch()
    let layer = try SamplePrograms.linear(&sketch, 3, 3)
    let root = sketch.define(
      "albert",
      children: [
        Child(name: "h", content: .shared(Instantiation(definition: layer), times: 4)),
        .layer("out", layer),
      ])
    _ = try sketch.function(of: root, [("x", SamplePrograms.rows(3))]) { function, inputs in
      [("y", try function.call(.own(0), inputs, elements: 0..<4)[0])]
    }
    let program = sketch.program
    #expect(ProgramValidator(program).problems == [])
    #expect(try program.unfoldedParameters().map(\.name) == ["h.weight", "out.weight"])
    let graph = try program.flattened(FunctionID(index: 1))
    #expect(graph.nodes.count == 4)
    #expect(graph.nodes.allSatisfy { $0.operands[1] == graph.parameters[0].value })
    #expect(graph.nodes.map { graph.path(of: $0.scope) } == ["h", "h", "h", "h"])
  }

  @Test("a layer that is passed in, or has another name, is the same layer")
  func references() throws {
    let program = try SamplePrograms.chain(3, embedded: true)
    let unfolding = Unfolding(program)
    let layer = try #require(
      unfolding.resolve(.own(1), element: 2, from: unfolding.root))
    #expect(unfolding.path(of: layer) == "h.2")
    #expect(layer.firstWeight == 4)
    let external = InstanceReference(base: .external(0))
    let weight = ParameterReference(instance: external, parameter: 0)
    #expect(unfolding.weight(weight, from: layer) == 1)
    let alias = ParameterReference(instance: .own(2), parameter: 0)
    #expect(unfolding.weight(alias, from: unfolding.root) == 1)
    #expect(unfolding.resolve(.own(1), element: 3, from: unfolding.root) == nil)
    #expect(unfolding.resolve(.own(7), from: unfolding.root) == nil)
  }

  @Test("a second name leads to the weight that it names")
  func aliases() throws {
    var program = try SamplePrograms.chain(3, embedded: true)
    let table = ParameterReference(instance: .own(0), parameter: 0)
    program.definitions[2].aliases = [
      ParameterAlias(name: "lm_head.weight", reference: table, range: nil)
    ]
    let external = InstanceReference(base: .external(0))
    program.definitions[1].aliases = [
      ParameterAlias(
        name: "tied", reference: ParameterReference(instance: external, parameter: 0), range: nil)
    ]
    #expect(ProgramValidator(program).problems == [])
    let aliases = try program.unfoldedAliases()
    #expect(aliases.map(\.name) == ["lm_head.weight", "h.0.tied", "h.1.tied", "h.2.tied"])
    #expect(aliases.allSatisfy { $0.weight == 1 })
    #expect(throws: UnfoldingError.self) { try program.unfoldedAliases(limit: 3) }
  }

  @Test("a long list costs nothing until its weights are asked for", .timeLimit(.minutes(1)))
  func longList() throws {
    let count = 1_000_000_000
    let program = try SamplePrograms.chain(count, embedded: false)
    let unfolding = Unfolding(program)
    #expect(unfolding.weightCount == count + 2)
    let last = try #require(
      unfolding.resolve(.own(1), element: count - 1, from: unfolding.root))
    #expect(last.firstWeight == count + 1)
    #expect(unfolding.parameters.prefix(3).map(\.name) == ["mixer", "wte.weight", "h.0.weight"])
    #expect(throws: UnfoldingError.self) { try program.unfoldedParameters() }
    #expect(throws: UnfoldingError.self) { try program.flattened(FunctionID(index: 1)) }
  }

  @Test("counts beyond every integer are an error and no trap")
  func overflow() throws {
    var sketch = ProgramSketch()
    var inner = sketch.define("weight", parameters: [.weight("w", 1)])
    for _ in 0..<5 { inner = sketch.define("list", children: [.list("h", inner, 1 << 40)]) }
    #expect(Unfolding(sketch.program).weightCount == .max)
    #expect(throws: UnfoldingError.self) { try sketch.program.unfoldedParameters() }
  }
}

@Suite struct FlatteningTests {
  @Test("a chained list runs element by element, each in its scope")
  func chain() throws {
    let program = try SamplePrograms.chain(3, embedded: true)
    #expect(ProgramValidator(program).problems == [])
    let graph = try program.flattened(try #require(program.entry))
    let scopes = graph.nodes.map { graph.path(of: $0.scope) }
    let layer = { (index: Int) in [String](repeating: "h.\(index)", count: 4) }
    #expect(scopes == ["", ""] + layer(0) + layer(1) + layer(2) + ["", ""])
    #expect(graph.inputs.map(\.name) == ["x"])
    #expect(graph.outputs.map(\.name) == ["logits", "loss"])
    #expect(graph.nodes.allSatisfy { $0.phase == .forward })
    #expect(graph.gradients.isEmpty)
  }

  @Test("every value has one producer, before its readers, and every backward node a reader")
  func wellFormed() throws {
    for program in try SamplePrograms.all() {
      let (_, graph) = try SamplePrograms.step(of: program)
      var defined = Set(graph.inputs.map(\.value) + graph.parameters.map(\.value))
      for node in graph.nodes {
        #expect(node.operands.allSatisfy { defined.contains($0) }, "\(program.name)")
        for result in node.results { #expect(defined.insert(result).inserted) }
      }
      #expect(defined.count == graph.values.count, "\(program.name)")
      var read = Set(graph.nodes.flatMap(\.operands))
      read.formUnion(graph.gradients.compactMap(\.self))
      for node in graph.nodes where node.phase == .backward {
        #expect(node.results.contains { read.contains($0) }, "\(program.name): \(node.operation)")
      }
    }
  }

  @Test("predicted types agree with the operations' own")
  func types() throws {
    for program in try SamplePrograms.all() {
      let (_, graph) = try SamplePrograms.step(of: program)
      let prover = Prover(assuming: program.assumptions)
      for node in graph.nodes {
        let types = try node.operation.resultTypes(
          of: node.operands.map { graph.values[$0].type }, prover: prover)
        #expect(types == node.results.map { graph.values[$0].type })
      }
    }
  }

  @Test("a step above the limit is an error")
  func limit() throws {
    let program = try SamplePrograms.chain(100, embedded: true)
    let entry = try #require(program.entry)
    #expect(throws: UnfoldingError.self) {
      try Flattening(program, nodeLimit: 50).graph(of: entry)
    }
    #expect(try Flattening(program, nodeLimit: 404).graph(of: entry).nodes.count == 404)
  }

  @Test("calls nested too deeply are an error")
  func depth() throws {
    var sketch = ProgramSketch()
    var inner = try SamplePrograms.linear(&sketch, 3, 3)
    for _ in 0..<600 {
      inner = sketch.define("outer", children: [.layer("inner", inner)])
      _ = try sketch.function(of: inner, [("x", SamplePrograms.rows(3))]) { function, inputs in
        [("y", try function.call(.own(0), inputs)[0])]
      }
    }
    let program = sketch.program
    #expect(throws: UnfoldingError.self) { try program.flattened(try #require(program.entry)) }
  }

  @Test("a list without elements hands on its operand, forward and backward")
  func emptyList() throws {
    var sketch = ProgramSketch()
    let layer = try SamplePrograms.linear(&sketch, 3, 3)
    let root = sketch.define(
      "empty", parameters: [.weight("w", 3, 3)],
      children: [Child(name: "h", content: .list([], count: 0))])
    _ = try sketch.function(of: root, [("x", SamplePrograms.rows(3))]) { function, inputs in
      let x = try function.project(inputs[0], function.parameter())
      let call = Call(function: FunctionID(index: 0), target: .own(0), elements: 0..<0)
      let y = function.builder.append(
        .call(call), operands: [x], types: [SamplePrograms.rows(3)])[0]
      return [("loss", try function.squares(y))]
    }
    #expect(layer.index == 0)
    let (program, graph) = try SamplePrograms.step(of: sketch.program)
    #expect(ProgramValidator(program).problems == [])
    #expect(graph.gradients[0] != nil)
  }

  @Test("the text of a flat graph is stable")
  func text() throws {
    let program = try SamplePrograms.twoLayers()
    let graph = try program.flattened(try #require(program.entry))
    #expect(
      graph.text == """
        input %0 x: f32[B, 3]
        parameter %1 first.weight: f32[4, 3]
        parameter %2 second.weight: f32[2, 4]
        forward:
          %3 = einsum{b i, o i -> b o}(%0, %1) : f32[B, 4]   // first
          %4 = tanh(%3) : f32[B, 4]
          %5 = einsum{b i, o i -> b o}(%4, %2) : f32[B, 2]   // second
          %6 = einsum{b o, b o -> }(%5, %5) : f32[]
        output %5 y
        output %6 loss

        """)
  }
}
