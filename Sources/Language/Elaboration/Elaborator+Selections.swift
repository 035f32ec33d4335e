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
      report(
        Diagnostic(
          id: "selection-matches-nothing", severity: adapts ? .error : .warning,
          message: "`\(text(range))` matches no \(adapts ? "layer" : "layer or weight")",
          range: range, facts: pathsForMessage()))
    }
  }

  /// Some paths that do exist, for the message about one that does not.
  private func pathsForMessage() -> [Fact] {
    let paths = foldedPaths(limit: 200).map(\.path).filter { !$0.isEmpty }
    guard !paths.isEmpty else { return [] }
    let shown = paths.prefix(12).joined(separator: ", ")
    return [.line("layers: \(shown)\(paths.count > 12 ? ", …" : "")")]
  }
}
