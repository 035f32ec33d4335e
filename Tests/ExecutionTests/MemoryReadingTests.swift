// MemoryReadingTests: bytes counted by hand against those that a run held.
// The rule is the one in FlatGraph's documentation.
import Dimensions
import Execution
import IR
import Kernels
import Testing

@Suite struct MemoryReadingTests {
  @Test("frees each value after its last reader, and allocates results before")
  func chain() throws {
    // x [4, 3] and w [3, 3] in f32: x 48 bytes, w 36, every product 48.
    var sketch = GraphSketch()
    let x = sketch.input("x", TensorType(.f32, [.b, 3]))
    let w = sketch.parameter("w", [3, 3])
    let first = sketch.apply(ToyProduct(), [x, w])[0]
    let second = sketch.apply(ToyProduct(), [first, w])[0]
    let third = sketch.apply(ToyProduct(), [second, w])[0]
    let sum = sketch.apply(ToySum(), [first, third])[0]
    sketch.output("y", sketch.apply(ToyProduct(), [sum, w])[0])
    let memory = try Executor<Float>(sketch.graph).run(
      inputs: ["x": .filled([4, 3])], parameters: [.filled([3, 3])]
    ).memory
    #expect(memory.inputBytes == 48)
    #expect(memory.parameterBytes == 36)
    // first · first second · first second third · first third sum · sum y
    #expect(memory.bytesAtNode == [48, 96, 144, 144, 96])
    #expect(memory.peakBytes == 144)
    #expect(memory.peakNode == 2)
    #expect(memory.finalBytes == 48)
    #expect(memory.peakStorageBytes == 144)
  }

  @Test("keeps outputs and gradients to the end, and drops a result that nothing reads")
  func kept() throws {
    var sketch = GraphSketch()
    let x = sketch.input("x", TensorType(.f32, [.b, 3]))
    let w = sketch.parameter("w", [1, 3])
    let parts = sketch.apply(ToySplit(), [x], results: 2)
    let gradient = sketch.apply(ToySum(), [parts[0], w])[0]
    sketch.graph.gradients[0] = gradient
    sketch.output("row", parts[0])
    sketch.output("again", sketch.apply(ToySum(), [gradient, w])[0])
    let result = try Executor<Double>(sketch.graph).run(
      inputs: ["x": .filled([5, 3])], parameters: [.filled([1, 3])])
    // A row is 24 bytes in f64; the other four rows, 96 bytes, die at once.
    #expect(result.memory.bytesAtNode == [120, 48, 72])
    #expect(result.memory.peakNode == 0)
    #expect(result.memory.finalBytes == 72)
    #expect(result.gradients.map { $0?.reals } == [[2, 2, 2]])
    #expect(Set(result.outputs.keys) == ["row", "again"])
  }

  @Test("counts storage that is handed on once, and each value for itself")
  func sharing() throws {
    var sketch = GraphSketch()
    let x = sketch.input("x", TensorType(.f32, [.b, 3]))
    let w = sketch.parameter("w", [3, 3])
    let product = sketch.apply(ToyProduct(), [x, w])[0]
    let flat = sketch.apply(ToyFlatten(), [product])[0]
    let flatWeight = sketch.apply(ToyFlatten(), [w])[0]
    sketch.output("y", sketch.apply(ToySum(), [flat, flat])[0])
    sketch.output("w", flatWeight)
    let memory = try Executor<Float>(sketch.graph).run(
      inputs: ["x": .filled([4, 3])], parameters: [.filled([3, 3])]
    ).memory
    // product · product flat · flat w · flat w sum
    #expect(memory.bytesAtNode == [48, 96, 84, 132])
    #expect(memory.peakBytes == 132)
    // flat is product's storage, and w belongs to the caller: 48, 48, 48, 96.
    #expect(memory.peakStorageBytes == 96)
    #expect(memory.finalBytes == 84)
  }

  @Test("counts integers as they are held, in four bytes")
  func integers() throws {
    var sketch = GraphSketch()
    let tokens = sketch.input("tokens", TensorType(.i64, [.b]))
    sketch.output("same", sketch.apply(ToyFlatten(), [tokens])[0])
    let memory = try Executor<Double>(sketch.graph).run(
      inputs: ["tokens": NDArray(extents: [3], index: [1, 2, 3])], parameters: []
    ).memory
    #expect(memory.inputBytes == 12)
    #expect(memory.peakBytes == 12)
    #expect(memory.peakStorageBytes == 0)
  }
}
