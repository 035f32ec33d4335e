// ListShortening: a model whose lists keep two elements of each run of alike ones.
// Alike elements share one function, so two of them run everything that a thousand would.
import IR

/// The shortening of a program's lists.
package struct ListShortening {
  /// What one list lost.
  package struct Change: Hashable, Sendable {
    /// The block that owns the list, and the list's name there.
    package var block: String
    package var name: String
    package var before: Int
    package var after: Int
  }

  /// How many elements of each run are kept: two, so that one hands on to another.
  static let kept = 2

  package private(set) var program: Program
  package private(set) var changes: [Change] = []
  private let original: Program

  /// A list by its owner and its place among the children.
  private struct List: Hashable {
    var definition: DefinitionID
    var child: Int
  }

  /// For each list that is shortened, the new number of each kept element.
  private var numbers: [List: [Int: Int]] = [:]

  package init(_ program: Program) {
    self.program = program
    original = program
    var pinned: Set<List> = []
    collect()
    visitReferences { reference, elements, owner in pin(reference, elements, owner, &pinned) }
    for list in pinned { numbers[list] = nil }
    rewrite()
  }

  /// Every list with a run longer than what is kept.
  private mutating func collect() {
    for (index, definition) in original.definitions.enumerated() {
      for (place, child) in definition.children.enumerated() {
        let list = List(definition: DefinitionID(index: index), child: place)
        switch child.content {
        case .list(let runs, _) where runs.contains { $0.elements.count > ListShortening.kept }:
          let kept = runs.flatMap { $0.elements.prefix(ListShortening.kept) }
          numbers[list] = Dictionary(
            uniqueKeysWithValues: kept.enumerated().map { ($1, $0) })
        case .shared(_, let times) where times > ListShortening.kept:
          numbers[list] = Dictionary(
            uniqueKeysWithValues: (0..<ListShortening.kept).map { ($0, $0) })
        default: continue
        }
      }
    }
  }

  /// Shows every reference of the program, with the elements that a call runs through.
  private func visitReferences(
    _ visit: (InstanceReference, Range<Int>?, DefinitionID) -> Void
  ) {
    for (index, definition) in original.definitions.enumerated() {
      let id = DefinitionID(index: index)
      for alias in definition.aliases { visit(alias.reference.instance, nil, id) }
      for child in definition.children {
        if case .alias(let reference) = child.content { visit(reference, nil, id) }
        for external in child.content.instantiations.flatMap(\.externals) {
          visit(external, nil, id)
        }
      }
    }
    for function in original.functions {
      for node in function.nodes {
        switch node.kind {
        case .parameter(let reference): visit(reference.instance, nil, function.definition)
        case .call(let call): visit(call.target, call.elements, function.definition)
        case .input, .operation, .cotangent, .callBackward: continue
        }
      }
    }
  }

  /// Excludes lists of which a single dropped element, or part of a run, is used by itself.
  private func pin(
    _ reference: InstanceReference, _ elements: Range<Int>?, _ owner: DefinitionID,
    _ pinned: inout Set<List>
  ) {
    for (list, element) in steps(of: reference, from: owner) {
      guard let known = numbers[list] else { continue }
      if let element {
        if known[element] == nil { pinned.insert(list) }
      } else if let elements {
        let whole = runs(of: list).filter { $0.overlaps(elements) }
        if !whole.allSatisfy({ elements.contains($0) }) || whole.isEmpty { pinned.insert(list) }
      }
    }
  }

  /// The lists that a reference goes through; those behind another name as well.
  private func steps(
    of reference: InstanceReference, from owner: DefinitionID
  ) -> [(List, Int?)] {
    var found: [(List, Int?)] = []
    for index in reference.steps.indices {
      let prefix = InstanceReference(base: reference.base, steps: Array(reference.steps[..<index]))
      guard let definition = original.definition(of: prefix, from: owner) else { return found }
      let step = reference.steps[index]
      found.append((List(definition: definition, child: step.child), step.element))
      if case .alias(let target) = original[definition].children[step.child].content {
        // The element is one of the list behind the alias, which then keeps its numbers.
        for (list, element) in steps(of: target, from: definition) {
          found.append((list, element ?? step.element.map { _ in -1 }))
        }
      }
    }
    return found
  }

  private func runs(of list: List) -> [Range<Int>] {
    switch original[list.definition].children[list.child].content {
    case .list(let runs, _): runs.map(\.elements)
    case .shared(_, let times): [0..<times]
    case .layer, .alias: []
    }
  }
}

