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
    let shares = try ledger.shares(by: view, decay: decay)
    var table = TextTable([.left, .left, .right, .right, .right, .left])
    table.add([view.rawValue, "", "weights", "elements", "share", ""])
    table.addRule()
    var sum = 0
    var weights = 0
    for share in shares {
      sum += share.elements
      weights += share.weights
      table.add([
        name(of: share, in: view), share.block ?? "", Figures.grouped(share.weights),
        Figures.grouped(share.elements), Figures.share(share.elements, of: ledger.totals.total),
        share.places.joined(separator: ", "),
      ])
    }
    table.addRule()
    table.add(["total", "", Figures.grouped(weights), Figures.grouped(sum), "", ""])
    return lines(table.rendered)
  }

  private func name(of share: ParameterShare, in view: ParameterView) -> String {
    view == .block && share.name.isEmpty ? ledger.program.name : share.name
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
