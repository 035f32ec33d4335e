// ModuleShape: what kind of layer a block is, read from what its forward does.
// Names decide nothing: a block that multiplies by one weight is a linear layer, whoever wrote it.
import Dimensions
import IR

/// A layer as adapters see it: which matrix it applies.
package struct ModuleShape: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable {
    /// Stores its weight `[out, in]`, like `torch.nn.Linear`.
    case linear
    /// Stores its weight `[in, out]`, like the `Conv1D` of GPT-2.
    case conv1D
    /// Looks rows up in a table.
    case embedding
    /// A weight of more than two axes: `in` counts the elements that one output sees.
    case convolution
    /// Anything else: no adapter fits.
    case other
  }

  package var kind: Kind
  /// Features in; for an embedding its rows.
  package var input: Int
  package var output: Int
  package var hasBias: Bool
  /// True when the weight stands in another layer: a head that shares the table of tokens.
  package var isTied: Bool

  package init(kind: Kind, input: Int, output: Int, hasBias: Bool, isTied: Bool) {
    self.kind = kind
    self.input = input
    self.output = output
    self.hasBias = hasBias
    self.isTied = isTied
  }

  package static let other = ModuleShape(
    kind: .other, input: 0, output: 0, hasBias: false, isTied: false)

  /// Whether an adapter fits.
  package var isAdaptable: Bool { kind != .other }
}

extension ModuleShape {
  /// The shape of one definition.
  package static func of(_ id: DefinitionID, in program: Program) -> ModuleShape {
    let definition = program[id]
    for function in program.functions where function.definition == id {
      if definition.children.isEmpty, let shape = ModuleShape(applied: function, of: definition) {
        return shape
      }
    }
    return ModuleShape(declared: definition)
  }

  /// The shapes of all definitions of a program, by index.
  static func all(of program: Program) -> [ModuleShape] {
    var shapes = program.definitions.map { ModuleShape(declared: $0) }
    for function in program.functions {
      let index = function.definition.index
      guard program.definitions[index].children.isEmpty,
        let shape = ModuleShape(applied: function, of: program.definitions[index])
      else { continue }
      shapes[index] = shape
    }
    return shapes
  }

  /// A layer that is a weight of more than two axes, and those that nothing applies.
  private init(declared definition: Definition) {
    self = .other
    guard definition.children.isEmpty,
      let weight = definition.parameters.first(where: { $0.name == "weight" }),
      definition.parameters.allSatisfy({ $0.name == "weight" || $0.name == "bias" })
    else { return }
    let sizes = weight.type.shape.compactMap(\.constant)
    let bias = definition.parameters.contains { $0.name == "bias" }
    guard sizes.count == weight.type.shape.count, let out = sizes.first else { return }
    if sizes.count == 2 {
      // Nothing applies it, or not yet: then the prelude's name is all that is known.
      switch definition.block {
      case "linear":
        self = ModuleShape(
          kind: .linear, input: sizes[1], output: out, hasBias: bias, isTied: false)
      case "conv1d":
        self = ModuleShape(
          kind: .conv1D, input: out, output: sizes[1], hasBias: bias, isTied: false)
      case "embedding":
        self = ModuleShape(
          kind: .embedding, input: out, output: sizes[1], hasBias: false, isTied: false)
      default: break
      }
      return
    }
    guard sizes.count > 2, let seen = product(sizes.dropFirst()) else { return }
    self = ModuleShape(
      kind: .convolution, input: seen, output: out, hasBias: bias, isTied: false)
  }

  private init?(applied function: Function, of definition: Definition) {
    var weights: [ValueID: ParameterReference] = [:]
    var operations: [(operation: any Operation, node: Node)] = []
    for node in function.nodes {
      switch node.kind {
      case .parameter(let reference):
        if let value = node.results.first { weights[value] = reference }
      case .operation(let operation): operations.append((operation, node))
      case .input, .call, .cotangent, .callBackward: continue
      }
    }
    func sizes(_ value: ValueID) -> [Int]? {
      let shape = function.type(of: value).shape
      let sizes = shape.compactMap(\.constant)
      return sizes.count == shape.count && sizes.count == 2 ? sizes : nil
    }
    if operations.count == 1, let (operation, node) = operations.first, operation.name == "affine",
      node.operands.count >= 2, let weight = weights[node.operands[1]],
      let sizes = sizes(node.operands[1])
    {
      let transposed = operation.attributes.boolean("transposed") == true
      self.init(
        kind: transposed ? .conv1D : .linear, input: sizes[transposed ? 0 : 1],
        output: sizes[transposed ? 1 : 0],
        hasBias: node.operands.count > 2 && definition.parameters.contains { $0.name == "bias" },
        isTied: !weight.isOwn)
      return
    }
    let lookups = operations.filter { $0.operation.name == "gather" }
    guard lookups.count == 1,
      let table = lookups[0].node.operands.first(where: { weights[$0] != nil }),
      let reference = weights[table], let sizes = sizes(table), weights.count == 1
    else { return nil }
    self.init(
      kind: .embedding, input: sizes[0], output: sizes[1], hasBias: false,
      isTied: !reference.isOwn)
  }
}

/// The product, unless it does not fit.
private func product(_ sizes: some Sequence<Int>) -> Int? {
  var result = 1
  for size in sizes {
    let (next, overflow) = result.multipliedReportingOverflow(by: size)
    if overflow { return nil }
    result = next
  }
  return result
}

extension ParameterReference {
  /// Whether the weight belongs to the block that reads it.
  fileprivate var isOwn: Bool { instance.base == .own && instance.steps.isEmpty }
}
