// ParameterDerivation: how the parameters of a path add up, as one would write it by hand.
// Shared by failed claims and by `count --formula`, so that both show the same sum.
import Dimensions
import IR

/// The parameters of a path and the sum that gives them.
package struct ParameterDerivation: Hashable, Sendable {
  /// One line of the sum.
  package struct Row: Hashable, Sendable {
    /// The children that are alike: `norm_1, norm_2`; a weight's name.
    package var names: [String]
    /// The block and its arguments: `attention(1024, 8, 128)`; a weight's shape.
    package var block: String
    /// The elements of all of them.
    package var total: Dimension
    /// How the total comes about: `q, k, v, out: 4 × (1024·1024 + 1024)`.
    package var formula: String
    /// The total in terms of the config's names.
    package var polynomial: Dimension
    /// The same short enough for a table: a list is its length times its block.
    package var outline: String

    package init(
      names: [String], block: String, total: Dimension, formula: String, polynomial: Dimension,
      outline: String? = nil
    ) {
      self.names = names
      self.block = block
      self.total = total
      self.formula = formula
      self.polynomial = polynomial
      self.outline = outline ?? polynomial.description
    }
  }

  /// The path as it was resolved: `h[0..<3].attn`.
  package var path: String
  /// The block of the instances; `nil` for weights and for instances that differ.
  package var block: String?
  package var total: Dimension
  /// The total in terms of the config's names.
  package var formula: Dimension
  package var rows: [Row]
}

extension FoldedTree {
  /// The parameters of a path, with the sum.
  ///
  /// - Parameters:
  ///   - path: a layer, layers or weights; empty for the model.
  ///   - sums: the sums of the same program.
  ///   - separator: what groups the digits of counts: `_` in diagnostics, `,` in reports.
  /// - Returns: the total, and one row for each weight and each group of alike layers.
  /// - Throws: ``PathFault`` when the path leads nowhere.
  package func parameters(
    at path: FoldedPath, sums: ParameterSums, separator: Character = ","
  ) throws(PathFault) -> ParameterDerivation {
    let writer = DerivationWriter(program: program, sums: sums, separator: separator)
    switch try target(of: path) {
    case .weights(let weights):
      let rows = weights.map { weight in
        writer.row(
          for: declaration(of: weight), names: [self.path(of: weight).description],
          count: weight.owner.count, formula: weight.owner.count)
      }
      return ParameterDerivation(path: path, block: nil, rows: rows)
    case .instances(let instances):
      if let only = instances.first, instances.count == 1 {
        let sum = sums[only.definition]
        var rows = writer.rows(of: only.definition)
        let text = only.path.components.isEmpty ? program.name : only.path.description
        if only.count != 1 {
          rows = [
            ParameterDerivation.Row(
              names: [text], block: writer.title(of: only.definition),
              total: only.count * sum.elements,
              formula: "\(writer.number(only.count)) × \(writer.number(sum.elements))",
              polynomial: formulaCount(of: only) * sum.formula,
              outline: "\(formulaCount(of: only)) × \(program[only.definition].block)")
          ]
        }
        return ParameterDerivation(
          path: text, block: writer.title(of: only.definition),
          total: only.count * sum.elements, formula: formulaCount(of: only) * sum.formula,
          rows: rows)
      }
      let rows = instances.map { instance in
        let sum = sums[instance.definition]
        let each = writer.number(sum.elements)
        return ParameterDerivation.Row(
          names: [instance.path.description], block: writer.title(of: instance.definition),
          total: instance.count * sum.elements,
          formula: instance.count == 1
            ? writer.formula(of: instance.definition)
            : "\(writer.number(instance.count)) × \(each)",
          polynomial: formulaCount(of: instance) * sum.formula,
          outline: "\(formulaCount(of: instance)) × \(program[instance.definition].block)")
      }
      return ParameterDerivation(path: path, block: nil, rows: rows)
    }
  }

  /// How many instances there are, in terms of the config's names where a whole list is meant.
  func formulaCount(of instance: FoldedInstance) -> Dimension {
    var count: Dimension = 1
    var definition = instance.root
    for level in instance.levels {
      if let elements = level.elements {
        var factor = Dimension(elements.count)
        if case .list(let runs, let formula) = program[definition].children[level.child].content,
          runs.count == 1, runs[0].elements == elements
        {
          factor = formula
        }
        count *= factor
      }
      definition = level.definition
    }
    return count
  }
}

extension ParameterDerivation {
  /// The sum of rows that were listed one by one.
  fileprivate init(path: FoldedPath, block: String?, rows: [Row]) {
    self.init(
      path: path.description, block: block, total: Dimension.sum(of: rows.map(\.total)),
      formula: Dimension.sum(of: rows.map(\.polynomial)), rows: rows)
  }
}

/// Writes sums of one program.
struct DerivationWriter {
  let program: Program
  let sums: ParameterSums
  let separator: Character

  func number(_ value: Dimension) -> String {
    Figures.grouped(value, by: separator)
  }

