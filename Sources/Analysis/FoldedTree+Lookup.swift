// Looking up a path that a person wrote: `h[0..<3].attn`, `wte.weight`.
// Near misses are named here, so that every claim and command reports them alike.
import Diagnostics
import IR

/// What a path names.
package enum PathTarget: Hashable, Sendable {
  case instances([FoldedInstance])
  case weights([FoldedWeight])
}

extension FoldedTree {
  /// The layers or weights behind a path; the empty path is the model.
  ///
  /// A list without elements means all of them. A path through an alias names the original.
  ///
  /// - Throws: ``PathFault`` where a name or an element does not exist.
  package func target(of path: FoldedPath) throws(PathFault) -> PathTarget {
    var places = [root]
    for (index, component) in path.components.enumerated() {
      var next: [FoldedInstance] = []
      var failure: PathFault?
      for place in places {
        do throws(PathFault) {
          next += try layers(component, at: index, in: place)
        } catch {
          failure = failure ?? error
        }
      }
      if next.isEmpty {
        if index == path.components.count - 1, component.elements == nil {
          let weights = places.flatMap { self.weights(named: component.name, in: $0) }
          if !weights.isEmpty { return .weights(weights) }
        }
        throw failure ?? missing(component.name, at: index, in: places, along: path)
      }
      places = next
    }
    return .instances(places)
  }

  /// The layers of that name in one instance, also below layers that add nothing to the path.
  ///
  /// - Throws: ``PathFault`` when the name exists but its elements don't.
  private func layers(
    _ component: FoldedPath.Component, at index: Int, in place: FoldedInstance
  ) throws(PathFault) -> [FoldedInstance] {
    var found: [FoldedInstance] = []
    for scope in visible(from: place) {
      for (child, declaration) in program[scope.definition].children.enumerated()
      where !declaration.transparent && Glob.matches(declaration.name, component.name) {
        let reference = InstanceReference(steps: [InstanceStep(child: child)])
        if let elements = component.elements {
          try check(elements, of: child, in: scope, at: index)
        }
        found += resolve(reference, elements: component.elements, from: scope)
      }
    }
    return found
  }

  private func check(
    _ elements: Range<Int>, of child: Int, in scope: FoldedInstance, at index: Int
  ) throws(PathFault) {
    let name = program[scope.definition].children[child].name
    let reference = InstanceReference(steps: [InstanceStep(child: child)])
    let count: Int
    switch program.target(of: reference, from: scope.definition) {
    case .list(let runs): count = runs.last?.elements.upperBound ?? 0
    case .shared(_, let times): count = times
    case .layer, nil:
      throw PathFault("`\(name)` is one layer, not a list", component: index)
    }
    guard elements.lowerBound >= 0, elements.upperBound <= count, !elements.isEmpty else {
      let asked = FoldedPath.Component(name, elements)
      throw PathFault(
        "there is no `\(asked)`: `\(name)` has \(Figures.grouped(count)) elements",
        component: index)
    }
  }

  private func weights(named name: String, in place: FoldedInstance) -> [FoldedWeight] {
    visible(from: place).flatMap { scope in
      let definition = program[scope.definition]
      let own = definition.parameters.indices.filter {
        Glob.matches(definition.parameters[$0].name, name)
      }.map { FoldedWeight(owner: scope, parameter: $0) }
      let aliased = definition.aliases.filter { Glob.matches($0.name, name) }
        .compactMap { weight($0.reference, from: scope) }
      return own + aliased
    }
  }

  /// The instance, and the layers below it that add nothing to the path.
  func visible(from place: FoldedInstance) -> [FoldedInstance] {
    var scopes = [place]
    var next = 0
    while next < scopes.count {
      let children = program[scopes[next].definition].children
      for (child, declaration) in children.enumerated() where declaration.transparent {
        scopes += instances(of: child, in: scopes[next])
      }
      next += 1
    }
    return scopes
  }

  private func missing(
    _ name: String, at index: Int, in places: [FoldedInstance], along path: FoldedPath
  ) -> PathFault {
    let last = index == path.components.count - 1
    var names: [String] = []
    for scope in places.flatMap({ visible(from: $0) }) {
      let definition = program[scope.definition]
      names += definition.children.filter { !$0.transparent }.map(\.name)
      if last { names += definition.parameters.map(\.name) + definition.aliases.map(\.name) }
    }
    var seen: Set<String> = []
    names = names.filter { seen.insert($0).inserted }
    let owner = FoldedPath(Array(path.components.prefix(index))).description
    let place = owner.isEmpty ? program.name : owner
    return PathFault(
      "`\(DisplayText.safe(place))` has nothing named `\(DisplayText.safe(name))`",
      component: index, candidates: names, nearest: Nearest.match(name, in: names))
  }
}

/// Names with `*` for any characters.
enum Glob {
  /// Linear in the product of both lengths; no backtracking over more than one star.
  static func matches(_ name: String, _ pattern: String) -> Bool {
    guard pattern.contains("*") else { return name == pattern }
    let name = Array(name)
    let pattern = Array(pattern)
    var place = 0
    var index = 0
    var star: (pattern: Int, name: Int)?
    while place < name.count {
      if index < pattern.count, pattern[index] == "*" {
        star = (index, place)
        index += 1
      } else if index < pattern.count, pattern[index] == name[place] {
        index += 1
        place += 1
      } else if let last = star {
        star = (last.pattern, last.name + 1)
        index = last.pattern + 1
        place = last.name + 1
      } else {
        return false
      }
    }
    return pattern[index...].allSatisfy { $0 == "*" }
  }
}
