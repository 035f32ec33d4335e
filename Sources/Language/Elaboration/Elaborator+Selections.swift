// Elaborator+Selections: `freeze` and `adapt`: from paths in the source to marks on layers.
// A selection descends with the instantiation, so that only what it tells apart is elaborated apart.
import Diagnostics
import Dimensions
import IR

extension Elaborator {
  /// Collects the `freeze` and `adapt` members of a model.
  mutating func selections(_ members: [PlacedMember], frame: Frame) -> SelectionState {
    var state = SelectionState()
    var frame = frame
    for placed in members {
      switch placed.member {
      case .freeze(let selection, let range):
        let id = newSelection(range)
        if selection.all {
          state.frozen = true
          matchedSelections.insert(id)
        }
        for path in selection.paths {
          state.freezing.insert(selector(path, id: newSelection(path.range), frame: &frame))
          matchedSelections.insert(id)
        }
        for path in selection.exceptions {
          state.thawing.insert(selector(path, id: newSelection(path.range), frame: &frame))
        }
      case .adapt(let member):
        let adaptation = adaptations.count
        adaptations.append((member, placed.file))
        let all = Path.Component(name: Name("*", member.selection.range), index: nil)
        let paths =
          member.selection.all
          ? [Path(components: [all], range: member.selection.range)] : member.selection.paths
        for path in paths {
          let id = newSelection(path.range)
          adaptationOf[id] = adaptation
          var found = selector(path, id: id, frame: &frame)
          if member.selection.all { found.remaining = [PathStep(name: "*", elements: nil)] }
          state.adapting.insert(found)
        }
        for path in member.selection.exceptions {
          let id = newSelection(path.range)
          adaptationOf[id] = adaptation
          state.sparing.insert(selector(path, id: id, frame: &frame))
        }
      default: continue
      }
    }
    return state
  }

  private mutating func newSelection(_ range: SourceRange) -> Int {
    selectionRanges.append(range)
    return selectionRanges.count - 1
  }

  /// A path of the source as a selector.
  mutating func selector(_ path: Path, id: Int, frame: inout Frame) -> PathSelector {
    var steps: [PathStep] = []
    for component in path.components {
      var elements: PathStep.Elements?
      switch component.index {
      case .none: elements = nil
      case .some(.all): elements = .all
      case .some(.one(let expression)):
        let value = evaluateStatic(expression, frame: &frame).integerValue ?? 0
        elements = .range(value..<(value &+ 1 > value ? value + 1 : value))
      case .some(.range(let lower, let upper, let closed)):
        let low = evaluateStatic(lower, frame: &frame).integerValue ?? 0
        let high = evaluateStatic(upper, frame: &frame).integerValue ?? 0
        let (end, overflow) = high.addingReportingOverflow(closed ? 1 : 0)
        elements = .range(low..<max(low, overflow ? high : end))
      }
      steps.append(PathStep(name: component.name.text, elements: elements))
    }
    return PathSelector(selection: id, remaining: steps)
  }

  /// The state below a child, and the adaptations that are due at the child itself.
  mutating func descend(
    _ state: SelectionState, into name: String, element: Int?
  ) -> (state: SelectionState, adaptations: [Int]) {
    if state.freezing.isEmpty, state.thawing.isEmpty, state.adapting.isEmpty { return (state, []) }
    var below = SelectionState(frozen: state.frozen)
    for selector in state.freezing {
      for next in selector.descending(into: name, element: element) {
        if next.isComplete {
          below.frozen = true
          matchedSelections.insert(next.selection)
        } else {
          below.freezing.insert(next)
        }
      }
    }
    for selector in state.thawing {
      for next in selector.descending(into: name, element: element) {
        if next.isComplete {
          below.frozen = false
          matchedSelections.insert(next.selection)
        } else {
          below.thawing.insert(next)
        }
      }
    }
    var spared: Set<Int> = []
    for selector in state.sparing {
      for next in selector.descending(into: name, element: element) {
        if next.isComplete {
          matchedSelections.insert(next.selection)
          if let adaptation = adaptationOf[next.selection] { spared.insert(adaptation) }
        } else {
          below.sparing.insert(next)
        }
      }
    }
    var due: Set<Int> = []
    for selector in state.adapting {
      let everywhere = selector.remaining.count == 1 && selector.remaining[0].name == "*"
      if everywhere { below.adapting.insert(selector) }
      for next in selector.descending(into: name, element: element) {
        if next.isComplete {
          if !everywhere { matchedSelections.insert(next.selection) }
          if let adaptation = adaptationOf[next.selection] {
            if everywhere { eagerAdaptations.insert(adaptation) }
            due.insert(adaptation)
            selectionOf[adaptation, default: []].insert(next.selection)
          }
        } else {
          below.adapting.insert(next)
        }
      }
    }
    return (below, due.subtracting(spared).sorted())
  }

  /// Whether a weight is trained, given the state of its layer.
  mutating func isTrainable(_ name: String, state: SelectionState) -> Bool {
    var frozen = state.frozen
    for selector in state.freezing {
      for next in selector.descending(into: name, element: nil) where next.isComplete {
        frozen = true
        matchedSelections.insert(next.selection)
      }
    }
    for selector in state.thawing {
      for next in selector.descending(into: name, element: nil) where next.isComplete {
        frozen = false
        matchedSelections.insert(next.selection)
      }
    }
    return !frozen
  }

  mutating func reportUnmatchedSelections() {
    for (id, range) in selectionRanges.enumerated() where !matchedSelections.contains(id) {
      let adapts = adaptationOf[id] != nil
      let paths = selectablePaths(weights: !adapts)
      let near = Nearest.match(text(range), in: paths)
      let known = siblings(of: text(range), among: paths)
      let shown = known.prefix(12).joined(separator: ", ")
      report(
        Diagnostic(
          id: "selection-matches-nothing", severity: adapts ? .error : .warning,
          message: "`\(text(range))` matches no \(adapts ? "layer" : "layer or weight")"
            + (near.map { "; did you mean `\($0)`?" } ?? ""), range: range,
          facts: near == nil && !known.isEmpty
            ? [.line("known: \(shown)\(known.count > 12 ? ", …" : "")")] : [],
          fixes: near.map { [FixIt.renaming(range, to: $0)] } ?? []))
    }
  }

  /// The paths that share the longest beginning with one that matches nothing.
  private func siblings(of path: String, among paths: [String]) -> [String] {
    let parts = path.split(separator: ".")
    for count in stride(from: parts.count - 1, through: 0, by: -1) {
      let beginning = parts.prefix(count).map { $0 + "." }.joined()
      let found = paths.filter { candidate in
        candidate.hasPrefix(beginning)
          && !candidate.dropFirst(beginning.count).contains { $0 == "." }
          && !candidate.hasSuffix(".*")
      }
      if !found.isEmpty { return found }
    }
    return paths
  }

  /// Paths that do exist, lists written with `[*]`.
  private func selectablePaths(weights: Bool) -> [String] {
    var result: [String] = []
    var seen: Set<String> = []
    func add(_ path: String) {
      if seen.insert(path).inserted { result.append(path) }
    }
    let layers = foldedPaths(limit: 400).filter { !$0.path.isEmpty }
    for layer in layers {
      var path = ""
      var inside = false
      for character in layer.path {
        if character == "]" { inside = false }
        if !inside { path.append(character) }
        if character == "[" {
          inside = true
          path.append("*")
        }
      }
      add(path)
      guard weights else { continue }
      add(path + ".*")
      for weight in program.definitions[layer.definition].parameters {
        add(path + "." + weight.name)
      }
    }
    return result
  }
}