extension ListShortening {
  private mutating func rewrite() {
    for (index, definition) in original.definitions.enumerated() {
      let id = DefinitionID(index: index)
      for place in definition.aliases.indices {
        program.definitions[index].aliases[place].reference.instance =
          renumbered(definition.aliases[place].reference.instance, from: id)
      }
      for (place, child) in definition.children.enumerated() {
        program.definitions[index].children[place].content = shortened(child, place, of: id)
      }
    }
    for (index, function) in original.functions.enumerated() {
      for (place, node) in function.nodes.enumerated() {
        program.functions[index].nodes[place].kind = renumbered(node.kind, from: function)
      }
    }
  }

  private func renumbered(_ kind: NodeKind, from function: Function) -> NodeKind {
    switch kind {
    case .parameter(var reference):
      reference.instance = renumbered(reference.instance, from: function.definition)
      return .parameter(reference)
    case .call(var call):
      if let elements = call.elements,
        let list = steps(of: call.target, from: function.definition).last?.0,
        let known = numbers[list]
      {
        let kept = elements.compactMap { known[$0] }
        if let first = kept.min(), let last = kept.max() { call.elements = first..<last + 1 }
      }
      call.target = renumbered(call.target, from: function.definition)
      return .call(call)
    case .input, .operation, .cotangent, .callBackward: return kind
    }
  }

  /// The same reference under the new numbers.
  private func renumbered(
    _ reference: InstanceReference, from owner: DefinitionID
  ) -> InstanceReference {
    var result = reference
    for index in reference.steps.indices {
      let prefix = InstanceReference(base: reference.base, steps: Array(reference.steps[..<index]))
      guard let element = reference.steps[index].element,
        let definition = original.definition(of: prefix, from: owner)
      else { continue }
      let list = List(definition: definition, child: reference.steps[index].child)
      if let number = numbers[list]?[element] { result.steps[index].element = number }
    }
    return result
  }

  private mutating func shortened(
    _ child: Child, _ place: Int, of id: DefinitionID
  ) -> Child.Content {
    func layer(_ layer: Instantiation) -> Instantiation {
      Instantiation(
        definition: layer.definition,
        externals: layer.externals.map { renumbered($0, from: id) })
    }
    let known = numbers[List(definition: id, child: place)]
    if let known {
      let before = runs(of: List(definition: id, child: place)).reduce(0) { $0 + $1.count }
      changes.append(
        Change(
          block: original[id].block, name: child.name, before: before, after: known.count))
    }
    switch child.content {
    case .layer(let inner): return .layer(layer(inner))
    case .alias(let reference): return .alias(renumbered(reference, from: id))
    case .shared(let inner, let times): return .shared(layer(inner), times: known?.count ?? times)
    case .list(let runs, let count):
      guard let known else {
        return .list(
          runs.map { Run(elements: $0.elements, layer: layer($0.layer)) }, count: count)
      }
      let kept = runs.map { run in
        let numbers = run.elements.compactMap { known[$0] }
        let first = numbers.min() ?? 0
        return Run(elements: first..<first + numbers.count, layer: layer(run.layer))
      }
      return .list(kept, count: .init(known.count))
    }
  }
}

extension Child.Content {
  fileprivate var instantiations: [Instantiation] {
    switch self {
    case .layer(let layer), .shared(let layer, _): [layer]
    case .list(let runs, _): runs.map(\.layer)
    case .alias: []
    }
  }
}

extension Range<Int> {
  fileprivate func contains(_ other: Range<Int>) -> Bool {
    lowerBound <= other.lowerBound && other.upperBound <= upperBound
  }
}
