// FastWork: multiply-adds of the fast kernels against the cost rules of what they stand for.
// Products of matrices must agree; what attention skips and what is made twice is named.
import Analysis
import Dimensions
import Execution
import IR

/// The comparison of work.
struct FastWork {
  private let graph: FlatGraph
  private let sizes: [Symbol: Int]

  init(_ graph: FlatGraph, _ sizes: [Symbol: Int]) {
    self.graph = graph
    self.sizes = sizes
  }

  /// The multiply-adds of the whole graph by its definition.
  var predicted: Int128 {
    graph.nodes.indices.reduce(0) { sum, index in
      let (total, overflow) = sum.addingReportingOverflow(predicted(index))
      return overflow ? .max : total
    }
  }

  /// One line of the comparison.
  private struct Line {
    var predicted: Int128 = 0
    var observed: Int128 = 0
    /// Whether what it stands for attends or takes the loss, where a kernel may skip or repeat.
    var isFree = false
  }

  func section(_ work: [WorkRecord]) -> VerificationSection {
    var section = VerificationSection("fast-work", "fast path", "multiply-adds by kernel")
    var lines: [String: Line] = [:]
    for record in work {
      let name = name(of: record)
      lines[name, default: Line()].observed += Int128(record.multiplyAdds)
      lines[name, default: Line()].predicted += record.members.reduce(0) { $0 + predicted($1) }
      if record.members.contains(where: { isFree($0) }) {
        lines[name, default: Line()].isFree = true
      }
    }
    var freedom: [String] = []
    for (name, line) in lines.sorted(by: { $0.key < $1.key })
    where line.predicted != 0 || line.observed != 0 {
      guard line.isFree, line.predicted != line.observed else {
        section.compare(name, predicted: line.predicted, observed: line.observed)
        continue
      }
      // At least the half below the diagonal; at most everything and the scores once more.
      section.add(
        name,
        predicted: "\(Quantity.text(line.predicted / 3)) to \(Quantity.text(line.predicted * 2))",
        observed: Quantity.text(line.observed),
        agrees: line.observed >= line.predicted / 3 && line.observed <= line.predicted * 2)
      let share = 100 * Double(line.observed) / Double(max(line.predicted, 1))
      freedom.append("\(name) does \(Figures.fixed(share, places: 1)) % of the definition's")
    }
    let all = lines.values.reduce(Int128(0)) { $0 + $1.observed }
    section.note = ([Quantity.text(all) + " in all"] + freedom).joined(separator: "; ")
    return section
  }

  private func name(of record: WorkRecord) -> String {
    guard let main = record.members.first else { return record.label }
    return "\(record.label), \(graph.nodes[main].phase.rawValue)"
  }

  private func isFree(_ node: Int) -> Bool {
    let name = graph.nodes[node].operation.name
    return graph.nodes[node].operation.name.contains("attention") || name.hasPrefix("softmax")
      || name.hasPrefix("cross_entropy")
  }

  private func predicted(_ index: Int) -> Int128 {
    let node = graph.nodes[index]
    let cost = node.operation.cost(
      of: node.operands.map { graph.values[$0].type },
      results: node.results.map { graph.values[$0].type })
    return cost.multiplyAdds.evaluate(sizes) ?? 0
  }
}
