// FusionSample: small graphs in which the rules find something, or must not.
// Written by hand node by node, so that each rule is seen alone and at every awkward extent.
import Dimensions
import Execution
import IR
import Kernels
import Operations

/// A graph, the labels of the instructions that it should become, and what is kept.
struct FusionSample: Sendable, CustomStringConvertible {
  var description: String
  var graph: FlatGraph
  /// Labels that must occur among the instructions, and that must not.
  var expected: [String] = []
  var refused: [String] = []
  /// Values that are read after the step.
  var kept: Set<Int> = []

  /// Rows, inner and outer extent of a layer: around tiles, blocks of the sum, and nothing.
  static let extents = [
    [3, 5, 7], [1, 1, 1], [0, 4, 6], [4, 0, 6], [4, 6, 0], [13, 16, 33], [29, 401, 17],
    [130, 96, 127], [7, 800, 48],
  ]
}

extension FusionSample {
  /// A layer and a function; its own result is wanted by nobody, by a later node, or after the step.
  static func activations(_ extents: [Int]) throws -> [FusionSample] {
    var samples: [FusionSample] = []
    let functions: [any Operation] = [Gelu(), GeluTanh(), Silu(), Relu()]
    for (index, function) in functions.enumerated() {
      for use in ["unread", "read", "kept"] {
        var sketch = TypedSketch()
        let h = try sketch.layer(extents, transposed: index % 2 == 0, bias: index != 1)
        let a = try sketch.apply(function, [h])
        if use == "read" { sketch.output(try sketch.apply(Multiply(), [h, a])) }
        sketch.output(a)
        let label = "affine+" + function.name
        var sample = FusionSample(
          description: "\(label) of \(extents), \(use)", graph: sketch.graph, expected: [label],
          refused: [function.name, "affine"])
        if use == "kept" { sample.kept = [h] }
        samples.append(sample)
      }
    }
    return samples
  }

  /// The gradient through a second layer and a function, as backward has it.
  static func slopes(_ extents: [Int]) throws -> [FusionSample] {
    var samples: [FusionSample] = []
    for name in ["gelu", "gelu_tanh", "silu", "relu"] {
      for isRead in [false, true] {
        var sketch = TypedSketch()
        let argument = sketch.input("argument", [extents[0], extents[2]])
        let y = name == "relu" ? try sketch.apply(Relu(), [argument]) : argument
        let g = try sketch.layer(extents, transposed: false, bias: false)
        if name == "relu" {
          let zero = try sketch.apply(Fill(0), [])
          let mask = try sketch.apply(Compare(.greater), [y, zero])
          sketch.output(try sketch.apply(Where(), [mask, g, zero]))
        } else {
          let operation = try ActivationGradient(Attributes(["function": .string(name)]))
          sketch.output(try sketch.apply(operation, [argument, g]))
        }
        if isRead { sketch.output(g) }
        let label = "affine+\(name)_gradient"
        samples.append(
          FusionSample(
            description: "\(label) of \(extents), read: \(isRead)", graph: sketch.graph,
            expected: isRead ? ["affine"] : [label],
            refused: isRead ? [label] : ["affine", "activation_gradient", "where", "greater"]))
      }
    }
    return samples
  }

  /// Sums with one or two products, before and after what is added.
  static func residuals(_ extents: [Int]) throws -> [FusionSample] {
    var samples: [FusionSample] = []
    for use in ["input", "dying", "later", "read", "twice", "same", "function"] {
      var sketch = TypedSketch()
      var x = sketch.input("residual", [extents[0], extents[2]])
      if use == "dying" { x = try sketch.apply(Negate(), [x]) }
      var p = try sketch.layer(extents, transposed: true, bias: true)
      if use == "later" { x = try sketch.apply(Negate(), [x]) }
      if use == "function" { p = try sketch.apply(Gelu(), [p]) }
      if use == "twice" { x = try sketch.layer(extents, transposed: false, bias: false) }
      let sum = try sketch.apply(Add(), use == "same" ? [p, p] : [x, p])
      sketch.output(sum)
      if use == "read" { sketch.output(p) }
      let isFused = !["later", "read", "same"].contains(use)
      let label = use == "function" ? "affine+gelu+add" : "affine+add"
      samples.append(
        FusionSample(
          description: "\(label) of \(extents), \(use)", graph: sketch.graph,
          expected: isFused ? [label] : ["add", "affine"],
          refused: isFused ? ["add"] : ["affine+add"]))
    }
    for output in ["mn", "nm"] {
      var sketch = TypedSketch()
      let order = output == "mn" ? [extents[0], extents[2]] : [extents[2], extents[0]]
      let x = try sketch.apply(Negate(), [sketch.input("residual", order)])
      let p = try sketch.product(["mk", "kn"], output, extents)
      sketch.output(try sketch.apply(Add(), [x, p]))
      samples.append(
        FusionSample(
          description: "einsum+add to \(output) of \(extents)", graph: sketch.graph,
          expected: ["einsum+add"], refused: ["add"]))
    }
    return samples
  }

