// The formula of a model's parameters, and its derivation block by block.
// Written as one would on paper: the polynomial, each block's sum, then the numbers.
import Dimensions
import IR

extension CountReport {
  /// The polynomial in the config's names, the sums of the blocks, and the numbers.
  package var formula: String {
    let program = ledger.program
    let polynomial = ledger.formula
    var lines = ["parameters = \(polynomial)"]
    for id in definitionsOutermostFirst {
      lines += [""] + derivation(of: id)
    }
    let used = polynomial.symbols
    let values = program.config.filter { $0.integer != nil && used.contains(Symbol($0.name)) }
    guard !values.isEmpty else { return lines.joined(separator: "\n") + "\n" }
    let bindings = values.map { "\($0.name) = \(Figures.grouped($0.integer ?? 0))" }
    lines += ["", "with " + bindings.joined(separator: ", ")]
    lines.append("parameters = \(substituted(polynomial.description, values))")
    lines.append("           = \(Figures.grouped(ledger.totals.total))")
    return lines.joined(separator: "\n") + "\n"
  }

  /// One block: its name and polynomial, then a line for each weight and each group of layers.
  private func derivation(of id: DefinitionID) -> [String] {
    let program = ledger.program
    let writer = DerivationWriter(program: program, sums: ledger.sums, separator: ",")
    let sum = ledger.sums[id]
    let title = id == program.root ? program.name : writer.title(of: id)
    var table = TextTable([.left, .left, .right, .left])
    for row in writer.rows(of: id) {
      table.add([
        "  " + row.names.joined(separator: ", "), row.polynomial.description,
        Figures.grouped(row.total), "= " + row.formula,
      ])
    }
    return ["\(title) = \(sum.formula) = \(Figures.grouped(sum.elements))"] + table.rendered
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
