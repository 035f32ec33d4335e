// The formula of a model's parameters, and its derivation block by block.
// Written as one would on paper: the polynomial, each block's sum, then the numbers.
import Dimensions
import IR

extension CountReport {
  /// The formula and its derivation, for a page of 100 columns.
  package var formula: String { formulaText(width: 100) }

  /// The polynomial in the config's names, the sums of the blocks, and the numbers.
  ///
  /// - Parameter width: where long sums are broken.
  /// - Returns: the whole page.
  package func formulaText(width: Int) -> String {
    let program = ledger.program
    let polynomial = ledger.formula
    var lines = FormulaText.wrapped("parameters = ", polynomial.description, width: width)
    for id in definitionsOutermostFirst {
      lines += [""] + derivation(of: id, width: width)
    }
    let used = polynomial.symbols
    let values = program.config.filter { $0.integer != nil && used.contains(Symbol($0.name)) }
    guard !values.isEmpty else { return lines.joined(separator: "\n") + "\n" }
    let bindings = values.map { "\($0.name) = \(Figures.grouped($0.integer ?? 0))" }
    lines += ["", "with " + bindings.joined(separator: ", ")]
    lines += FormulaText.wrapped(
      "parameters = ", substituted(polynomial.description, values), width: width)
    lines.append("           = \(Figures.grouped(ledger.totals.total))")
    return lines.joined(separator: "\n") + "\n"
  }

  /// One block: its name and polynomial, then a line for each weight and each group of layers.
  private func derivation(of id: DefinitionID, width: Int) -> [String] {
    let program = ledger.program
    let writer = DerivationWriter(program: program, sums: ledger.sums, separator: ",")
    let sum = ledger.sums[id]
    var table = TextTable([.left, .left, .right, .left])
    for row in writer.rows(of: id) {
      table.add([
        "  " + row.names.joined(separator: ", "), row.outline, Figures.grouped(row.total),
        "= " + row.formula,
      ])
    }
    // The model's own polynomial is the first line of all.
    guard id != program.root else { return [program.name] + table.rendered }
    let title = writer.title(of: id)
    let value = "\(sum.formula) = \(Figures.grouped(sum.elements))"
    if title.count + 3 + value.count <= width { return ["\(title) = \(value)"] + table.rendered }
    return [title] + FormulaText.wrapped("  = ", value, width: width) + table.rendered
  }

  /// Every definition with weights, each once, in the order in which the source meets them.
  private var definitionsOutermostFirst: [DefinitionID] {
    let program = ledger.program
    var seen: Set<DefinitionID> = []
    var order: [DefinitionID] = []
    var pending = [program.root]
    while let id = pending.popLast() {
      guard ledger.sums[id].elements != 0, seen.insert(id).inserted else { continue }
      order.append(id)
      for child in program[id].children.reversed() {
        pending += child.content.layers.map(\.layer.definition).reversed()
      }
    }
    return order
  }

  /// The formula with each name replaced by its number.
  private func substituted(_ text: String, _ values: [ConfigValue]) -> String {
    var numbers: [String: Int] = [:]
    for value in values { numbers[value.name] = value.integer }
    var result = ""
    var word = ""
    func flush() {
      result += numbers[word].map(String.init) ?? word
      word = ""
    }
    for character in text {
      if character.isASCII, character.isLetter || character.isNumber || character == "_" {
        word.append(character)
      } else {
        flush()
        result.append(character)
      }
    }
    flush()
    return result
  }
}
