// The text of a shape report: a tree with aligned columns, as narrow as it can be.
// Pure: a string comes out, and whoever asked prints it.
import Diagnostics
import Dimensions
import IR

extension ShapeReport {
  /// How much of each row is shown.
  private enum Layout: CaseIterable {
    case full, stacked, withoutBlocks

    var stacks: Bool { self != .full }
    var showsBlocks: Bool { self != .withoutBlocks }
  }

  /// The report as text, at most `width` columns wide where that is possible.
  package func text(width: Int = 100) -> String {
    var table = TextTable([])
    for layout in Layout.allCases {
      table = self.table(layout)
      if table.width <= width { break }
    }
    return (table.rendered + footer).joined(separator: "\n") + "\n"
  }

  private func table(_ layout: Layout) -> TextTable {
    var table = TextTable([.left, .left, .left, .left, .right, .left])
    table.add([
      "layer", layout.showsBlocks ? "block" : "", "inputs", "outputs", "parameters", "",
    ])
    table.addRule()
    let branches = branches
    for (row, branch) in zip(rows, branches) { add(row, branch, to: &table, layout) }
    table.addRule()
    return table
  }

  /// The glyphs in front of a row, and in front of the lines below it.
  private struct Branch {
    var own: String
    var below: String
  }

  private var branches: [Branch] {
    // Read from the end: a row is the last of its owner when no later one has its depth first.
    var continues = [Bool](repeating: false, count: (rows.map(\.depth).max() ?? 0) + 2)
    var result: [Branch] = []
    for row in rows.reversed() {
      for depth in continues.indices where depth > row.depth + 1 { continues[depth] = false }
      var lead = ""
      if row.depth > 1 {
        for depth in 1..<row.depth { lead += continues[depth] ? "│  " : "   " }
      }
      let isLast = !continues[row.depth]
      let hasChildren = continues[row.depth + 1]
      let own = row.depth == 0 ? "" : lead + (isLast ? "└─ " : "├─ ")
      let below = row.depth == 0 ? "" : lead + (isLast ? "   " : "│  ")
      result.append(Branch(own: own, below: below + (hasChildren ? "│  " : "   ")))
      continues[row.depth + 1] = false
      continues[row.depth] = true
    }
    return result.reversed()
  }

  private func add(
    _ row: Row, _ branch: Branch, to table: inout TextTable, _ layout: Layout
  ) {
    let name = row.path.components.last?.description ?? program.name
    let block = layout.showsBlocks && row.depth > 0 ? row.block : ""
    let each = row.parameters == 0 ? "" : Figures.grouped(row.parameters)
    let count =
      row.siblings == 1 || each.isEmpty ? each : "\(Figures.grouped(row.siblings)) × \(each)"
    let notes = notes(of: row)
    guard !row.signatures.isEmpty else {
      table.add([branch.own + name, block, "", "", count, notes])
      return
    }
    for (index, signature) in row.signatures.enumerated() {
      let inputs = signature.inputs.map { shape($0, in: signature.inputs) }
      let outputs = signature.outputs.map { shape($0, in: signature.outputs) }
      let separator = layout.stacks ? "\n" : ", "
      let part = signature.part?.components.last.map { " \($0)" } ?? ""
      let cells = [
        inputs.joined(separator: separator), outputs.joined(separator: separator),
      ]
      let height = cells.map { $0.split(separator: "\n").count }.max() ?? 1
      let tail = String(repeating: "\n" + branch.below, count: max(height - 1, 0))
      if index == 0 {
        table.add([branch.own + name + part + tail, block] + cells + [count, notes])
      } else {
        table.add([branch.below + part + tail, ""] + cells + ["", "also called so"])
      }
      addDetails(signature, branch, to: &table, layout)
    }
  }

  private func addDetails(
    _ signature: Signature, _ branch: Branch, to table: inout TextTable, _ layout: Layout
  ) {
    for value in signature.values {
      let name = value.name ?? "·"
      table.add([
        branch.below + (layout.showsBlocks ? name : "\(name) = \(value.operation)"),
        layout.showsBlocks ? value.operation : "", "", Figures.shape(value.type.shape), "", "",
      ])
    }
    guard let gradients = signature.gradients else { return }
    for (input, type) in zip(signature.inputs, gradients.inputs) {
      guard let type else { continue }
      table.add([
        branch.below + "∂ \(input.name)", "", "", Figures.shape(type.shape), "", "gradient",
      ])
    }
    for weight in gradients.parameters {
      table.add([
        branch.below + "∂ \(weight.name)", "", "", Figures.shape(weight.type.shape),
        Figures.grouped(weight.type.elementCount), "gradient",
      ])
    }
  }

  /// A shape, with its name where several stand side by side, and its element unless it is f32.
  private func shape(_ port: Port, in ports: [Port]) -> String {
    let element = port.type.element == .f32 ? "" : port.type.element.rawValue
    let name = ports.count > 1 && !port.name.isEmpty ? port.name + " " : ""
    return name + element + Figures.shape(port.type.shape)
  }

  private func notes(of row: Row) -> String {
    var notes: [String] = []
    if let alias = row.alias { notes.append("= \(alias)") }
    if row.isTied { notes.append("(tied)") }
    let runs = Dimension.sum(of: row.signatures.map(\.times))
    if row.alias == nil, row.depth > 0, row.parameters != 0, row.signatures.isEmpty, forward != nil
    {
      notes.append("(not called)")
    }
    if runs != row.place.count, let times = runs.constant, let count = row.place.count.constant,
      count > 0, times > count, times.isMultiple(of: count), row.place.levels.count == row.depth
    {
      notes.append("(applied \(Figures.grouped(times / count)) times)")
    }
    return notes.joined(separator: " ")
  }

  private var footer: [String] {
    var table = TextTable([.left, .right, .left])
    table.add(["parameters", Figures.grouped(totals.total), ""])
    let share = Figures.share(totals.trainable, of: totals.total)
    table.add(["  trainable", Figures.grouped(totals.trainable), totals.frozen == 0 ? "" : share])
    if totals.frozen > 0 { table.add(["  frozen", Figures.grouped(totals.frozen), ""]) }
    if totals.tiedApart != totals.total {
      table.add(["  with ties apart", Figures.grouped(totals.tiedApart), ""])
    }
    var lines = table.rendered
    if let forward { lines.append("FLOPs forward   " + work(forward)) }
    if let backward { lines.append("FLOPs backward  " + work(backward)) }
    return lines
  }

  private func work(_ work: Work) -> String {
    Figures.grouped(work.flops) + "  (contractions, 2 for each multiply-add)"
  }
}
