// ExecutorTests: values, counts, observations and faults of a run.
// Binding of sizes and memory have suites of their own.
import Dimensions
import Execution
import IR
import Kernels
import Testing

@Suite struct ExecutorTests {
  @Test("runs nodes in order and returns outputs by name")
  func runs() throws {
    let x = NDArray<Double>(extents: [2, 3], real: [1, 2, 3, 4, 5, 6])
    let w = NDArray<Double>(extents: [3, 2], real: [1, 0, 0, 1, 1, 1])
    let result = try Executor(GraphSketch.product).run(inputs: ["x": x], parameters: [w])
    #expect(result.outputs["y"]?.extents == [2, 2])
    #expect(result.outputs["y"]?.reals == [4, 5, 10, 11])
    #expect(result.sizes == [Symbol("B"): 2])
  }

  @Test("counts multiply-adds by operation and pass")
  func counts() throws {
    var sketch = GraphSketch()
    let x = sketch.input("x", TensorType(.f32, [.b, 3]))
    let w = sketch.parameter("w", [3, 3])
    let first = sketch.apply(ToyProduct(), [x, w])[0]
    let second = sketch.apply(ToyProduct(), [first, w])[0]
    let third = sketch.apply(ToyProduct(), [second, w], phase: .backward)[0]
    sketch.output("y", sketch.apply(ToySum(), [first, third])[0])
    let counters = try Executor<Float>(sketch.graph).run(
      inputs: ["x": .filled([4, 3])], parameters: [.filled([3, 3])]
    ).counters
    // 4 × 3 × 3 for each product.
    #expect(counters.multiplyAdds[OperationUse("product", .forward)] == 72)
    #expect(counters.multiplyAdds[OperationUse("product", .backward)] == 36)
    #expect(counters.multiplyAdds[OperationUse("sum", .forward)] == 0)
    #expect(counters.applications[OperationUse("product", .forward)] == 2)
    #expect(counters.multiplyAdds(in: .forward) == 72)
    #expect(counters.totalMultiplyAdds == 108)
  }

  @Test("shows the observer what the kernels made, whatever was predicted")
  func observes() throws {
    var sketch = GraphSketch()
    let x = sketch.input("x", TensorType(.f32, [.b, 3]))
    let parts = sketch.apply(ToySplit(), [x], results: 2)
    sketch.output("rest", parts[1])
    var seen: [Observation] = []
    _ = try Executor<Float>(sketch.graph).run(
      inputs: ["x": .filled([4, 3])], parameters: [], observer: { seen.append($0) })
    #expect(seen.map(\.extents) == [[1, 3], [3, 3]])
    #expect(seen.map(\.value) == parts)
    #expect(seen.map(\.node) == [0, 0])
    #expect(seen.map(\.kind) == [.real, .real])
    #expect(seen.map(\.byteCount) == [12, 36])
  }

  @Test("gives the same bits each time")
  func determinism() throws {
    let graph = GraphSketch.product
    let parameters: [NDArray<Float>] = try Initialisation(seed: 7).parameters(of: graph)
    let executor = try Executor<Float>(graph)
    let inputs: [String: NDArray<Float>] = ["x": .filled([5, 3], with: 0.1)]
    let first = try executor.run(inputs: inputs, parameters: parameters)
    let second = try executor.run(inputs: inputs, parameters: parameters)
    #expect(
      first.outputs["y"]?.reals.map(\.bitPattern) == second.outputs["y"]?.reals.map(\.bitPattern))
  }

  @Test("names the block and the operation whose kernel gave up")
  func kernelFault() throws {
    var sketch = GraphSketch()
    sketch.graph.scopes.append(FlatScope(parent: 0, name: "h.3"))
    sketch.graph.scopes.append(FlatScope(parent: 1, name: "attn"))
    let x = sketch.input("x", TensorType(.f32, [.b]))
    sketch.output("y", sketch.apply(ToyFailure(), [x], scope: 2)[0])
    let executor = try Executor<Float>(sketch.graph)
    let expected = ExecutionFault.kernel(
      FailedApplication(
        scope: "h.3.attn", operation: "failure", node: 0, message: "index 9 of a table of 4"))
    #expect(throws: expected) { try executor.run(inputs: ["x": .filled([2])], parameters: []) }
    #expect(expected.description == "failure in h.3.attn: index 9 of a table of 4")
    #expect(expected.kind == "kernel-fault")
  }

  @Test("does not believe a kernel whose extents and elements differ")
  func lie() throws {
    var sketch = GraphSketch()
    sketch.output("y", sketch.apply(ToyLie(), [])[0])
    let executor = try Executor<Float>(sketch.graph)
    #expect {
      try executor.run(inputs: [:], parameters: [])
    } throws: {
      "\($0)" == "lie in the model: a result has extents [5] but 2 elements"
    }
  }

  @Test(
    "refuses element types that it would compute as others", arguments: [ElementType.f16, .bf16])
  func unsupported(_ element: ElementType) throws {
    var sketch = GraphSketch()
    let x = sketch.input("x", TensorType(element, [.b]))
    sketch.output("y", x)
    #expect(throws: ExecutionFault.notExecutable(value: "x", element: element)) {
      try Executor<Float>(sketch.graph)
    }
    #expect(
      ExecutionFault.notExecutable(value: "x", element: element).kind == "not-executable-dtype")
  }

  @Test("refuses a graph that reads what nothing makes, or makes a value twice")
  func malformed() throws {
    var early = GraphSketch()
    let x = early.input("x", TensorType(.f32, [.b]))
    _ = early.apply(ToySum(), [x, 2])
    _ = early.apply(ToySum(), [x, x])
    #expect(throws: ExecutionFault.malformedGraph("value %2 is read before it is made")) {
      try Executor<Float>(early.graph)
    }
    var twice = GraphSketch()
    let y = twice.input("y", TensorType(.f32, [.b]))
    twice.graph.nodes.append(
      FlatNode(operation: ToySum(), operands: [y, y], results: [y], scope: 0, phase: .forward))
    #expect(throws: ExecutionFault.malformedGraph("value %0 is made twice")) {
      try Executor<Float>(twice.graph)
    }
    var outside = GraphSketch()
    outside.output("y", 3)
    #expect(throws: ExecutionFault.malformedGraph("value %3 is read before it is made")) {
      try Executor<Float>(outside.graph)
    }
  }
}
