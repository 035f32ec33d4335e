// ProgramFusionSamples: one model, with its attention and its other layers spelled in many ways.
// Each says which operations it must become; wrong ones would compute something else, or nothing new.
import Dimensions
import Execution
import IR
import Kernels
import Language
import PlumblineKit
import Testing

/// A way of writing a block, and what fusion has to find in the whole model.
struct Spelling: Sendable, CustomTestStringConvertible {
  var name: String
  var text: String
  var found: [FusionKind: Int]
  /// How often attention hides later keys by itself.
  var causal = 0
  /// Operands of attention beyond queries, keys and values.
  var masks = 0

  var testDescription: String { name }

  /// The body of an attention, from `q`, `k` and `v` `[b, h, t, d]` to `mixed`, the same.
  static func attention(
    _ name: String, _ body: String, found: [FusionKind: Int] = [.attention: 1], causal: Int = 0,
    masks: Int = 0
  ) -> Spelling {
    Spelling(
      name: name, text: Spelling.model(attention: body), found: found, causal: causal,
      masks: masks)
  }

  /// The body of a layer, from `x` `[B, T, 6]` to `y`, the same.
  static func layer(
    _ name: String, _ body: String, parameters: String = "", found: [FusionKind: Int]
  ) -> Spelling {
    let text = """
      block layer(width: Int) {
      \(parameters)
        forward(x: [B, T, width]) -> [B, T, width] {
      \(body)
          return y
        }
      }
      model sample {
        dtype f32
        dim B >= 1, T >= 1
        let first = linear(6, 6)
        let last  = linear(6, 6)
        let h = repeat 2 layer(6)
        forward(x: [B, T, 6]) -> y: [B, T, 6] {
          return last(h(first(x)))
        }
      }
      """
    return Spelling(name: name, text: text, found: found)
  }

  private static func model(attention: String) -> String {
    """
    block attention(width: Int, heads: Int) {
      param slope: [heads] = normal(0.5)
      let mix = linear(width, 3 * width)
      let out = linear(width, width)
      forward(x: [B, T, width], keep: i32[B, T]) -> [B, T, width] {
        q, k, v = rearrange(mix(x) : b t (3 h d) -> 3 b h t d, h = heads)
    \(attention)
        return out(rearrange(mixed : b h t d -> b t (h d)))
      }
    }
    model sample {
      dtype f32
      dim B >= 1, T in 1...32
      let h = repeat 2 attention(8, 2)
      forward(x: [B, T, 8], keep: i32[B, T]) -> y: [B, T, 8] {
        return x + h(x, keep)
      }
    }
    """
  }
}

/// One step of a program as it stands and of the fused one.
struct FusionComparison {
  var fused: FusedProgram
  var graph: FlatGraph
  /// The largest difference of outputs and gradients, relative to the largest number of each.
  var difference: Double
  /// The largest gradient of all, which must not be zero.
  var largest: Double

  /// Runs both in f64 with the plain kernels.
  init(_ program: Program, sizes: [Symbol: Int] = [:], limit: Int32 = 7) throws {
    fused = ProgramFusion.fuse(program)
    try #require(ProgramValidator(fused.program).problems == [])
    let plain = try StepGraph(program, .gradients)
    graph = try StepGraph(fused.program, .gradients).graph
    let chosen = try SampleSizes(program, given: sizes).sizes
    var inputs: [String: NDArray<Double>] = [:]
    var numbers = Numbers(seed: 3)
    for port in plain.graph.inputs {
      let type = plain.graph.values[port.value].type
      let extents = try #require(type.extents(chosen))
      let count = extents.reduce(1, *)
      switch type.element.kind {
      case .real: inputs[port.name] = numbers.array(extents)
      case .index:
        // Zero and other numbers, so that masks hide something; whole rows of zeros, too.
        let indices = (0..<count).map { ($0 / 3).isMultiple(of: 2) ? Int32(0) : Int32($0) % limit }
        inputs[port.name] = NDArray(extents: extents, index: indices)
      case .mask:
        inputs[port.name] = NDArray(
          extents: extents, payload: .mask((0..<count).map { !$0.isMultiple(of: 3) }))
      }
    }
    // Initial biases and gains are zeros and ones, which would hide a mistake.
    let parameters = try plain.graph.parameters.map { parameter in
      numbers.array(try #require(parameter.declaration.type.extents([:])))
    }
    let before = try Executor<Double>(plain.graph).run(inputs: inputs, parameters: parameters)
    let after = try Executor<Double>(graph).run(inputs: inputs, parameters: parameters)
    try #require(Set(before.outputs.keys) == Set(after.outputs.keys))
    (difference, largest) = (0, 0)
    var pairs = before.outputs.keys.sorted().map { (before.outputs[$0], after.outputs[$0]) }
    try #require(before.gradients.map { $0 != nil } == after.gradients.map { $0 != nil })
    pairs += zip(before.gradients, after.gradients).map { ($0, $1) }
    for (index, (left, right)) in pairs.enumerated() {
      guard let left, let right else { continue }
      try #require(left.extents == right.extents)
      let scale = left.reals.map(\.magnitude).max() ?? 0
      if index >= before.outputs.count { largest = max(largest, scale) }
      for (a, b) in zip(left.reals, right.reals) {
        // What no key is seen by is no number in the one, and nothing in the other.
        let distance = (a - b).magnitude / max(scale, 1e-3)
        difference = distance.isNaN ? .infinity : max(difference, distance)
      }
    }
  }

  func count(of name: String) -> Int {
    graph.nodes.count { $0.operation.name == name }
  }
}
