// FoldedInstance: instances of one definition that share a folded path.
// The tree of these is as large as the source's nesting, whatever the counts of the lists are.
import Dimensions
import IR

/// One or many alike instances: `h[0..<12].attn`.
package struct FoldedInstance: Hashable, Sendable {
  /// One step down from an owner.
  struct Level: Hashable, Sendable {
    var child: Int
    /// The elements of a list; `nil` for a single or a shared layer.
    var elements: Range<Int>?
    var definition: DefinitionID
  }

  let root: DefinitionID
  /// Set when the steps start at a layer that was passed to a definition seen by itself.
  let external: Int?
  private(set) var levels: [Level] = []
  package private(set) var path = FoldedPath()
  /// How many instances there are, as a constant dimension.
  package private(set) var count: Dimension = 1

  init(root: DefinitionID, external: Int? = nil) {
    self.root = root
    self.external = external
  }

  package var definition: DefinitionID { levels.last?.definition ?? root }

  func entering(_ level: Level, of child: Child) -> FoldedInstance {
    var result = self
    result.levels.append(level)
    if let elements = level.elements {
      result.count *= Dimension(elements.count)
      result.path = path.appending(child.transparent ? "" : child.name, elements)
    } else if !child.transparent {
      result.path = path.appending(child.name)
    }
    return result
  }

  /// The product of the lists' lengths from a depth on.
  func multiplicity(from depth: Int) -> Dimension {
    Dimension.product(of: levels.dropFirst(depth).map { Dimension($0.elements?.count ?? 1) })
  }

  /// Forgets the levels from a depth on, and with them the path and the count.
  mutating func drop(to depth: Int) {
    levels.removeLast(levels.count - depth)
    path = FoldedPath()
    count = 1
  }

  /// The elements of the last step when it leads into a list.
  package var elements: Range<Int>? { levels.last?.elements }

  /// How many instances stand side by side in one owner.
  package var siblings: Int { elements?.count ?? 1 }

  /// Whether every instance of the other is one of these.
  func contains(_ other: FoldedInstance) -> Bool {
    guard levels.count == other.levels.count, root == other.root else { return false }
    return zip(levels, other.levels).allSatisfy { own, theirs in
      guard own.child == theirs.child, own.definition == theirs.definition else { return false }
      guard let outer = own.elements, let inner = theirs.elements else {
        return own.elements == theirs.elements
      }
      return outer.lowerBound <= inner.lowerBound && inner.upperBound <= outer.upperBound
    }
  }
}

/// The instance tree of a program, folded.
package struct FoldedTree: Sendable {
  package let program: Program

  package init(_ program: Program) {
    self.program = program
  }

  /// The model itself.
  package var root: FoldedInstance { FoldedInstance(root: program.root) }

  /// The instances behind one child, one for each run of a list; none for an alias.
  package func instances(of child: Int, in instance: FoldedInstance) -> [FoldedInstance] {
    enter(child, elements: nil, from: instance)
  }

  /// The layers directly below, in source order.
  package func children(of instance: FoldedInstance) -> [FoldedInstance] {
    program[instance.definition].children.indices.flatMap { instances(of: $0, in: instance) }
  }

  /// The instances behind one child, limited to some elements of a list.
  func enter(
    _ child: Int, elements: Range<Int>?, from instance: FoldedInstance
  ) -> [FoldedInstance] {
    let declaration = program[instance.definition].children[child]
    func level(_ layer: Instantiation, _ range: Range<Int>?) -> FoldedInstance {
      instance.entering(
        FoldedInstance.Level(child: child, elements: range, definition: layer.definition),
        of: declaration)
    }
    switch declaration.content {
    case .layer(let layer): return elements == nil ? [level(layer, nil)] : []
    case .shared(let layer, _): return [level(layer, nil)]
    case .alias: return []
    case .list(let runs, _):
      guard let elements else {
        return runs.compactMap { $0.elements.isEmpty ? nil : level($0.layer, $0.elements) }
      }
      return runs.overlapping(elements).map {
        level($0.layer, $0.elements.clamped(to: elements))
      }
    }
  }

  /// What an instance is called below its owner: `h[0..<12]`, and `(base)` where the name is no
  /// part of the path.
  func name(of instance: FoldedInstance) -> String {
    guard let level = instance.levels.last, let owner = owner(of: instance) else {
      return program.name
    }
    let child = program[owner.definition].children[level.child]
    let name = FoldedPath.Component(child.name, level.elements).description
    return child.transparent ? "(\(name))" : name
  }

  /// The instance with every list's elements widened to the whole run of alike ones, which is
  /// how reports list blocks.
  func widened(_ instance: FoldedInstance) -> FoldedInstance {
    var result = FoldedInstance(root: instance.root, external: instance.external)
    for level in instance.levels {
      let child = program[result.definition].children[level.child]
      var level = level
      if case .list(let runs, _) = child.content, let elements = level.elements {
        level.elements = runs.overlapping(elements).first?.elements ?? elements
      }
      result = result.entering(level, of: child)
    }
    return result
  }

  /// The owner of an instance; `nil` for the model.
  func owner(of instance: FoldedInstance) -> FoldedInstance? {
    guard !instance.levels.isEmpty else { return nil }
    let start = FoldedInstance(root: instance.root, external: instance.external)
    return instance.levels.dropLast().reduce(start) { owner, level in
      owner.entering(level, of: program[owner.definition].children[level.child])
    }
  }

  /// The instantiation that made an instance, as its owner wrote it.
  func instantiation(of instance: FoldedInstance) -> Instantiation? {
    guard let level = instance.levels.last, let owner = owner(of: instance) else { return nil }
    switch program[owner.definition].children[level.child].content {
    case .layer(let layer), .shared(let layer, _): return layer
    case .alias: return nil
    case .list(let runs, _):
      return level.elements.flatMap { runs.overlapping($0).first }?.layer
    }
  }
}

extension [Run] {
  /// The runs with some of the elements; runs stand in order, so they are found by bisection.
  func overlapping(_ elements: Range<Int>) -> ArraySlice<Run> {
    /// The first run that ends behind a place, or begins at or behind it.
    func first(_ isBehind: (Run) -> Bool) -> Int {
      var low = startIndex
      var high = endIndex
      while low < high {
        let middle = low + (high - low) / 2
        if isBehind(self[middle]) { high = middle } else { low = middle + 1 }
      }
      return low
    }
    guard !elements.isEmpty else { return [] }
    let start = first { $0.elements.upperBound > elements.lowerBound }
    let end = first { $0.elements.lowerBound >= elements.upperBound }
    return start < end ? self[start..<end] : []
  }
}
