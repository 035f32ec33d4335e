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
    guard let plan = subject.plan, !plan.batch.isEmpty else { return [] }
    let sizes = plan.batch.mapValues { Dimension($0) }
    var worst: [WeightFact: (lookup: LookupSite, asked: Int)] = [:]
    var order: [WeightFact] = []
    for lookup in subject.sites.lookups where lookup.table.declaration.trainable {
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
      let idle = elements / rows * (rows - asked)
      return finding(
        "rows \(asked)...\(rows - 1) of `\(subject.text(lookup.site.range))` are never trained",
        at: lookup.site.range ?? subject.model.range,
        facts: [
          "\(subject.batchText): rows 0...\(asked - 1) of \(subject.grouped(rows)) are read",
          "\(subject.grouped(rows - asked)) rows, \(subject.grouped(idle)) parameters, get no"
            + " gradient",
        ],
        notes: subject.line("batch").map { [Note(message: "the batch stands here", range: $0)] }
          ?? [])
    }
  }
}
