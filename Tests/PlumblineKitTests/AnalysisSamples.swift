// AnalysisSamples: GPT-2 by hand, folded, with formulas in the names of its config.
// Its numbers are published, so that what is counted here was not derived from our own code.
import Dimensions
import IR
import Operations

@testable import Analysis

/// A GPT-2 of any size, without the language.
struct HandmadeGPT2 {
  var vocab = 50_257
  var context = 1024
  var width = 768
  var heads = 12
  var layers = 12
  /// Whether the head reads the embedding or has a weight of its own.
  var tied = true
  /// Whether the head is a layer with a second name for the embedding's weight.
  var namesHead = false

  static let batch = Dimension(Symbol("B"))
  static let length = Dimension(Symbol("T"))

  private static func symbol(_ name: String) -> Dimension { Dimension(Symbol(name)) }

  func program(loss: Bool = false) throws -> Program {
    let (d, v, c) = (Dimension(width), Dimension(vocab), Dimension(context))
    let (wide, words, places) = (
      HandmadeGPT2.symbol("width"), HandmadeGPT2.symbol("vocab"), HandmadeGPT2.symbol("context")
    )
    var sketch = ProgramSketch("gpt2")
    sketch.change {
      $0.assumptions = Assumptions([
        .atLeast(HandmadeGPT2.batch, 1), .atLeast(HandmadeGPT2.length, 1),
      ])
    }
    let wte = try embedding(&sketch, v, d, words, wide)
    let wpe = try embedding(&sketch, c, d, places, wide)
    let norm = try norm(&sketch, d, wide)
    let mixIn = try linear(&sketch, d, 3 * d, wide, 3 * wide)
    let mixOut = try linear(&sketch, d, d, wide, wide)
    let attention = try attention(&sketch, mixIn, mixOut)
    let up = try linear(&sketch, d, 4 * d, wide, 4 * wide)
    let down = try linear(&sketch, 4 * d, d, 4 * wide, wide)
    let mlp = sketch.define("mlp", children: [.layer("c_fc", up), .layer("c_proj", down)])
    _ = try sketch.function(of: mlp, [("x", states(d))]) { function, inputs in
      let hidden = try function.builder.emit(Tanh(), function.call(.own(0), inputs)[0])
      return [("y", try function.call(.own(1), [hidden])[0])]
    }
    let block = sketch.define(
      "transformer_block",
      children: [
        .layer("ln_1", norm), .layer("attn", attention), .layer("ln_2", norm),
        .layer("mlp", mlp),
      ])
    _ = try sketch.function(of: block, [("x", states(d))]) { function, inputs in
      let normed = try function.call(.own(0), inputs)
      let x = try function.builder.emit(Add(), inputs[0], function.call(.own(1), normed)[0])
      let again = try function.call(.own(3), function.call(.own(2), [x]))[0]
      return [("y", try function.builder.emit(Add(), x, again))]
    }
    try root(&sketch, wte: wte, wpe: wpe, block: block, norm: norm, loss: loss)
    var program = sketch.program
    program.config = [
      ("vocab", vocab), ("context", context), ("width", width), ("heads", heads),
      ("layers", layers),
    ].map {
      ConfigValue(name: $0.0, text: "\($0.1)", integer: $0.1, range: nil, overridden: false)
    }
    return program
  }