  /// A weight's gradient in both layouts beside its bias's, in both orders, summed before or after.
  static func biases(_ extents: [Int]) throws -> [FusionSample] {
    var samples: [FusionSample] = []
    for output in ["nk", "kn"] {
      for isFirst in [false, true] {
        for swaps in [false, true] {
          var sketch = TypedSketch()
          let x = sketch.input("x", [2, extents[0], extents[1]])
          let g = sketch.input("g", [2, extents[0], extents[2]])
          let rows = SumTo([Dimension(extents[2])])
          if isFirst { sketch.output(try sketch.apply(rows, [g])) }
          let axes = swaps ? ["bmk", "bmn"] : ["bmn", "bmk"]
          sketch.output(
            try sketch.apply(try einsum(axes, output), swaps ? [x, g] : [g, x]))
          if !isFirst { sketch.output(try sketch.apply(rows, [g])) }
          samples.append(
            FusionSample(
              description: "einsum+sum_to to \(output) of \(extents), \(isFirst) \(swaps)",
              graph: sketch.graph, expected: ["einsum+sum_to"], refused: ["sum_to", "einsum"]))
        }
      }
    }
    return samples
  }

  /// A normalisation's gradient and the sum with the path around it.
  static func normalizations(_ extents: [Int]) throws -> [FusionSample] {
    var samples: [FusionSample] = []
    for kind in ["layer", "root_mean_square"] {
      for wanted in [["input"], ["input", "weight"], ["input", "weight", "bias"]] {
        for use in ["input", "dying", "x", "gradient", "read"] {
          var sketch = TypedSketch()
          let shape = [extents[0], extents[2]]
          let x = sketch.input("x", shape)
          let g = try sketch.apply(Negate(), [sketch.input("g", shape)])
          var path = sketch.input("path", shape)
          if use == "dying" { path = try sketch.apply(Negate(), [path]) }
          if use == "x" { path = x }
          if use == "gradient" { path = g }
          var attributes: [String: AttributeValue] = [
            "kind": .string(kind), "epsilon": .float(1e-5),
          ]
          for name in wanted { attributes[name] = .boolean(true) }
          let operation = try NormalizationGradient(Attributes(attributes))
          let operands = wanted.count == 1 ? [x, g] : [x, g, sketch.input("w", [extents[2]])]
          let made = try sketch.applyAll(operation, operands)
          sketch.output(try sketch.apply(Add(), [path, made[0]]))
          for value in made.dropFirst() { sketch.output(value) }
          if use == "read" { sketch.output(made[0]) }
          let label = "normalization_gradient+add"
          samples.append(
            FusionSample(
              description: "\(kind) \(wanted) of \(extents), \(use)", graph: sketch.graph,
              expected: use == "read" ? ["add", "normalization_gradient"] : [label],
              refused: use == "read" ? [label] : ["add", "normalization_gradient"]))
        }
      }
    }
    return samples
  }

  fileprivate static func einsum(_ inputs: [String], _ output: String) throws -> Einsum {
    try Einsum(
      Pattern(
        inputs: inputs.map { $0.map { .name(String($0)) } },
        output: output.map { .name(String($0)) }))
  }
}

extension TypedSketch {
  /// A linear layer of rows, inner and outer extent.
  mutating func layer(_ extents: [Int], transposed: Bool, bias: Bool) throws -> Int {
    let number = graph.inputs.count
    var operands = [
      input("x\(number)", [extents[0], extents[1]]),
      input(
        "w\(number)", transposed ? [extents[1], extents[2]] : [extents[2], extents[1]]),
    ]
    if bias { operands.append(input("b\(number)", [extents[2]])) }
    return try apply(Affine(transposed: transposed), operands)
  }

  /// A product of operands whose axes are named m, k and n.
  mutating func product(_ inputs: [String], _ output: String, _ extents: [Int]) throws -> Int {
    let sizes: [Character: Int] = ["m": extents[0], "k": extents[1], "n": extents[2]]
    let operands = inputs.enumerated().map { index, axes in
      input("p\(index)", axes.map { sizes[$0] ?? 1 })
    }
    return try apply(try FusionSample.einsum(inputs, output), operands)
  }
}
