// Elaborator+Paths: folded paths of definitions, for `reached from` and for unused layers.
// The tree is walked by definition, so that a thousand alike layers are one line.
import Diagnostics
import Dimensions
import IR

extension Elaborator {
  /// A place in the instance tree with its lists folded.
  struct FoldedPath {
    var path: String
    var definition: Int
    /// How many instances the path stands for.
    var count: Int
    /// The place where the layer is declared.
    var range: SourceRange?
  }

  /// The layers of the model from the top, lists folded to ranges.
  func foldedPaths(limit: Int) -> [FoldedPath] {
    var result: [FoldedPath] = []
    var queue = [
      FoldedPath(path: "", definition: program.root.index, count: 1, range: nil)
    ]
    var next = 0
    while next < queue.count, result.count < limit {
      let current = queue[next]
      next += 1
      result.append(current)
      guard program.definitions.indices.contains(current.definition) else { continue }
      for child in program.definitions[current.definition].children {
        let prefix = current.path.isEmpty ? "" : current.path + "."
        let path = child.transparent ? current.path : prefix + child.name
        func add(_ path: String, _ layer: Instantiation, _ count: Int) {
          queue.append(
            FoldedPath(
              path: path, definition: layer.definition.index, count: current.count &* count,
              range: child.range))
        }
        switch child.content {
        case .layer(let layer), .shared(let layer, _): add(path, layer, 1)
        case .list(let runs, _):
          for run in runs {
            let elements = run.elements
            let index =
              elements.count == 1
              ? "\(elements.lowerBound)" : "\(elements.lowerBound)..<\(elements.upperBound)"
            add("\(path)[\(index)]", run.layer, elements.count)
          }
        case .alias: continue
        }
      }
    }
    return result
  }

  /// The note that says which layers a mistake concerns.
  func reachedFrom(_ definitions: [Int]) -> [Note] {
    guard !definitions.isEmpty, definitions != [program.root.index] else { return [] }
    let places = foldedPaths(limit: 10_000).filter { definitions.contains($0.definition) }
    guard let first = places.first, !first.path.isEmpty else { return [] }
    let total = places.reduce(0) { $0 + $1.count }
    let arguments = program.definitions[first.definition].arguments.joined(separator: ", ")
    let block = program.definitions[first.definition].block
    var facts: [Fact] = []
    if total > 1 {
      let others = places.map(\.path)
      let shown = others.prefix(4).joined(separator: ", ")
      let more = others.count > 4 ? " and \(others.count - 4) more places" : ""
      facts.append(
        .line("the same mistake in \(total) layers, shown once: \(shown)\(more)"))
    }
    let single = first.path.replacingRangesByFirst()
    return [
      Note(
        message: "reached from \(single) = \(block)(\(arguments))", range: first.range,
        facts: facts, showsSource: false)
    ]
  }

  /// Warns of layers and weights that no forward uses.
  mutating func reportUnused() {
    guard !hasErrors else { return }
    for (index, context) in contexts.enumerated() {
      let reached = program.functions.contains { $0.definition.index == index }
      guard reached, context.file != library.preludeFile else { continue }
      for (position, child) in program.definitions[index].children.enumerated() {
        guard !child.transparent, !context.usedChildren.contains(position),
          !isPassedOn(position, in: index)
        else { continue }
        if case .alias = child.content { continue }
        report(
          Diagnostic(
            id: "unused-layer", severity: .warning,
            message:
              "layer `\(child.name)` of `\(context.name)` is never applied: its weights get no"
              + " gradient", range: child.range), definition: nil)
      }
      for parameter in program.definitions[index].parameters
      where !context.usedWeights.contains(parameter.name) && !isReadOutside(parameter.name) {
        report(
          Diagnostic(
            id: "unused-weights", severity: .warning,
            message:
              "weight `\(parameter.name)` of `\(context.name)` is never read: it gets no gradient",
            range: parameter.range), definition: nil)
      }
    }
  }

  /// Whether a layer is handed to another one, or read from by reference.
  private func isPassedOn(_ child: Int, in definition: Int) -> Bool {
    func mentions(_ reference: InstanceReference) -> Bool {
      reference.base == .own && reference.steps.first?.child == child
    }
    for other in program.definitions[definition].children {
      switch other.content {
      case .layer(let layer), .shared(let layer, _):
        if layer.externals.contains(where: mentions) { return true }
      case .list(let runs, _):
        if runs.contains(where: { $0.layer.externals.contains(where: mentions) }) { return true }
      case .alias(let target): if mentions(target) { return true }
      }
    }
    return false
  }

  private func isReadOutside(_ name: String) -> Bool {
    program.functions.contains { function in
      function.nodes.contains { node in
        guard case .parameter(let reference) = node.kind, !reference.instance.steps.isEmpty,
          let owner = definition(of: reference.instance, within: function.definition.index),
          program[owner].parameters.indices.contains(reference.parameter)
        else { return false }
        return program[owner].parameters[reference.parameter].name == name
      }
    }
  }
}

extension String {
  /// `encoder[0..<6].attend` as `encoder[0].attend`.
  fileprivate func replacingRangesByFirst() -> String {
    var result = ""
    var skipping = false
    var rest = self[...]
    while let character = rest.first {
      if rest.hasPrefix("..<") { skipping = true }
      if character == "]" { skipping = false }
      if !skipping { result.append(character) }
      rest = rest.dropFirst()
    }
    return result
  }
}
