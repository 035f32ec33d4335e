// GraphSketch: flat graphs written by hand, and the graphs that several suites use.
// Predicted types matter only for inputs and parameters, so results get none.
import Dimensions
import Execution
import IR
import Kernels
import Training

/// A flat graph under construction.
struct GraphSketch {
  var graph = FlatGraph()

  mutating func input(_ name: String, _ type: TensorType) -> Int {
    let value = self.value(type, name: name)
    graph.inputs.append(FlatPort(name: name, value: value))
    return value
  }

  mutating func parameter(
    _ name: String, _ shape: [Dimension], trainable: Bool = true, _ fill: Initialiser = .zeros
  ) -> Int {
    let type = TensorType(.f32, shape)
    let value = self.value(type, name: name)
    let declaration = ParameterDeclaration(
      name: name, type: type, formula: shape, initialiser: fill, trainable: trainable, range: nil)
    graph.parameters.append(FlatParameter(name: name, declaration: declaration, value: value))
    graph.gradients.append(nil)
    return value
  }

  mutating func apply(
    _ operation: any Operation, _ operands: [Int], results: Int = 1, scope: Int = 0,
    phase: Phase = .forward
  ) -> [Int] {
    let made = (0..<results).map { _ in value(TensorType(.f32, []), name: nil) }
    graph.nodes.append(
      FlatNode(
        operation: operation, operands: operands, results: made, scope: scope, phase: phase))
    return made
  }

  mutating func output(_ name: String, _ value: Int) {
    graph.outputs.append(FlatPort(name: name, value: value))
  }

  private mutating func value(_ type: TensorType, name: String?) -> Int {
    graph.values.append(FlatValue(type: type, name: name, scope: 0))
    return graph.values.count - 1
  }
}

extension GraphSketch {
  /// `y = x · w`, with `x [B, 3]` and `w [3, 2]`.
  static var product: FlatGraph {
    var sketch = GraphSketch()
    let x = sketch.input("x", TensorType(.f32, [.b, 3]))
    let w = sketch.parameter("w", [3, 2])
    sketch.output("y", sketch.apply(ToyProduct(), [x, w])[0])
    return sketch.graph
  }

  /// The loss of `x · (w + v)` against `y` with its gradient by `w`; `v` is frozen.
  static var regression: FlatGraph {
    var sketch = GraphSketch()
    let x = sketch.input("x", TensorType(.f32, [.b, 2]))
    let y = sketch.input("y", TensorType(.i32, [.b]))
    let w = sketch.parameter("w", [2])
    let v = sketch.parameter("v", [2], trainable: false)
    let sum = sketch.apply(ToySum(), [w, v])[0]
    sketch.output("loss", sketch.apply(ToyLoss(), [x, sum, y])[0])
    sketch.graph.gradients[0] = sketch.apply(ToyLossGradient(), [x, sum, y], phase: .backward)[0]
    return sketch.graph
  }

  /// Rows and targets for ``regression``.
  static func batch<Scalar: KernelScalar>(
    _ rows: [[Scalar]], _ targets: [Int32]
  ) -> TrainingBatch<Scalar> {
    TrainingBatch(
      [
        "x": NDArray(extents: [rows.count, 2], real: rows.flatMap { $0 }),
        "y": NDArray(extents: [targets.count], index: targets),
      ], targets: "y")
  }
}

extension Dimension {
  static var b: Dimension { Dimension(Symbol("B")) }
  static var t: Dimension { Dimension(Symbol("T")) }
}

extension NDArray {
  static func filled(_ extents: [Int], with value: Scalar = 1) -> NDArray {
    NDArray(
      extents: extents, real: [Scalar](repeating: value, count: extents.reduce(1, *)))
  }
}