  /// `attention(1024, 8, 128, causal)`.
  func title(of id: DefinitionID) -> String {
    let arguments = program[id].arguments
    return arguments.isEmpty
      ? program[id].block : "\(program[id].block)(\(arguments.joined(separator: ", ")))"
  }

  /// The weights and children of a definition, alike ones in one row; nothing for those without
  /// weights.
  func rows(of id: DefinitionID) -> [ParameterDerivation.Row] {
    let definition = program[id]
    var rows = definition.parameters.filter { !$0.isBuffer }.map {
      row(for: $0, names: [$0.name], count: 1, formula: 1)
    }
    for group in groups(of: id) where sums[group.definition].elements != 0 {
      let sum = sums[group.definition]
      let inner = formula(of: group.definition)
      let bare = group.count == 1 || !inner.contains(" ")
      rows.append(
        ParameterDerivation.Row(
          names: group.names, block: title(of: group.definition),
          total: group.count * sum.elements,
          formula: group.count == 1
            ? inner
            : group.isList
              ? "\(number(group.count)) × \(number(sum.elements))"
              : "\(number(group.count)) × \(bare ? inner : "(\(inner))")",
          polynomial: group.polynomial, outline: outline(of: group)))
    }
    return rows
  }

  func row(
    for declaration: ParameterDeclaration, names: [String], count: Dimension, formula: Dimension
  ) -> ParameterDerivation.Row {
    let product = text(of: declaration)
    return ParameterDerivation.Row(
      names: names, block: declaration.type.shapeText,
      total: count * declaration.type.elementCount,
      formula: count == 1 ? product : "\(number(count)) × \(product)",
      polynomial: formula * Dimension.product(of: declaration.formula),
      outline: (formula * Dimension.product(of: declaration.formula)).description)
  }

  private func outline(of group: Group) -> String {
    let block = program[group.definition].block
    let polynomial = group.polynomial.description
    if let length = group.length { return "\(length) × \(block)" }
    if polynomial.count <= 48 { return polynomial }
    return group.count == 1 ? block : "\(group.count) × \(block)"
  }

  /// The sum in one short line: weights as products, alike children together.
  func formula(of id: DefinitionID) -> String {
    let definition = program[id]
    let own = definition.parameters.filter { !$0.isBuffer }.map(text)
    let groups = groups(of: id).filter { sums[$0.definition].elements != 0 }
    if groups.isEmpty { return own.isEmpty ? "0" : own.joined(separator: " + ") }
    if let only = groups.first, groups.count == 1, own.isEmpty {
      let leaf = program[only.definition].children.isEmpty
      let inner = leaf ? formula(of: only.definition) : number(sums[only.definition].elements)
      if only.count == 1 { return inner }
      let names = only.isList ? "" : only.names.joined(separator: ", ") + ": "
      return names + "\(number(only.count)) × " + (inner.contains(" ") ? "(\(inner))" : inner)
    }
    return
      (own
      + groups.map { group in
        let each = number(sums[group.definition].elements)
        return group.count == 1 ? each : "\(number(group.count)) × \(each)"
      }).joined(separator: " + ")
  }

  private func text(of declaration: ParameterDeclaration) -> String {
    let shape = declaration.type.shape
    return shape.isEmpty ? "1" : shape.map(\.description).joined(separator: "·")
  }

  /// Children whose blocks and arguments print alike, and which therefore own alike weights.
  private struct Group {
    var names: [String]
    /// The definition of the first.
    var definition: DefinitionID
    var count: Dimension
    /// The length of a list, in terms of the config's names.
    var length: Dimension?
    /// The elements of all of them, in terms of the config's names.
    var polynomial: Dimension

    var isList: Bool { length != nil }
  }

  /// What makes two layers alike to a reader.
  ///
  /// Not the definition: equal sizes may have come from different names of the config.
  private struct Likeness: Hashable {
    var title: String
    var elements: Dimension
  }

  private func groups(of id: DefinitionID) -> [Group] {
    var groups: [Group] = []
    var places: [Likeness: Int] = [:]
    for child in program[id].children {
      switch child.content {
      case .alias: continue
      case .layer(let layer), .shared(let layer, _):
        let name = child.transparent ? "(\(child.name))" : child.name
        let sum = sums[layer.definition]
        let likeness = Likeness(title: title(of: layer.definition), elements: sum.elements)
        if let known = places[likeness] {
          groups[known].names.append(name)
          groups[known].count += 1
          groups[known].polynomial += sum.formula
        } else {
          places[likeness] = groups.count
          groups.append(
            Group(
              names: [name], definition: layer.definition, count: 1, length: nil,
              polynomial: sum.formula))
        }
      case .list(let runs, let count):
        for run in runs {
          let elements = Dimension(run.elements.count)
          let length = runs.count == 1 ? count : elements
          groups.append(
            Group(
              names: [FoldedPath.Component(child.name, run.elements).description],
              definition: run.layer.definition, count: elements, length: length,
              polynomial: length * sums[run.layer.definition].formula))
        }
      }
    }
    return groups
  }
}
