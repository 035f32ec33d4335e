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
    return (table.rendered + footer(width: width)).joined(separator: "\n") + "\n"
  }

  private func table(_ layout: Layout) -> TextTable {
    var table = TextTable([.left, .left, .left, .left, .right, .left])
    table.add([
      "layer", layout.showsBlocks ? "block" : "", "inputs", "outputs", "parameters", "",
    ])
    table.addRule()
    for (row, branch) in zip(rows, TreeBranch.branches(depths: rows.map(\.depth))) {
      add(row, branch, to: &table, layout)
    }
    table.addRule()
    return table
  }

  private func add(
    _ row: Row, _ branch: TreeBranch, to table: inout TextTable, _ layout: Layout
  ) {
    let name = row.name
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
        table.add(
          [branch.below + part + tail, ""] + cells + ["", row.depth == 0 ? "" : "also called so"])
      }
      addDetails(signature, branch, to: &table, layout)
    }
  }

  private func addDetails(
    _ signature: Signature, _ branch: TreeBranch, to table: inout TextTable, _ layout: Layout
  ) {
    for value in signature.values where value.operation != "input" {
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
        branch.below + "∂ \(input.name)", "", "", Figures.shape(type.shape), "", "",
      ])
    }
    for weight in gradients.parameters {
      table.add([
        branch.below + "∂ \(weight.name)", "", "", Figures.shape(weight.type.shape),
        Figures.grouped(weight.type.elementCount), "",
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
    if row.depth > 0, runs != row.place.count, let times = runs.constant,
      let count = row.place.count.constant,
      count > 0, times > count, times.isMultiple(of: count), row.place.levels.count == row.depth
    {
      notes.append("(applied \(Figures.grouped(times / count)) times)")
    }
    return notes.joined(separator: " ")
  }

  private func footer(width: Int) -> [String] {
    var table = TextTable([.left, .right, .left])
    table.add(["parameters", Figures.grouped(totals.total), ""])
    let share = Figures.share(totals.trainable, of: totals.total)
    table.add(["  trainable", Figures.grouped(totals.trainable), totals.frozen == 0 ? "" : share])
    if totals.frozen > 0 { table.add(["  frozen", Figures.grouped(totals.frozen), ""]) }
    if totals.tiedApart != totals.total {
      table.add(["  with ties apart", Figures.grouped(totals.tiedApart), ""])
    }
    var lines = table.rendered
    for (name, work) in [("FLOPs forward", forward), ("FLOPs backward", backward)] {
      guard let work else { continue }
      lines += FormulaText.wrapped(
        name + String(repeating: " ", count: 16 - name.count), Figures.grouped(work.flops),
        width: width)
    }
    if forward != nil { lines.append("(2 FLOPs for each multiply-add of a contraction)") }
    return lines
  }
}
