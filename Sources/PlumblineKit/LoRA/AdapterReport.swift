// AdapterReport: what an adapter is on a model: sites, counts, scale, work and memory, as text.
// The numbers are made in Validation; here they are grouped into rows and laid out.
import Analysis
import Diagnostics
import IR
import Validation

/// The report of `plumbline lora`.
package struct AdapterReport: Sendable {
  /// Alike sites of one pattern.
  package struct Row: Hashable, Sendable {
    package var pattern: String
    package var role: String
    package var shape: ModuleShape
    package var rank: Int
    package var alpha: Double
    package var scaling: Double
    package var breakEven: Double
    package var sites: Int
    package var parameters: Int
  }

  package let subject: AdapterSubject
  package let rows: [Row]
  package let work: AdapterWork?
  package let sizes: AdapterSizes
  package let tokens: Int?

  package init(_ subject: AdapterSubject, program: Program, sizes: AdapterSizes) {
    self.subject = subject
    self.sizes = sizes
    tokens = sizes.tokens(program)
    rows = AdapterReport.rows(subject)
    work =
      subject.counts == nil
      ? nil
      : AdapterWork(
        program, sites: subject.resolution.sites, saved: subject.savedLayers, sizes: sizes.sizes)
  }

  private static func rows(_ subject: AdapterSubject) -> [Row] {
    var rows: [Row] = []
    var places: [Row: Int] = [:]
    for site in subject.resolution.sites {
      guard let parameters = AdapterCounts.elements(of: site, subject.description) else { continue }
      let pattern = subject.resolution.patterns[site.pattern].pattern.value
      var row = Row(
        pattern: pattern, role: subject.inventory.modules[site.module].role, shape: site.shape,
        rank: site.rank, alpha: site.alpha, scaling: site.scaling, breakEven: site.breakEven,
        sites: 0, parameters: 0)
      let place = places[row] ?? rows.count
      if places[row] == nil {
        places[row] = place
        rows.append(row)
      }
      row = rows[place]
      row.sites += 1
      row.parameters += parameters
      rows[place] = row
    }
    return rows.sorted { left, right in
      func order(_ row: Row) -> Int {
        subject.resolution.patterns.firstIndex { $0.pattern.value == row.pattern } ?? 0
      }
      return order(left) < order(right)
    }
  }

  /// The layers, the counts, and the cost beside training every weight.
  package var text: String {
    var lines = [title, ""]
    lines += AdapterTable.lines(
      [.left, .left, .right, .left, .right, .right, .right, .right],
      [["pattern", "layers", "sites", "in → out", "rank", "breaks even", "scale", "parameters"]]
        + table)
    let silent = subject.resolution.patterns.filter { $0.named.isEmpty }
    for match in silent { lines.append("\(match.pattern.value)  names no layer") }
    lines += counts + cost
    for warning in subject.resolution.warnings { lines += ["", "PEFT warns: \(warning)"] }
    return lines.map { DisplayText.safe($0) + "\n" }.joined()
  }

  private var title: String {
    let description = subject.description
    var parts = [
      "rank \(description.rank.value)", "alpha \(AdapterReport.number(description.alpha.value))",
    ]
    if description.isRankStabilised.value { parts.append("rank-stabilised (alpha / √r)") }
    if description.isDoRA.value { parts.append("DoRA") }
    if description.bias.value != "none" { parts.append("bias \(description.bias.value)") }
    return "\(subject.inventory.model) with LoRA: " + parts.joined(separator: ", ")
  }

  private var table: [[String]] {
    var last = ""
    return rows.map { row in
      defer { last = row.pattern }
      return [
        row.pattern == last ? "" : row.pattern, row.role, Figures.grouped(row.sites),
        "\(Figures.grouped(row.shape.input)) → \(Figures.grouped(row.shape.output))",
        Figures.grouped(row.rank), AdapterReport.number(row.breakEven, places: 10),
        AdapterReport.number(row.scaling, places: 10_000), Figures.grouped(row.parameters),
      ]
    }
  }

  private var counts: [String] {
    guard let counts = subject.counts else { return [] }
    func term(_ name: String, _ count: Int) -> String? {
      count == 0 ? nil : "\(name) \(Figures.grouped(count))"
    }
    let trained = [
      term("adapters", counts.adapters), term("biases", counts.biases),
      term("saved copies", counts.saved),
    ].compactMap { $0 }
    let all = [
      term("model", counts.base), term("adapters", counts.adapters),
      term("saved copies", counts.saved), term("copies of copies", counts.idle),
    ].compactMap { $0 }
    return [
      "", counts.printed,
      "  trainable = \(trained.joined(separator: " + "))",
      "  all       = \(all.joined(separator: " + "))",
    ]
  }

  private var cost: [String] {
    guard let counts = subject.counts,
      let adapted = AdapterMemory(held: counts.all, trained: counts.trainable),
      let full = AdapterMemory(held: counts.base, trained: counts.base)
    else { return [] }
    var rows = [["", "LoRA", "full", "LoRA / full"]]
    func add(_ name: String, _ left: Int, _ right: Int, bytes: Bool) {
      let print: (Int) -> String = { bytes ? Figures.bytes($0) : Figures.grouped($0) }
      let ratio = right == 0 ? "-" : Figures.fixed(Double(left) / Double(right), places: 3)
      rows.append([name, print(left), print(right), ratio])
    }
    if let work {
      add("FLOPs of a step", work.adapted, work.full, bytes: false)
      if let tokens, tokens > 0, work.full % tokens == 0, work.adapted % tokens == 0 {
        add("FLOPs a token", work.adapted / tokens, work.full / tokens, bytes: false)
      }
    }
    add("weights, fp32", adapted.weights, full.weights, bytes: true)
    add("gradients", adapted.gradients, full.gradients, bytes: true)
    add("moments of AdamW", adapted.moments, full.moments, bytes: true)
    add("together", adapted.total, full.total, bytes: true)
    var lines = [""] + AdapterTable.lines([.left, .right, .right, .right], rows)
    if work != nil {
      lines.append(
        "FLOPs are matrix products at \(sizes.text), forward and backward; an upper bound for LoRA,"
      )
      lines.append("since below the first adapter no gradient is needed.")
    }
    lines.append("Activations come on top and are no fewer than in full training.")
    return lines
  }

  /// A number without needless zeros.
  package static func number(_ value: Double, places: Double = 100) -> String {
    let rounded = (value * places).rounded() / places
    if let whole = Int(exactly: rounded) { return Figures.grouped(whole) }
    return "\(rounded)"
  }
}

/// Columns of cells, as wide as their widest.
enum AdapterTable {
  enum Alignment { case left, right }

  static func lines(_ alignments: [Alignment], _ rows: [[String]]) -> [String] {
    let widths = alignments.indices.map { column in
      rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        let space = String(repeating: " ", count: widths[column] - cell.count)
        line += (column == 0 ? "" : "  ")
        line += alignments[column] == .left ? cell + space : space + cell
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }
}
