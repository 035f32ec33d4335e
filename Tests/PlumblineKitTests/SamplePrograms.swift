// SamplePrograms: the programs on which flattening and differentiation are tested.
// Each is small enough to read, and holds one difficulty.
import Dimensions
import IR
import Operations

enum SamplePrograms {
  static let batch = Dimension(Symbol("B"))
  static func rows(_ width: Dimension) -> TensorType { TensorType(.f32, [batch, width]) }

  /// A linear layer without bias: `weight [o, i]`.
  static func linear(
    _ sketch: inout ProgramSketch, _ width: Dimension, _ hidden: Dimension,
    trainable: Bool = true
  ) throws -> DefinitionID {
    let id = sketch.define(
      "linear", parameters: [.weight("weight", hidden, width, trainable: trainable)])
    _ = try sketch.function(of: id, [("x", rows(width))]) { function, inputs in
      [("y", try function.project(inputs[0], function.parameter()))]
    }
    return id
  }

  /// `second(tanh(first(x)))`, 3 → 4 → 2.
  static func twoLayers() throws -> Program {
    var sketch = ProgramSketch("two_layers")
    let first = try linear(&sketch, 3, 4)
    let second = try linear(&sketch, 4, 2)
    let root = sketch.define(
      "two_layers", children: [.layer("first", first), .layer("second", second)])
    _ = try sketch.function(of: root, [("x", rows(3))]) { function, inputs in
      let hidden = try function.tanh(function.call(.own(0), [inputs[0]])[0])
      let y = try function.call(.own(1), [hidden])[0]
      return [("y", y), ("loss", try function.squares(y))]
    }
    return sketch.program
  }

  /// An embedding, and a layer with three outputs: one used, one not, one that is its input.
  static func severalOutputs() throws -> Program {
    var sketch = ProgramSketch("several_outputs")
    let table = sketch.define("embedding", parameters: [.weight("weight", 5, 3)])
    let tokens = TensorType(.i32, [batch])
    _ = try sketch.function(of: table, [("ids", tokens)]) { function, inputs in
      [("y", try function.builder.emit(Gather(), function.parameter(), inputs[0]))]
    }
    let fork = sketch.define(
      "fork", parameters: [.weight("left", 2, 3), .weight("right", 2, 3)])
    _ = try sketch.function(of: fork, [("x", rows(3))]) { function, inputs in
      let left = try function.project(inputs[0], function.parameter(0))
      let right = try function.project(inputs[0], function.parameter(1))
      return [("left", left), ("right", right), ("through", inputs[0])]
    }
    let root = sketch.define(
      "several_outputs", children: [.layer("wte", table), .layer("fork", fork)])
    _ = try sketch.function(of: root, [("tokens", tokens)]) { function, inputs in
      let x = try function.call(.own(0), inputs)
      let y = try function.call(.own(1), x)
      let losses = [
        try function.squares(function.tanh(y[0])), try function.squares(function.tanh(y[2])),
      ]
      return [("loss", try function.builder.add(losses[0], losses[1]))]
    }
    return sketch.program
  }

  /// One weight of the model used twice, and one layer applied twice.
  static func sharedWeight() throws -> Program {
    var sketch = ProgramSketch("shared_weight")
    let layer = try linear(&sketch, 3, 3)
    let root = sketch.define(
      "shared_weight", parameters: [.weight("table", 3, 3), .weight("idle", 5)],
      children: [.layer("layer", layer)])
    _ = try sketch.function(of: root, [("x", rows(3))]) { function, inputs in
      let table = try function.parameter(0)
      var x = try function.tanh(function.project(inputs[0], table))
      x = try function.tanh(function.call(.own(0), [x])[0])
      x = try function.call(.own(0), [x])[0]
      x = try function.einsum(x, function.parameter(0), "b i", "i o", to: "b o")
      return [("loss", try function.squares(x))]
    }
    return sketch.program
  }

  /// A chained list whose layers read a table that the model owns, and a second operand.
  ///
  /// When embedded, the table also makes what goes into the list. If not, the first layer's input
  /// needs no gradient and the others' do.
  static func chain(_ count: Int, embedded: Bool) throws -> Program {
    var sketch = ProgramSketch("chain")
    let table = sketch.define("table", parameters: [.weight("weight", 3, 3)])
    let layer = sketch.define(
      "layer", parameters: [.weight("weight", 3, 3)], externals: [table])
    let external = InstanceReference(base: .external(0))
    _ = try sketch.function(of: layer, [("x", rows(3)), ("memory", rows(3))]) { function, inputs in
      let own = try function.project(inputs[0], function.parameter())
      let tied = try function.project(inputs[1], function.parameter(0, of: external))
      return [("y", try function.tanh(function.builder.add(own, tied)))]
    }
    let root = sketch.define(
      "chain", parameters: [.weight("mixer", 3, 3)],
      children: [
        .layer("wte", table), .list("h", layer, count, externals: [.own(0)]),
        Child(name: "head", content: .alias(.own(0))),
      ])
    _ = try sketch.function(of: root, [("x", rows(3))]) { function, inputs in
      let memory = try function.project(inputs[0], function.parameter())
      let x =
        embedded ? try function.project(inputs[0], function.parameter(0, of: .own(0))) : inputs[0]
      let y = try function.call(.own(1), [x, memory], elements: 0..<count)[0]
      let logits = try function.project(y, function.parameter(0, of: .own(2)))
      return [("logits", logits), ("loss", try function.squares(logits))]
    }
    return sketch.program
  }

  /// Frozen layers below and above an adapter around a frozen layer.
  static func adapter() throws -> Program {
    var sketch = ProgramSketch("adapted")
    let base = try linear(&sketch, 3, 3, trainable: false)
    let adapter = sketch.define(
      "lora", parameters: [.weight("down", 1, 3), .weight("up", 3, 1)],
      children: [.layer("base", base, transparent: true)])
    _ = try sketch.function(of: adapter, [("x", rows(3))]) { function, inputs in
      let low = try function.project(inputs[0], function.parameter(0))
      let high = try function.project(low, function.parameter(1))
      let through = try function.call(.own(0), [inputs[0]])[0]
      return [("y", try function.builder.add(through, high))]
    }
    let root = sketch.define(
      "adapted",
      children: [
        .list("lower", base, 2), .layer("middle", adapter), .layer("upper", base),
      ])
    _ = try sketch.function(of: root, [("x", rows(3))]) { function, inputs in
      var x = try function.call(.own(0), [inputs[0]], elements: 0..<2)[0]
      x = try function.call(.own(1), [function.tanh(x)])[0]
      x = try function.call(.own(2), [function.tanh(x)])[0]
      return [("loss", try function.squares(x))]
    }
    return sketch.program
  }
}
