// CountReport: the tables of `plumbline count`.
// Pure text; the JSON of the same data is written in ReportJSON.swift.
import Dimensions
import IR

/// The parameters of a model as tables and formulas.
package struct CountReport: Sendable {
  package let ledger: ParameterLedger

  package init(_ ledger: ParameterLedger) {
    self.ledger = ledger
  }

  /// Every weight, folded, with the totals.
  package var text: String {
    var table = TextTable([.left, .left, .right, .right, .left])
    table.add(["weight", "shape", "elements", "total", ""])
    table.addRule()
    let places = ties
    for entry in ledger.entries {
      let each = Figures.grouped(entry.elements)
      var notes: [String] = []
      if !entry.trainable { notes.append("frozen") }
      if let places = places[entry.weight] { notes.append("tied: \(places)") }
      table.add([
        entry.path.description, entry.declaration.type.shapeText,
        entry.count == 1 ? each : "\(Figures.grouped(entry.count)) × \(each)",
        Figures.grouped(entry.total), notes.joined(separator: ", "),
      ])
    }
    table.addRule()
    return lines(table.rendered + totals)
  }

  /// The total divided in one way; the last line is the sum.
  ///
  /// - Throws: ``AnalysisError`` when the view would visit too many weights.
  package func text(
    by view: ParameterView, decay: DecayRule = .rank(atLeast: 2)
  ) throws(AnalysisError) -> String {
    if view == .block { return blocks }
    let shares = try ledger.shares(by: view, decay: decay)
    var table = TextTable([.left, .right, .right, .right, .left])
    table.add([view.rawValue, "weights", "elements", "share", ""])
    table.addRule()
    for share in shares {
      table.add(
        [share.name] + numbers(of: share) + [share.places.joined(separator: ", ")])
    }
    table.addRule()
    let sum = ParameterShare(
      "total", weights: shares.reduce(0) { $0 + $1.weights },
      elements: shares.reduce(0) { $0 + $1.elements })
    table.add([sum.name, Figures.grouped(sum.weights), Figures.grouped(sum.elements), "", ""])
    return lines(table.rendered)
  }

  /// The tree of blocks; every line holds what stands below it, so the model's is the total.
  private var blocks: String {
    let rows = ledger.blockTree
    var table = TextTable([.left, .left, .right, .right, .right])
    table.add(["layer", "block", "weights", "elements", "share"])
    table.addRule()
    for (row, branch) in zip(rows, TreeBranch.branches(depths: rows.map(\.depth))) {
      table.add(
        [branch.own + row.name, row.depth == 0 ? "" : row.block ?? ""] + numbers(of: row))
    }
    return lines(table.rendered)
  }

  private func numbers(of share: ParameterShare) -> [String] {
    [
      Figures.grouped(share.weights), Figures.grouped(share.elements),
      Figures.share(share.elements, of: ledger.totals.total),
    ]
  }

  /// The other places of each weight that has any.
  private var ties: [FoldedWeight: String] {
    var places: [FoldedWeight: String] = [:]
    for group in ledger.ties {
      let names = group.members.map { member in
        let path = member.path.description
        return member.isName
          ? path : "read by \(path.isEmpty ? ledger.program.name : path)"
      }
      places[group.owner] = names.joined(separator: ", ")
    }
    return places
  }

  private var totals: [String] {
    let totals = ledger.totals
    var table = TextTable([.left, .right])
    table.add(["parameters", Figures.grouped(totals.total)])
    table.add(["  trainable", Figures.grouped(totals.trainable)])
    if totals.frozen > 0 { table.add(["  frozen", Figures.grouped(totals.frozen)]) }
    if totals.tiedApart != totals.total {
      table.add(["  with ties apart", Figures.grouped(totals.tiedApart)])
    }
    return table.rendered
  }

  private func lines(_ lines: [String]) -> String {
    lines.joined(separator: "\n") + "\n"
  }
}
