// ModelComparison+Text: the comparison for people: config, blocks, and what each difference costs.
// Aligned by TextTable; colours are put on whole lines afterwards, so that no column is moved.
import Diagnostics

extension ModelComparison {
  /// More rows are told as a number.
  private static let mostCosts = 16

  /// The report.
  package func text(color: Bool) -> String {
    var parts = [heading]
    if isSame {
      parts.append(
        "nothing differs: \(Figures.grouped(first.parameters)) parameters"
          + (equalFields > 0 ? ", \(equalFields) config fields" : "") + ", and every block")
      return parts.joined(separator: "\n") + "\n"
    }
    if !fields.isEmpty { parts.append(config.joined(separator: "\n")) }
    if !keys.isEmpty { parts.append(unread.joined(separator: "\n")) }
    if !blocks.isEmpty {
      parts.append(
        (["blocks"] + tree.map { color ? Self.colored($0) : $0 }).joined(separator: "\n"))
    }
    parts.append(cost.joined(separator: "\n"))
    return parts.joined(separator: "\n\n") + "\n"
  }

  private var heading: String {
    var table = TextTable([.left, .left, .left, .right])
    for (mark, side) in [("-", first), ("+", second)] {
      table.add([
        mark, side.name, side.path, "\(Figures.grouped(side.parameters)) parameters",
      ])
    }
    let family = first.family == second.family ? first.family : nil
    return (table.rendered + (family.map { ["both of the family `\($0)`"] } ?? []))
      .joined(separator: "\n")
  }

  // MARK: Config

  private var config: [String] {
    var table = TextTable([.left, .left, .right, .right, .left])
    table.add(["config", "key", "-", "+", ""])
    table.addRule()
    for field in fields {
      table.add([
        field.name, field.key ?? "", Self.shown(field.first), Self.shown(field.second),
        field.follows ? "follows from the others" : "",
      ])
    }
    let rest = "\(equalFields) other field\(equalFields == 1 ? " is" : "s are") the same"
    return table.rendered + (equalFields > 0 ? [rest] : [])
  }

  private static func shown(_ value: Value?) -> String {
    guard let value else { return "has none" }
    return shortened(grouped(value.text)) + (value.isDefault ? " (default)" : "")
  }

  private var unread: [String] {
    var table = TextTable([.left, .right, .right])
    table.add(["keys that change no shape", "-", "+"])
    table.addRule()
    for key in keys { table.add([key.key, Self.shortened(key.first), Self.shortened(key.second)]) }
    return table.rendered
  }

  private static func shortened(_ text: String) -> String {
    text.count > 32 ? text.prefix(31) + "…" : text
  }

  /// A whole number in groups; anything else as it is.
  package static func grouped(_ text: String) -> String {
    Int(text).map { Figures.grouped($0) } ?? text
  }

  // MARK: Blocks

  private var tree: [String] {
    var table = TextTable([.left, .left, .left, .left, .right, .right])
    let shown = blocks.rows
    let branches = TreeBranch.branches(depths: shown.map(\.depth))
    table.add(["", "", "", "", "parameters", flopsTitle])
    for (row, branch) in zip(shown, branches) {
      var names = [branch.own + Self.change(row.firstName, row.secondName)]
      var details = [""]
      for weight in row.weights where row.change != .added && row.change != .removed {
        names.append(branch.below + weight.name)
        details.append(Self.change(weight.first, weight.second))
      }
      for detail in Self.operations(row) {
        names.append(branch.below)
        details.append(detail)
      }
      table.add([
        Self.marks(row), names.joined(separator: "\n"),
        Self.change(row.firstBlock, row.secondBlock), details.joined(separator: "\n"),
        Self.signed(row.parameters), Self.signed(row.flops),
      ])
    }
    return table.rendered
  }