  private func root(
    _ sketch: inout ProgramSketch, wte: DefinitionID, wpe: DefinitionID, block: DefinitionID,
    norm: DefinitionID, loss: Bool
  ) throws {
    let (d, v) = (Dimension(width), Dimension(vocab))
    var children: [Child] = [
      .layer("wte", wte), .layer("wpe", wpe),
      Child(
        name: "h",
        content: .list(
          [Run(elements: 0..<layers, layer: Instantiation(definition: block))],
          count: HandmadeGPT2.symbol("layers"))),
      .layer("ln_f", norm),
    ]
    if namesHead {
      let head = sketch.define("tied_head", externals: [wte])
      sketch.alias("weight", of: head)
      _ = try sketch.function(of: head, [("x", states(d))]) { function, inputs in
        let weight = try function.parameter(0, of: InstanceReference(base: .external(0)))
        return [("y", try function.builder.emit(Affine(), inputs[0], weight))]
      }
      children.append(.layer("lm_head", head, externals: [.own(0)]))
    } else if !tied {
      let weight = declaration(
        "weight", [v, d], [HandmadeGPT2.symbol("vocab"), HandmadeGPT2.symbol("width")])
      let head = sketch.define("head", parameters: [weight])
      _ = try sketch.function(of: head, [("x", states(d))]) { function, inputs in
        [("y", try function.builder.emit(Affine(), inputs[0], function.parameter()))]
      }
      children.append(.layer("lm_head", head))
    }
    let root = sketch.define("gpt2", children: children)
    let tokens = TensorType(.i32, [HandmadeGPT2.batch, HandmadeGPT2.length])
    let inputs = [("tokens", tokens)] + (loss ? [("targets", tokens)] : [])
    _ = try sketch.function(of: root, inputs) { function, inputs in
      let positions = try function.builder.emit(Iota(HandmadeGPT2.length))
      var x = try function.builder.emit(
        Add(), function.call(.own(0), [inputs[0]])[0], function.call(.own(1), [positions])[0])
      x = try function.call(.own(2), [x], elements: 0..<layers)[0]
      x = try function.call(.own(3), [x])[0]
      let logits =
        children.count > 4
        ? try function.call(.own(4), [x])[0]
        : try function.builder.emit(Affine(), x, function.parameter(0, of: .own(0)))
      function.builder.describe(logits, name: "logits")
      guard loss else { return [("logits", logits)] }
      let pattern = Pattern(
        inputs: [[.name("b"), .name("t"), .bracket([.name("v")])]], output: nil)
      let entropy = try function.builder.emit(
        CrossEntropy(Attributes(pattern: pattern)), logits, inputs[1])
      return [("logits", logits), ("loss", entropy)]
    }
  }

  private func states(_ width: Dimension) -> TensorType {
    TensorType(.f32, [HandmadeGPT2.batch, HandmadeGPT2.length, width])
  }

  private func declaration(
    _ name: String, _ shape: [Dimension], _ formula: [Dimension]
  ) -> ParameterDeclaration {
    ParameterDeclaration(
      name: name, type: TensorType(.f32, shape), formula: formula, initialiser: .normal(0.02),
      trainable: true, range: nil)
  }

  /// A table; its ids have one axis for positions and two for tokens.
  private func embedding(
    _ sketch: inout ProgramSketch, _ rows: Dimension, _ width: Dimension, _ rowsName: Dimension,
    _ widthName: Dimension
  ) throws -> DefinitionID {
    let id = sketch.define(
      "embedding", parameters: [declaration("weight", [rows, width], [rowsName, widthName])],
      arguments: [rows.description, width.description])
    let isToken = rowsName == HandmadeGPT2.symbol("vocab")
    let shape = isToken ? [HandmadeGPT2.batch, HandmadeGPT2.length] : [HandmadeGPT2.length]
    _ = try sketch.function(of: id, [("ids", TensorType(.i32, shape))]) { function, inputs in
      [("y", try function.builder.emit(Gather(), function.parameter(), inputs[0]))]
    }
    return id
  }

  private func norm(
    _ sketch: inout ProgramSketch, _ width: Dimension, _ name: Dimension
  ) throws -> DefinitionID {
    let id = sketch.define(
      "layer_norm",
      parameters: [declaration("weight", [width], [name]), declaration("bias", [width], [name])],
      arguments: [width.description])
    _ = try sketch.function(of: id, [("x", states(width))]) { function, inputs in
      let operation = try LayerNormalize(Attributes())
      let y = try function.builder.emit(
        operation, [inputs[0], try function.parameter(0), try function.parameter(1)])[0]
      return [("y", y)]
    }
    return id
  }

