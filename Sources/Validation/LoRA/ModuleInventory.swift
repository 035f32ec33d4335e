// ModuleInventory: every layer of a model under its dotted name, in the order of declaration.
// Unfolded, because PEFT's rules match whole names, and an index in a name is part of it.
import Analysis
import IR

/// One layer under its name.
package struct NamedModule: Hashable, Sendable {
  /// `transformer.h.0.attn.c_attn`.
  package var name: String
  /// The block, or `list` for the list itself.
  package var block: String
  package var shape: ModuleShape
  /// The name of the layer that this is another name for.
  package var alias: Bool
  /// The block with its arguments, where the layer comes from a model.
  package var definition: DefinitionID?
}

/// The layers of a model and the weights that adapters leave as they are.
package struct ModuleInventory: Sendable {
  /// More layers than any model has; names of them all would fill the memory.
  package static let limit = 500_000

  package let model: String
  /// The Hugging Face `model_type`, where the file states one.
  package let family: String?
  package let modules: [NamedModule]
  /// All weights, each once.
  package let total: Int
  /// The weights whose name is `bias`, with their number of elements.
  package let biases: [(name: String, elements: Int)]
  /// The linear layer that makes the logits; PEFT's `all-linear` leaves it out.
  package let head: String?
  /// The names of each weight that has several.
  private let shared: [[String]]
  private let tensors: [(name: String, owner: String, elements: Int)]

  /// - Throws: ``AnalysisError`` when there are too many layers to name.
  package init(_ program: Program, family: String? = nil) throws(AnalysisError) {
    model = program.name
    self.family = family
    let ledger = try ParameterLedger(program)
    total = ledger.totals.total
    var tensors: [(name: String, owner: String, elements: Int)] = []
    for tensor in try ledger.tensors(limit: ModuleInventory.limit * 2) {
      guard let elements = tensor.declaration.type.elementCount.constant else { continue }
      tensors.append((tensor.name, tensor.tiedTo ?? tensor.name, elements))
    }
    tensors.sort { $0.name < $1.name }
    self.tensors = tensors
    let second = Set(tensors.filter { $0.name != $0.owner }.map(\.owner))
    shared = Dictionary(grouping: tensors.filter { second.contains($0.owner) }, by: \.owner)
      .sorted { $0.key < $1.key }.map { $0.value.map(\.name) }
    biases = tensors.filter { $0.name == $0.owner }
      .filter { $0.name == "bias" || $0.name.hasSuffix(".bias") }.map { ($0.name, $0.elements) }
    var walk = ModuleWalk(program)
    try walk.visit(program.root, under: "")
    modules = walk.modules
    head = ModuleInventory.head(of: modules, ledger)
  }

  /// Layers as a list states them, for a model that is known by its checkpoint alone.
  ///
  /// Lists and blocks above the layers are taken from the dotted names.
  package init(
    model: String, family: String?, layers: [(name: String, shape: ModuleShape)], total: Int,
    head: String?
  ) {
    self.model = model
    self.family = family
    self.total = total
    self.head = head
    var modules: [NamedModule] = []
    var known: Set<String> = []
    for layer in layers {
      let components = layer.name.split(separator: ".")
      for depth in 1..<max(components.count, 1) {
        let owner = components[..<depth].joined(separator: ".")
        guard known.insert(owner).inserted else { continue }
        modules.append(NamedModule(name: owner, block: "block", shape: .other, alias: false))
      }
      modules.append(
        NamedModule(name: layer.name, block: "layer", shape: layer.shape, alias: false))
    }
    self.modules = modules
    var tensors: [(name: String, owner: String, elements: Int)] = []
    for layer in layers where layer.shape.isAdaptable {
      let weight = layer.name + ".weight"
      tensors.append((weight, weight, layer.shape.input &* layer.shape.output))
      if layer.shape.hasBias {
        tensors.append((layer.name + ".bias", layer.name + ".bias", layer.shape.output))
      }
    }
    self.tensors = tensors.sorted { $0.name < $1.name }
    biases = tensors.filter { $0.name.hasSuffix(".bias") }.map { ($0.name, $0.elements) }
    shared = []
  }

  /// The elements of all weights of a layer and those below it, shared ones once.
  package func elements(below name: String) -> Int {
    let prefix = name + "."
    var low = 0
    var high = tensors.count
    while low < high {
      let middle = low + (high - low) / 2
      if tensors[middle].name < prefix { low = middle + 1 } else { high = middle }
    }
    var owners: Set<String> = []
    var sum = 0
    while low < tensors.count, tensors[low].name.hasPrefix(prefix) {
      if owners.insert(tensors[low].owner).inserted { sum += tensors[low].elements }
      low += 1
    }
    return sum
  }

  /// Other names of the weight of a layer; none when it stands there alone.
  package func tiePartners(of name: String) -> [String] {
    let weight = name + ".weight"
    guard !shared.isEmpty else { return [] }
    return shared.first { $0.contains(weight) }?.filter { $0 != weight } ?? []
  }

  /// The last linear layer with one output for each row of the table of tokens.
  private static func head(of modules: [NamedModule], _ ledger: ParameterLedger) -> String? {
    let rows = Set(
      ledger.entries.filter { $0.table == .tokens }
        .compactMap { $0.declaration.type.shape.first?.constant })
    return modules.last { module in
      (module.shape.kind == .linear || module.shape.kind == .conv1D)
        && rows.contains(module.shape.output)
    }?.name
  }
}

/// The walk over the instance tree, unfolded.
private struct ModuleWalk {
  let program: Program
  let shapes: [ModuleShape]
  var modules: [NamedModule] = []

  init(_ program: Program) {
    self.program = program
    shapes = ModuleShape.all(of: program)
  }

  mutating func visit(_ id: DefinitionID, under name: String) throws(AnalysisError) {
    for child in program[id].children {
      // What an adapter wraps keeps the name of the adapter.
      let path = child.transparent ? name : name.isEmpty ? child.name : name + "." + child.name
      switch child.content {
      case .layer(let layer), .shared(let layer, _):
        if child.transparent {
          if let last = modules.lastIndex(where: { $0.name == name }) {
            modules[last].shape = shapes[layer.definition.index]
          }
          try visit(layer.definition, under: name)
        } else {
          try enter(layer.definition, path)
        }
      case .list(let runs, _):
        try add(NamedModule(name: path, block: "list", shape: .other, alias: false))
        for run in runs {
          for element in run.elements { try enter(run.layer.definition, "\(path).\(element)") }
        }
      case .alias:
        try add(NamedModule(name: path, block: "alias", shape: .other, alias: true))
      }
    }
  }

  private mutating func enter(_ id: DefinitionID, _ name: String) throws(AnalysisError) {
    try add(
      NamedModule(
        name: name, block: program[id].block, shape: shapes[id.index], alias: false,
        definition: id))
    try visit(id, under: name)
  }

  private mutating func add(_ module: NamedModule) throws(AnalysisError) {
    guard modules.count < ModuleInventory.limit else {
      throw .tooManyRows(what: "layers", limit: ModuleInventory.limit)
    }
    modules.append(module)
  }
}