  /// The sign of a row, once for each of its lines.
  private static func marks(_ row: BlockComparison.Row) -> String {
    let mark =
      switch row.change {
      case .same: row.differs ? " " : "="
      case .changed, .renamed: "~"
      case .added: "+"
      case .removed: "-"
      }
    let lines =
      row.change == .added || row.change == .removed
      ? 1 : 1 + row.weights.count + operations(row).count
    return Array(repeating: mark, count: lines).joined(separator: "\n")
  }

  private static func operations(_ row: BlockComparison.Row) -> [String] {
    func listed(_ verb: String, _ names: [String]) -> [String] {
      guard let first = names.first else { return [] }
      let rest = names.count > 1 ? " and \(names.count - 1) more" : ""
      return ["\(verb) \(first.count > 60 ? first.prefix(59) + "…" : first)\(rest)"]
    }
    // A changed size changes nearly every operation, which the shapes tell already.
    guard row.weights.isEmpty || row.dropped.count + row.gained.count <= 2 else { return [] }
    return listed("no longer", row.dropped) + listed("now", row.gained)
  }

  /// `a → b`, or the one when both are the same.
  private static func change(_ first: String?, _ second: String?) -> String {
    switch (first, second) {
    case (let first?, let second?): first == second ? first : "\(first) → \(second)"
    case (let one?, nil), (nil, let one?): one
    case (nil, nil): ""
    }
  }

  private static func colored(_ line: String) -> String {
    let code =
      switch line.first {
      case "+": "32"
      case "-": "31"
      case "~": "33"
      default: ""
      }
    return code.isEmpty ? line : "\u{1B}[\(code)m\(line)\u{1B}[0m"
  }

  // MARK: Cost

  private var flopsTitle: String { total.flops == nil ? "" : "FLOPs" }

  private var cost: [String] {
    var table = TextTable([.left, .right, .right])
    let title =
      division == .values ? "cost of each value, changed alone" : "cost by block"
    table.add([title, "parameters", flopsTitle])
    table.addRule()
    for part in shownCosts {
      table.add([
        part.label, Self.signed(part.parameters), part.flops.map(Self.signed) ?? "",
      ])
    }
    table.addRule()
    let total = total
    table.add([
      total.label, Self.signed(total.parameters), total.flops.map(Self.signed) ?? "",
    ])
    table.add([
      "times", Self.ratio(first.parameters, second.parameters),
      first.flops.flatMap { left in second.flops.map { Self.ratio(left, $0) } } ?? "",
    ])
    return table.rendered + [note]
  }

  /// The largest parts, and the sum of the others.
  private var shownCosts: [Cost] {
    guard costs.count > Self.mostCosts else { return costs }
    let sorted = costs.sorted { ($0.flops ?? 0).magnitude > ($1.flops ?? 0).magnitude }
      .sorted { $0.parameters.magnitude > $1.parameters.magnitude }
    let rest = sorted.dropFirst(Self.mostCosts - 1)
    return sorted.prefix(Self.mostCosts - 1) + [
      Cost(
        label: "\(rest.count) smaller ones", parameters: rest.reduce(0) { $0 + $1.parameters },
        flops: rest.reduce(0) { $0 + ($1.flops ?? 0) })
    ]
  }

  private var note: String {
    guard total.flops != nil else { return "no sizes suit both models, so no work is compared" }
    let list = sizes.sorted { $0.key < $1.key }
      .map { "\($0.key) = \(Figures.grouped($0.value))" }.joined(separator: ", ")
    return "FLOPs of one forward" + (list.isEmpty ? "" : " at \(list)")
      + ", two for each multiply-add of contractions"
  }

  private static func signed(_ value: Int) -> String {
    value > 0 ? "+" + Figures.grouped(value) : Figures.grouped(value)
  }

  private static func ratio(_ first: Int, _ second: Int) -> String {
    first > 0 ? Figures.fixed(Double(second) / Double(first), places: 3) + " ×" : ""
  }
}
