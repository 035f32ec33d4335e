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
              path: path, definition: layer.definition.index,
              count: current.count.saturatingProduct(count), range: child.range))
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
  ///
  /// - Parameters:
  ///   - definitions: where it was found.
  ///   - paths: the folded paths of the model.
  /// - Returns: one note; none when the model itself is meant.
  func reachedFrom(_ definitions: Set<Int>, paths: [FoldedPath]) -> [Note] {
    guard !definitions.isEmpty, definitions != [program.root.index] else { return [] }
    let places = paths.filter { definitions.contains($0.definition) }
    guard let first = places.first, !first.path.isEmpty else { return [] }
    let total = places.reduce(0) { $0.saturatingSum($1.count) }
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
    let single = first.path.replacingRangesByFirst().shortenedInTheMiddle
    return [
      Note(
        message: "reached from \(single) = \(block)(\(arguments))", range: first.range,
        facts: facts, showsSource: false)
    ]
  }

  /// Warns of layers and weights that no forward uses.
  mutating func reportUnused() {
    guard !hasErrors else { return }
    let reached = Set(program.functions.map(\.definition.index))
    for (index, context) in contexts.enumerated() {
      guard reached.contains(index), context.file != library.preludeFile else { continue }
      let passedOn = childrenPassedOn(in: index)
      for (position, child) in program.definitions[index].children.enumerated() {
        guard !child.transparent, !context.usedChildren.contains(position),
          !passedOn.contains(position)
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

  /// The layers that are handed to other ones, or read from by reference.
  private func childrenPassedOn(in definition: Int) -> Set<Int> {
    var found: Set<Int> = []
    func note(_ references: [InstanceReference]) {
      for reference in references where reference.base == .own {
        if let first = reference.steps.first { found.insert(first.child) }
      }
    }
    for other in program.definitions[definition].children {
      switch other.content {
      case .layer(let layer), .shared(let layer, _): note(layer.externals)
      case .list(let runs, _): for run in runs { note(run.layer.externals) }
      case .alias(let target): note([target])
      }
    }
    return found
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

extension Int {
  /// The sum, or the largest number where that does not fit; for counts, which are never negative.
  fileprivate func saturatingSum(_ other: Int) -> Int {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? .max : sum
  }

  /// The product, or the largest number where that does not fit.
  fileprivate func saturatingProduct(_ other: Int) -> Int {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? .max : product
  }
}

extension String {
  /// A path of many parts with those in the middle left out.
  fileprivate var shortenedInTheMiddle: String {
    let parts = split(separator: ".")
    guard parts.count > 9 else { return self }
    return (parts.prefix(4) + ["…"] + parts.suffix(3)).joined(separator: ".")
  }
}
