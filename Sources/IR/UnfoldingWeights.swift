// Weights: the absolute weights of a program in order, with the names that checkpoints give them.
// A sequence, so that a report may take the first few of a hundred thousand layers.

/// One weight of the unfolded model.
package struct UnfoldedParameter: Hashable, Sendable {
  /// The path, with dots: `h.0.attn.c_attn.weight`.
  package var name: String
  package var declaration: ParameterDeclaration
}

/// A model with more weights, or more operations, than a caller is ready to hold.
package struct UnfoldingError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}

/// The weights of a program in declaration order.
package struct UnfoldedParameters: Sequence, IteratorProtocol, Sendable {
  /// An instance whose children are being visited.
  private struct Level {
    var definition: Definition
    var prefix: String
    var parameter = 0
    var child = 0
    /// Run and element, inside a list.
    var run = 0
    var element = 0
  }

  private let program: Program
  private let layouts: [Unfolding.Layout]
  private var levels: [Level]

  init(_ unfolding: Unfolding) {
    program = unfolding.program
    layouts = unfolding.layouts
    levels = [Level(definition: program[program.root], prefix: "")]
  }

  package mutating func next() -> UnfoldedParameter? {
    while let level = levels.last {
      let top = levels.count - 1
      if level.parameter < level.definition.parameters.count {
        levels[top].parameter += 1
        let declaration = level.definition.parameters[level.parameter]
        return UnfoldedParameter(name: level.prefix + declaration.name, declaration: declaration)
      }
      guard level.child < level.definition.children.count else {
        levels.removeLast()
        continue
      }
      let child = level.definition.children[level.child]
      switch child.content {
      case .alias:
        advance(top)
      case .layer(let layer), .shared(let layer, _):
        advance(top)
        enter(layer, level.prefix + (child.transparent ? "" : child.name + "."))
      case .list(let runs, _):
        guard level.run < runs.count else {
          advance(top)
          continue
        }
        let run = runs[level.run]
        // A run without weights is passed over: its length comes from the model's text.
        let empty = layouts[run.layer.definition.index].weights == 0
        guard !empty, level.element < run.elements.count else {
          levels[top].run += 1
          levels[top].element = 0
          continue
        }
        levels[top].element += 1
        let index = run.elements.lowerBound + level.element
        enter(run.layer, level.prefix + (child.transparent ? "" : child.name + ".") + "\(index).")
      }
    }
    return nil
  }

  private mutating func advance(_ level: Int) {
    levels[level].child += 1
    levels[level].run = 0
    levels[level].element = 0
  }

  private mutating func enter(_ layer: Instantiation, _ prefix: String) {
    guard layouts[layer.definition.index].weights > 0 else { return }
    levels.append(Level(definition: program[layer.definition], prefix: prefix))
  }
}

extension Unfolding {
  /// The weights in declaration order, made one by one.
  package var parameters: UnfoldedParameters { UnfoldedParameters(self) }
}

extension Program {
  /// The weights in declaration order.
  ///
  /// - Throws: ``UnfoldingError`` when there are more than `limit`.
  package func unfoldedParameters(
    limit: Int = 1_000_000
  ) throws(UnfoldingError) -> [UnfoldedParameter] {
    let unfolding = Unfolding(self)
    guard unfolding.weightCount <= limit else {
      throw UnfoldingError(
        "the model has more than \(limit) weight tensors, too many to list one by one")
    }
    return Array(unfolding.parameters)
  }
}
