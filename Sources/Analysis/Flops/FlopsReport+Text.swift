// FlopsReport+Text: the tables of `plumbline flops`.
// Apart from the numbers, which the JSON shares.
import Dimensions
import IR

extension FlopsReport {
  /// How the FLOPs are divided.
  package enum View: String, Sendable, CaseIterable {
    /// By the operators of the convention.
    case `operator`
    /// By the kinds of work behind them.
    case work
    /// By layer.
    case module
  }

  /// The table, ending in a newline.
  package func text(by view: View = .operator) -> String {
    var lines = ["\(title): FLOPs as \(options.convention.source) counts them"]
    lines.append("(\(options.convention.summary))")
    lines.append("")
    switch view {
    case .operator: lines += table(rows(named: \.name)).rendered
    case .work: lines += table(rows { $0.kind?.rawValue ?? $0.name }).rendered
    case .module: lines += modules.rendered
    }
    if !differences.isEmpty {
      lines += ["", "the forward pass against FlopCounterMode's count, term by term:"]
      lines += explanation.rendered.map { "  " + $0 }
    }
    if hasBackward, options.convention.backward == nil {
      lines += ["", "note: \(options.convention.name) counts no backward pass"]
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private var title: String {
    let sizes = options.sizes.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
    return sizes.isEmpty ? program.name : "\(program.name) at \(sizes.joined(separator: ", "))"
  }

  private var passes: [WorkPass] {
    hasBackward && options.convention.backward != nil ? WorkPass.allCases : [.forward]
  }

  private func table(_ rows: [(name: String, flops: [Dimension])]) -> TextTable {
    var table = TextTable([.left] + passes.map { _ in .right } + (passes.count > 1 ? [.right] : []))
    table.add([""] + passes.map(\.rawValue) + (passes.count > 1 ? ["together"] : []))
    table.addRule()
    for row in rows { table.add([row.name] + cells(row.flops)) }
    table.addRule()
    table.add(["total"] + cells(passes.map { total($0) }))
    return table
  }

  private func cells(_ flops: [Dimension]) -> [String] {
    let together = flops.count > 1 ? [Dimension.sum(of: flops)] : []
    return (flops + together).map { $0 == 0 ? "-" : Figures.grouped($0) }
  }

  private func rows(named name: (Line) -> String) -> [(name: String, flops: [Dimension])] {
    var order: [String] = []
    var sums: [String: [Dimension]] = [:]
    for line in lines {
      guard let column = passes.firstIndex(of: line.pass) else { continue }
      let name = name(line)
      if sums[name] == nil {
        order.append(name)
        sums[name] = passes.map { _ in 0 }
      }
      sums[name]?[column] += line.flops
    }
    return order.map { ($0, sums[$0] ?? []) }
  }

  /// A row for each layer and operator; the counts are of one instance's.
  private var modules: TextTable {
    var table = TextTable([.left, .left] + passes.map { _ in .right })
    table.add(["layer", "operator"] + passes.map(\.rawValue))
    table.addRule()
    for layer in layers {
      let path = layer.path.components.isEmpty ? program.name : layer.path.description
      var name = layer.count == 1 ? path : "\(path), each"
      let operators = passes.map { FlopsReport.operators(layer.lines, $0) }
      var order: [String] = []
      for (name, _) in operators.joined() where !order.contains(name) { order.append(name) }
      for operation in order {
        let flops = operators.map { pass in
          let whole = pass.first { $0.name == operation }?.flops ?? 0
          return whole.floorDivided(by: layer.count)
        }
        table.add([name, operation] + flops.map { $0 == 0 ? "-" : Figures.grouped($0) })
        name = ""
      }
    }
    return table
  }

  private var explanation: TextTable {
    var table = TextTable([.left, .right])
    let other = total(.forward) - Dimension.sum(of: differences.map(\.flops))
    table.add(["FlopCounterMode", Figures.grouped(other)])
    for term in differences {
      table.add([term.name, FlopsReport.signed(term.flops)])
    }
    table.addRule()
    table.add([options.convention.name, Figures.grouped(total(.forward))])
    return table
  }

  private static func signed(_ flops: Dimension) -> String {
    let text = Figures.grouped(flops)
    return text.hasPrefix("-") || text.hasPrefix("−") ? text : "+" + text
  }
}
