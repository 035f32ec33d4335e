// WeightUses: who beside its owner names or reads a weight, and which weights are tables.
// Read from the functions once for each definition; instances ask it for their own place.
import Dimensions
import IR

/// What the rows of a table stand for.
package enum TableKind: String, Hashable, Sendable {
  /// Rows are chosen by something that was put into the model.
  case tokens
  /// Rows are chosen by what the model counts out itself, such as `iota(T)`.
  case positions
}

/// Second names, foreign readers and table reads, by definition.
struct WeightUses: Sendable {
  /// A second place of one or several weights.
  struct Member: Hashable, Sendable {
    enum Target: Hashable, Sendable {
      case weight(FoldedWeight)
      /// Every weight of some layers: another name for a layer, or for the elements of a list.
      case layers([FoldedInstance], asList: Bool)
    }

    /// The name that the definition gives it; `nil` when its forward only reads it.
    var name: String?
    var target: Target
  }

  private struct Uses: Sendable {
    var readers: [ParameterReference] = []
    /// Tables, and whether the rows depend on the model's inputs.
    var tables: [ParameterReference: Bool] = [:]
  }

  private let program: Program
  private let uses: [Uses]

  init(_ program: Program) {
    self.program = program
    var uses = [Uses](repeating: Uses(), count: program.definitions.count)
    var seen = [Set<ParameterReference>](repeating: [], count: program.definitions.count)
    let data = DataInputs(program)
    let calls = WeightUses.calls(in: program)
    for (index, function) in program.functions.enumerated() {
      let owner = function.definition.index
      var parameters: [ValueID: ParameterReference] = [:]
      let fromData = data.values(of: FunctionID(index: index))
      for node in function.nodes {
        switch node.kind {
        case .parameter(let reference):
          if let value = node.results.first { parameters[value] = reference }
          if !WeightUses.isOwn(reference), seen[owner].insert(reference).inserted,
            WeightUses.isApplied(reference.instance, from: function.definition, program, calls)
          {
            uses[owner].readers.append(reference)
          }
        case .operation(let operation):
          guard let table = WeightUses.table(of: operation), table < node.operands.count,
            let reference = parameters[node.operands[table]]
          else { continue }
          let isData = node.operands.contains { fromData.contains($0) }
          uses[owner].tables[reference, default: false] =
            uses[owner].tables[reference] == true || isData
        case .input, .call, .cotangent, .callBackward: continue
        }
      }
    }
    self.uses = uses
  }

  /// The paths of child indices that the functions of each definition call.
  private static func calls(in program: Program) -> [Set<[Int]>] {
    var calls = [Set<[Int]>](repeating: [], count: program.definitions.count)
    for function in program.functions {
      for case .call(let call) in function.nodes.lazy.map(\.kind) where call.target.base == .own {
        calls[function.definition.index].insert(call.target.steps.map(\.child))
      }
    }
    return calls
  }

  /// Whether a layer is applied anywhere: one whose weights are only read by somebody else, as those
  /// of experts are, has no first use of which the reading could be the second.
  private static func isApplied(
    _ layer: InstanceReference, from id: DefinitionID, _ program: Program, _ calls: [Set<[Int]>]
  ) -> Bool {
    guard layer.base == .own else { return true }
    for start in layer.steps.indices {
      let owner = InstanceReference(steps: Array(layer.steps[..<start]))
      let place = start == 0 ? id : program.definition(of: owner, from: id)
      guard let place else { return true }
      if calls[place.index].contains(layer.steps[start...].map(\.child)) { return true }
    }
    return false
  }

  /// Whether a definition has names, readers or tables of its own.
  func isEmpty(_ id: DefinitionID) -> Bool {
    uses[id.index].readers.isEmpty && uses[id.index].tables.isEmpty
      && program[id].aliases.isEmpty && !program[id].children.contains { $0.isAlias }
  }

  /// The second places that a definition makes, seen from one of its instances.
  ///
  /// A reader counts once for each weight, and not at all when a name of the same instance
  /// already stands for that weight: the name is how it is read.
  func members(
    of id: DefinitionID, at place: FoldedInstance, _ tree: FoldedTree
  ) -> [Member] {
    var members: [Member] = []
    var known: [FoldedWeight] = []
    var aliased: [FoldedInstance] = []
    for alias in program[id].aliases {
      guard let weight = tree.weight(alias.reference, from: place) else { continue }
      members.append(Member(name: alias.name, target: .weight(weight)))
      known.append(weight)
    }
    for child in program[id].children {
      guard case .alias(let reference) = child.content else { continue }
      let layers = tree.resolve(reference, from: place)
      let asList = reference.steps.last?.element == nil
      members.append(Member(name: child.name, target: .layers(layers, asList: asList)))
      aliased += layers
    }
    for reader in uses[id.index].readers {
      guard let weight = tree.weight(reader, from: place), !known.contains(weight),
        !aliased.contains(where: { weight.owner.isInside($0) })
      else { continue }
      members.append(Member(name: nil, target: .weight(weight)))
      known.append(weight)
    }
    return members
  }

  /// The weights that a definition's forward looks rows up in, and for what.
  func tables(
    of id: DefinitionID, at place: FoldedInstance, _ tree: FoldedTree
  ) -> [(weight: FoldedWeight, kind: TableKind)] {
    uses[id.index].tables.compactMap { reference, isData in
      tree.weight(reference, from: place).map { ($0, isData ? .tokens : .positions) }
    }
  }

  private static func isOwn(_ reference: ParameterReference) -> Bool {
    reference.instance.base == .own && reference.instance.steps.isEmpty
  }

  /// Which operand is a table of rows; `nil` for operations without one.
  static func table(of operation: any Operation) -> Int? {
    guard operation.name == "gather" || operation.name == "embedding" else { return nil }
    return type(of: operation).schema.operands.firstIndex { $0.name == "table" } ?? 0
  }
}

extension FoldedInstance {
  /// Whether this stands at or below another place.
  func isInside(_ other: FoldedInstance) -> Bool {
    guard levels.count >= other.levels.count, root == other.root, external == other.external else {
      return false
    }
    return other.contains(prefix(other.levels.count))
  }

  /// The owner that is so many levels below the root, without its path.
  private func prefix(_ length: Int) -> FoldedInstance {
    var result = self
    result.drop(to: length)
    return result
  }
}

extension Child {
  var isAlias: Bool {
    if case .alias = content { true } else { false }
  }
}
