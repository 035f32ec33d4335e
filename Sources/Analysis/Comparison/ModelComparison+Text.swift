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
    if let tensors, !tensors.rows.isEmpty {
      let lines = tensors.lines
      parts.append(lines.map { color ? Self.colored($0) : $0 }.joined(separator: "\n"))
    }
    if !blocks.isEmpty || !fields.isEmpty { parts.append(cost.joined(separator: "\n")) }
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
    var table = TextTable([.left, .left, .left, .right, .right])
    let shown = blocks.rows
    let branches = TreeBranch.branches(depths: shown.map(\.depth))
    let changesSize = shown.contains { !$0.weights.isEmpty }
    table.add(["", "", "", "parameters", flopsTitle])
    for (row, branch) in zip(shown, branches) {
      var lines = [branch.own + Self.change(row.firstName, row.secondName)]
      lines += Self.details(row, changesSize: changesSize).map { branch.below + "  " + $0 }
      let mark =
        switch row.change {
        case .same: row.differs ? " " : "="
        case .changed, .renamed: "~"
        case .added: "+"
        case .removed: "-"
        }
      table.add([
        Array(repeating: mark, count: lines.count).joined(separator: "\n"),
        lines.joined(separator: "\n"), Self.change(row.firstBlock, row.secondBlock),
        Self.signed(row.parameters), Self.signed(row.flops),
      ])
    }
    return table.rendered
  }

  /// The weights and operations of a block that differ.
  private static func details(_ row: BlockComparison.Row, changesSize: Bool) -> [String] {
    guard row.change != .added, row.change != .removed else { return [] }
    return row.weights.map { weight in
      switch (weight.first, weight.second) {
      case (let first?, let second?): "\(weight.name) \(first) → \(second)"
      case (let first?, nil): "no longer \(weight.name) \(first)"
      case (nil, let second): "now \(weight.name) \(second ?? "")"
      }
    } + operations(row, changesSize: changesSize)
  }

  private static func operations(_ row: BlockComparison.Row, changesSize: Bool) -> [String] {
    func names(_ list: [String]) -> Set<Substring> { Set(list.map { $0.prefix { $0 != "{" } }) }
    let (gone, new) = (names(row.dropped), names(row.gained))
    func listed(_ verb: String, _ names: [String]) -> [String] {
      guard let first = names.first else { return [] }
      let rest = names.count > 1 ? " and \(names.count - 1) more" : ""
      return ["\(verb) \(first.count > 60 ? first.prefix(59) + "…" : first)\(rest)"]
    }
    let byName =
      listed("no longer computes", gone.subtracting(new).sorted().map(String.init))
      + listed("now computes", new.subtracting(gone).sorted().map(String.init))
    // A changed size changes nearly every operation, which the shapes tell already.
    guard byName.isEmpty, !changesSize else { return byName }
    return listed("no longer computes", row.dropped) + listed("now computes", row.gained)
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
    let whole = (
      costs.reduce(1.0) { $0 + Double($1.parameters.magnitude) },
      costs.reduce(1.0) { $0 + Double(($1.flops ?? 0).magnitude) }
    )
    func weight(_ cost: Cost) -> Double {
      max(
        Double(cost.parameters.magnitude) / whole.0,
        Double((cost.flops ?? 0).magnitude) / whole.1)
    }
    let sorted = costs.sorted { weight($0) > weight($1) }
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
    value == 0 ? "·" : value > 0 ? "+" + Figures.grouped(value) : Figures.grouped(value)
  }

  private static func ratio(_ first: Int, _ second: Int) -> String {
    first > 0 ? Figures.fixed(Double(second) / Double(first), places: 3) + " ×" : ""
  }
}