  private func linear(
    _ sketch: inout ProgramSketch, _ input: Dimension, _ output: Dimension,
    _ inputName: Dimension, _ outputName: Dimension
  ) throws -> DefinitionID {
    let id = sketch.define(
      "linear",
      parameters: [
        declaration("weight", [output, input], [outputName, inputName]),
        declaration("bias", [output], [outputName]),
      ], arguments: [input.description, output.description])
    _ = try sketch.function(of: id, [("x", states(input))]) { function, inputs in
      let y = try function.builder.emit(
        Affine(), [inputs[0], try function.parameter(0), try function.parameter(1)])[0]
      return [("y", y)]
    }
    return id
  }

  private func attention(
    _ sketch: inout ProgramSketch, _ mixIn: DefinitionID, _ mixOut: DefinitionID
  ) throws -> DefinitionID {
    let id = sketch.define(
      "attention", children: [.layer("c_attn", mixIn), .layer("c_proj", mixOut)],
      arguments: ["\(width)", "\(heads)"])
    let d = Dimension(width)
    let split = Pattern(
      inputs: [
        [.name("b"), .name("t"), .group([.number(3), .name("h"), .name("d")])]
      ],
      output: [.number(3), .name("b"), .name("h"), .name("t"), .name("d")])
    let merge = Pattern(
      inputs: [[.name("b"), .name("h"), .name("t"), .name("d")]],
      output: [.name("b"), .name("t"), .group([.name("h"), .name("d")])])
    _ = try sketch.function(of: id, [("x", states(d))]) { function, inputs in
      let mixed = try function.call(.own(0), inputs)[0]
      let stacked = try function.builder.emit(
        Rearrange(split, sizes: ["h": Dimension(heads)]), mixed)
      let parts = try function.builder.emit(Unstack(count: 3), [stacked])
      let scores = try function.einsum(
        parts[0], parts[1], "b h t d", "b h s d", to: "b h t s")
      function.builder.describe(scores, name: "scores")
      let weights = try function.builder.emit(Softmax(axis: 3, rank: 4), scores)
      let values = try function.einsum(
        weights, parts[2], "b h t s", "b h s d", to: "b h t d")
      let joined = try function.builder.emit(Rearrange(merge), values)
      return [("y", try function.call(.own(1), [joined])[0])]
    }
    return id
  }
}

extension ProgramSketch {
  /// Adds a definition with printed arguments.
  mutating func define(
    _ block: String, parameters: [ParameterDeclaration] = [], children: [Child] = [],
    arguments: [String]
  ) -> DefinitionID {
    let id = define(block, parameters: parameters, children: children)
    change { $0.definitions[id.index].arguments = arguments }
    return id
  }

  /// Gives a definition a second name for the first weight of its first external.
  mutating func alias(_ name: String, of definition: DefinitionID) {
    let reference = ParameterReference(
      instance: InstanceReference(base: .external(0)), parameter: 0)
    change {
      $0.definitions[definition.index].aliases.append(
        ParameterAlias(name: name, reference: reference, range: nil))
    }
  }
}

extension SamplePrograms {
  /// A list whose layers forget what was carried to them: only the last one gets a gradient.
  static func forgetful(_ count: Int) throws -> Program {
    var sketch = ProgramSketch("forgetful")
    let layer = sketch.define("layer", parameters: [.weight("weight", 3, 3)])
    _ = try sketch.function(of: layer, [("x", rows(3)), ("memory", rows(3))]) { function, inputs in
      [("y", try function.tanh(function.project(inputs[1], function.parameter())))]
    }
    let root = sketch.define(
      "forgetful", parameters: [.weight("mixer", 3, 3)], children: [.list("h", layer, count)])
    _ = try sketch.function(of: root, [("x", rows(3))]) { function, inputs in
      let memory = try function.project(inputs[0], function.parameter())
      let y = try function.call(.own(0), [memory, memory], elements: 0..<count)[0]
      return [("loss", try function.squares(y))]
    }
    return sketch.program
  }
}
