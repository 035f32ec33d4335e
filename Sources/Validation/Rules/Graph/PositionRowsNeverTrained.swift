// PositionRowsNeverTrained: rows of a table of positions that the plan's sequences never reach.
// The reverse, a sequence longer than its table, is an error of the model itself.
import Diagnostics
import Dimensions
import IR
import Language

/// A table of learnt positions is longer than the sequences that the plan trains on.
///
/// Rows beyond the batch's length get no gradient: they keep their random start, take memory, and
/// mislead whoever uses longer sequences later. The rule follows the numbers that ask for rows from
/// `iota` to the table, so that it needs no names; rows that inputs choose, and frozen tables, are
/// left alone.
///
/// - Example: batch B = 48, T = 512 under a table of 1_024 positions
/// - Remedy: Train on longer sequences, shorten the table, or allow it if the weights are given.
/// - Catalogue: A11
enum PositionRowsNeverTrained: Rule {
  static let id = "position-rows-never-trained"

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    subject.idleRows.map { idle in
      finding(
        "rows \(idle.asked)...\(idle.rows - 1) of `\(subject.text(idle.lookup.site.range))` are never trained",
        at: idle.lookup.site.range ?? subject.model.range,
        facts: [
          "\(subject.batchText): rows 0...\(idle.asked - 1) of \(subject.grouped(idle.rows)) are read",
          "\(subject.grouped(idle.rows - idle.asked)) rows, \(subject.grouped(idle.elements)) parameters,"
            + " get no gradient",
        ],
        notes: subject.line("batch").map { [Note(message: "the batch stands here", range: $0)] }
          ?? [])
    }
  }
}

/// Rows of a table that no sequence of the plan asks for.
struct IdleRows {
  var lookup: LookupSite
  /// The rows that are asked for, from the first.
  var asked: Int
  var rows: Int
  /// Parameters in the rows that are not.
  var elements: Int
}

extension RuleSubject {
  /// The tables of positions that are longer than the plan's sequences.
  var idleRows: [IdleRows] {
    guard let plan, !plan.batch.isEmpty else { return [] }
    let sizes = plan.batch.mapValues { Dimension($0) }
    var worst: [WeightFact: (lookup: LookupSite, asked: Int)] = [:]
    var order: [WeightFact] = []
    for lookup in sites.lookups where lookup.table.declaration.trainable {
      guard let upper = lookup.upper, lookup.inputs.isEmpty,
        let last = upper.substituting(sizes).constant, last >= 0, last < Int.max
      else { continue }
      if worst[lookup.table] == nil { order.append(lookup.table) }
      if (worst[lookup.table]?.asked ?? 0) <= last { worst[lookup.table] = (lookup, last + 1) }
    }
    return order.compactMap { table in
      guard let (lookup, asked) = worst[table],
        let rows = table.declaration.type.shape.first?.constant, asked < rows
      else { return nil }
      let elements = table.declaration.type.elementCount.constant ?? 0
      return IdleRows(
        lookup: lookup, asked: asked, rows: rows, elements: elements / rows * (rows - asked))
    }
  }
}
