// ProgramSketch: programs built by hand, without the language.
// Shared by every test that needs a small program of a known form.
import Dimensions
import IR
import Operations

/// A program under construction; the root is the last definition.
struct ProgramSketch {
  private(set) var program: Program

  init(_ name: String = "sketch") {
    program = Program(name: name, root: DefinitionID(index: 0))
  }

  /// Adds a definition and makes it the root.
  mutating func define(
    _ block: String, parameters: [ParameterDeclaration] = [], children: [Child] = [],
    externals: [DefinitionID] = []
  ) -> DefinitionID {
    program.definitions.append(
      Definition(block: block, parameters: parameters, children: children, externals: externals))
    program.root = DefinitionID(index: program.definitions.count - 1)
    return program.root
  }

  /// Changes what the sketch itself has no words for.
  mutating func change(_ change: (inout Program) -> Void) {
    change(&program)
  }

  /// Adds a function and makes it the entry, and the loss if it has such an output.
  mutating func function(
    of definition: DefinitionID, _ inputs: [(name: String, type: TensorType)],
    _ body: (inout FunctionSketch, [ValueID]) throws -> [(String, ValueID)]
  ) throws -> FunctionID {
    var sketch = FunctionSketch(program: program, definition: definition)
    let values = inputs.indices.map { position in
      let value = sketch.builder.append(.input(position), types: [inputs[position].type])[0]
      sketch.builder.describe(value, name: inputs[position].name)
      return value
    }
    let outputs = try body(&sketch, values)
    program.functions.append(
      Function(
        definition: definition, values: sketch.builder.values, nodes: sketch.builder.nodes,
        inputs: values, inputNames: inputs.map(\.name), outputs: outputs.map(\.1),
        outputNames: outputs.map(\.0)))
    let id = FunctionID(index: program.functions.count - 1)
    program.entry = id
    if outputs.contains(where: { $0.0 == "loss" }) { program.loss = id }
    return id
  }
}

/// A function under construction.
struct FunctionSketch {
  let program: Program
  let definition: DefinitionID
  var builder: RegionBuilder

  init(program: Program, definition: DefinitionID) {
    self.program = program
    self.definition = definition
    builder = RegionBuilder(prover: Prover(assuming: program.assumptions))
  }

  /// A weight of the instance, or of the layer behind a reference.
  mutating func parameter(
    _ index: Int = 0, of instance: InstanceReference = InstanceReference()
  ) throws -> ValueID {
    let reference = ParameterReference(instance: instance, parameter: index)
    guard let declaration = program.declaration(of: reference, from: definition) else {
      throw SketchError.noSuchWeight
    }
    return builder.append(.parameter(reference), types: [declaration.type])[0]
  }

  /// Calls the last function of the target's definition.
  mutating func call(
    _ target: InstanceReference, _ operands: [ValueID], elements: Range<Int>? = nil
  ) throws -> [ValueID] {
    guard
      let callee = program.target(of: target, from: definition)?.definition(of: elements),
      let function = program.functions.lastIndex(where: { $0.definition == callee })
    else { throw SketchError.noSuchFunction }
    let outputs = program.functions[function].outputs
    return builder.append(
      .call(Call(function: FunctionID(index: function), target: target, elements: elements)),
      operands: operands, types: outputs.map { program.functions[function].type(of: $0) })
  }

  /// A product of two values over named axes: `"b i", "o i", to: "b o"`.
  mutating func einsum(
    _ a: ValueID, _ b: ValueID, _ left: String, _ right: String, to result: String
  ) throws -> ValueID {
    func names(_ text: String) -> [PatternAxis] {
      text.split(separator: " ").map { .name("\($0)") }
    }
    let pattern = Pattern(inputs: [names(left), names(right)], output: names(result))
    return try builder.emit(Einsum(pattern), a, b)
  }

  /// `x wᵀ` with `x [b, i]` and `w [o, i]`.
  mutating func project(_ x: ValueID, _ weight: ValueID) throws -> ValueID {
    try einsum(x, weight, "b i", "o i", to: "b o")
  }

  mutating func tanh(_ x: ValueID) throws -> ValueID {
    try builder.emit(Tanh(), x)
  }

  /// The sum of the squares, which is a loss.
  mutating func squares(_ x: ValueID) throws -> ValueID {
    try einsum(x, x, "b o", "b o", to: "")
  }
}

enum SketchError: Error {
  case noSuchWeight, noSuchFunction
}

extension ParameterDeclaration {
  /// An `f32` weight.
  static func weight(
    _ name: String = "weight", _ shape: Dimension..., trainable: Bool = true
  ) -> ParameterDeclaration {
    ParameterDeclaration(
      name: name, type: TensorType(.f32, shape), formula: shape, initialiser: .normal(0.5),
      trainable: trainable, range: nil)
  }
}

extension Child {
  static func layer(
    _ name: String, _ definition: DefinitionID, externals: [InstanceReference] = [],
    transparent: Bool = false
  ) -> Child {
    Child(
      name: name, content: .layer(Instantiation(definition: definition, externals: externals)),
      transparent: transparent)
  }

  static func list(
    _ name: String, _ definition: DefinitionID, _ count: Int,
    externals: [InstanceReference] = []
  ) -> Child {
    let layer = Instantiation(definition: definition, externals: externals)
    return Child(
      name: name,
      content: .list([Run(elements: 0..<count, layer: layer)], count: Dimension(count)))
  }
}

extension InstanceReference {
  /// The child of the definition, and so on: `own(0, 2)`.
  static func own(_ children: Int...) -> InstanceReference {
    InstanceReference(steps: children.map { InstanceStep(child: $0) })
  }
}
