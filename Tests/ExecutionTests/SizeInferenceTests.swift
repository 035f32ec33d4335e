// SizeInferenceTests: what the data say about the symbols, and every way in which they can't.
// Each refusal names the tensor, the axis and both sizes.
import Dimensions
import Execution
import IR
import Kernels
import Testing

@Suite struct SizeInferenceTests {
  private let executor: Executor<Float>

  init() throws {
    var sketch = GraphSketch()
    let a = sketch.input("a", TensorType(.f32, [.b, .t + 1]))
    _ = sketch.input("b", TensorType(.f32, [.b, .t]))
    _ = sketch.input("c", TensorType(.i32, [.t * 2, 4]))
    _ = sketch.parameter("w", [3])
    sketch.output("y", sketch.apply(ToyFlatten(), [a])[0])
    executor = try Executor(sketch.graph)
  }

  private func run(
    a: [Int] = [2, 6], b: [Int] = [2, 5], c: [Int] = [10, 4], w: [Int] = [3],
    sizes: [Symbol: Int] = [:]
  ) throws -> [Symbol: Int] {
    try executor.run(
      inputs: [
        "a": .filled(a), "b": .filled(b),
        "c": NDArray(extents: c, index: [Int32](repeating: 0, count: c.reduce(1, *))),
      ], parameters: [.filled(w)], sizes: sizes
    ).sizes
  }

  @Test("binds symbols wherever they stand alone, also after a formula has used them")
  func binds() throws {
    #expect(try run() == [Symbol("B"): 2, Symbol("T"): 5])
    #expect(try run(sizes: [Symbol("S"): 9])[Symbol("S")] == 9)
  }

  @Test("names both sides when two axes bind one symbol differently")
  func conflict() {
    let fault = ExecutionFault.conflictingSize(
      .input("b"), axis: 0, symbol: Symbol("B"), expected: 2, found: 3,
      boundBy: "axis 0 of input 'a'")
    #expect(throws: fault) { try run(b: [3, 5]) }
    #expect(
      fault.description == "axis 0 of input 'b': expected B = 2 from axis 0 of input 'a', found 3")
    #expect(
      throws: ExecutionFault.conflictingSize(
        .input("a"), axis: 0, symbol: Symbol("B"), expected: 4, found: 2,
        boundBy: "the sizes given")
    ) { try run(sizes: [Symbol("B"): 4]) }
  }

  @Test("checks formulas and fixed extents by evaluation")
  func formulas() {
    #expect(
      throws: ExecutionFault.wrongExtent(.input("a"), axis: 1, expected: "T + 1 = 6", found: 7)
    ) { try run(a: [2, 7]) }
    #expect(
      throws: ExecutionFault.wrongExtent(.input("c"), axis: 0, expected: "2·T = 10", found: 9)
    ) { try run(c: [9, 4]) }
    #expect(throws: ExecutionFault.wrongExtent(.input("c"), axis: 1, expected: "4", found: 5)) {
      try run(c: [10, 5])
    }
    #expect(throws: ExecutionFault.wrongExtent(.parameter("w"), axis: 0, expected: "3", found: 2)) {
      try run(w: [2])
    }
  }

  @Test("names an axis count that is wrong")
  func rank() {
    #expect(throws: ExecutionFault.wrongRank(.input("b"), expected: "[B, T]", found: [2])) {
      try run(b: [2])
    }
  }

  @Test("names inputs that are missing, unknown, of another kind or short")
  func inputs() throws {
    let graph = GraphSketch.regression
    let executor = try Executor<Float>(graph)
    let weights: [NDArray<Float>] = [.filled([2]), .filled([2])]
    let x = NDArray<Float>.filled([1, 2])
    let y = NDArray<Float>(extents: [1], index: [0])
    #expect(throws: ExecutionFault.missingInput("y", expected: "i32[B]")) {
      try executor.run(inputs: ["x": x], parameters: weights)
    }
    #expect(throws: ExecutionFault.unknownInput("z", known: ["x", "y"])) {
      try executor.run(inputs: ["x": x, "y": y, "z": x], parameters: weights)
    }
    #expect(throws: ExecutionFault.wrongKind(.input("y"), expected: .index, found: .real)) {
      try executor.run(inputs: ["x": x, "y": .filled([1])], parameters: weights)
    }
    #expect(throws: ExecutionFault.wrongCount(.input("x"), extents: [1, 2], found: 1)) {
      try executor.run(
        inputs: ["x": NDArray(extents: [1, 2], real: [1]), "y": y], parameters: weights)
    }
    #expect(throws: ExecutionFault.wrongParameterCount(expected: 2, found: 1)) {
      try executor.run(inputs: ["x": x, "y": y], parameters: [x])
    }
  }

  @Test("says which symbol no input binds", arguments: [[-1, -2], [Int.max, Int.max]])
  func hostileExtents(_ extents: [Int]) throws {
    var sketch = GraphSketch()
    sketch.output("y", sketch.input("x", TensorType(.f32, [.b + .t, 1])))
    let executor = try Executor<Float>(sketch.graph)
    #expect(throws: ExecutionFault.unboundSize(.input("x"), axis: 0, formula: "B + T")) {
      try executor.run(inputs: ["x": .filled([3, 1])], parameters: [])
    }
    #expect(throws: ExecutionFault.wrongCount(.input("x"), extents: extents, found: 1)) {
      try executor.run(inputs: ["x": NDArray(extents: extents, real: [1])], parameters: [])
    }
  }

  @Test("narrows 64-bit integers only where they fit")
  func narrowing() throws {
    let array = try NDArray<Float>.indices(extents: [2], [-100, 50_256])
    #expect(array.indices == [-100, 50_256])
    #expect(throws: ExecutionFault.indexOutOfRange(position: 1, value: 1 << 31)) {
      try NDArray<Float>.indices(extents: [2], [0, 1 << 31])
    }
  }
}
