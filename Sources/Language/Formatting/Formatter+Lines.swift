// Layouts of the lines that list things: config, dim, claims and the `train` section.
// Apart from declarations because these align in columns of their own.
import Diagnostics

extension Formatter {
  // MARK: Config and dim

  /// Fields on one line, or one a line with their `=` and `from` aligned.
  mutating func config(_ fields: [ConfigField], _ indentation: Int) -> Layout {
    guard let first = fields.first, let last = fields.last else { return .empty }
    hoistComments(before: first.range.lower)
    let isBroken =
      hasComment(before: last.range.upper)
      || hasLineBreak(from: first.range.upper, to: last.range.lower)
    let plain = Columns()
    let flat = fields.map { field in
      flatPiece(Piece(field.range, separator: ",") { $0.layout(of: field, plain) })
    }
    var columns = Columns()
    if fields.count > 1 {
      columns.name = widest(fields.map { Self.name(of: $0).unicodeScalars.count })
      columns.type = widest(
        fields.filter { !$0.keys.isEmpty || $0.acceptsNone }.map { field in
          flatWidth { $0.layout(of: field.value) }
        })
    }
    let pieces = fields.map { field in
      Piece(field.range, separator: ",") { $0.layout(of: field, columns) }
    }
    let rows = rows(
      pieces, open: first.range.lower, close: first.range.lower, isInline: true)
    let broken = Layout.nest(indentation, .joined(rows, by: .hardLine))
    return isBroken ? broken : .choice(flat: .joined(flat, by: .text(", ")), broken: broken)
  }

  private func flatPiece(_ piece: Piece) -> Layout {
    var copy = self
    copy.comments = []
    copy.nextComment = 0
    return piece.layout(&copy)
  }

  private func widest(_ widths: [Int?]) -> Int {
    widths.compactMap { $0 }.filter { $0 <= Self.widestAligned }.max() ?? 0
  }

  private static func name(of field: ConfigField) -> String {
    field.name.text + (field.type.map { ": " + $0.text } ?? "")
  }

  private mutating func layout(of field: ConfigField, _ columns: Columns) -> Layout {
    let name = Self.name(of: field)
    let gap = String(repeating: " ", count: max(0, columns.name - name.unicodeScalars.count))
    let value = layout(of: field.value)
    guard !field.keys.isEmpty || field.acceptsNone else {
      return .sequence([.text(name + gap + " = "), value])
    }
    // Behind a value that is broken over lines there is nothing to align with.
    let width = value.flatText?.unicodeScalars.count ?? columns.type
    let space = String(repeating: " ", count: max(0, columns.type - width))
    let words = field.keys.map { Self.quoted($0.text) } + (field.acceptsNone ? ["none"] : [])
    let keys = words.joined(separator: " | ")
    return .sequence([.text(name + gap + " = "), value, .text(space + " from " + keys)])
  }

  mutating func layout(of bound: DimensionBound) -> Layout {
    let name = Layout.text(bound.name.text)
    switch bound.condition {
    case .none: return name
    case .comparison(let comparison, let value):
      return .sequence([name, .text(" \(comparison.rawValue) "), operand(value, atLeast: 4)])
    case .within(let lower, let upper, let closed):
      let lower = operand(lower, atLeast: 4)
      let upper = operand(upper, atLeast: 4)
      return .sequence([name, .text(" in "), lower, .text(closed ? "..." : "..<"), upper])
    case .divisible(let divisor):
      return .sequence([name, .text(" % "), operand(divisor, atLeast: 6), .text(" == 0")])
    }
  }

  // MARK: Claims

  /// What a claim speaks about.
  mutating func subject(of node: Expectation) -> Layout {
    var parts: [Layout] = [.text(node.words.map(\.text).joined(separator: " "))]
    if let arguments = node.arguments {
      let pieces = argumentPieces(arguments, nil, node.bindings)
      let open = position(
        of: .leftParenthesis, from: node.words.last?.range.upper ?? node.range.lower)
      let end = node.subjectPath == nil ? node.subjectRange.upper - 1 : lastEnd(of: node, open)
      parts.append(delimited("(", ")", at: (open, end), pieces))
    }
    if let path = node.subjectPath { parts += [.text(" of "), layout(of: path)] }
    return .sequence(parts)
  }

  /// Where the arguments close when a path follows them.
  private func lastEnd(of node: Expectation, _ open: Int) -> Int {
    let ends =
      (node.arguments ?? []).map(\.value.range.upper) + node.bindings.map(\.range.upper)
    return position(of: .rightParenthesis, from: ends.max() ?? open)
  }

  mutating func layout(of node: Expectation, _ columns: Columns) -> Layout {
    let width = flatWidth { $0.subject(of: node) } ?? 0
    let gap = String(repeating: " ", count: max(0, columns.name - width))
    let subject = subject(of: node)
    let value = operand(node.value, atLeast: 4)
    let unit = node.unit.map { " " + $0.text } ?? ""
    return .sequence([
      .text("expect "), subject, .text("\(gap) \(node.comparison.rawValue) "), value,
      .text(unit),
    ])
  }

  // MARK: Training

  mutating func layout(of member: TrainMember, _ columns: Columns) -> Layout {
    let keyword = member.keyword
    let word =
      keyword + String(repeating: " ", count: max(0, columns.keyword - keyword.count)) + " "
    switch member {
    case .batch(let sizes, let accumulate, let range):
      var pieces = sizes.map { size in
        Piece(size.range, separator: ",") { $0.layout(of: size) }
      }
      if let accumulate {
        let place = sizes.isEmpty ? range : accumulate.range
        pieces.append(
          Piece(place) { .sequence([.text("accumulate "), $0.layout(of: accumulate)]) })
      }
      return .sequence([.text(word), commaList(pieces, hanging: word.count)])
    case .data(let amount, let unit, _):
      return .sequence([.text(word), layout(of: amount), .text(" " + unit.text)])
    case .length(let count, _, _): return .sequence([.text(word), layout(of: count)])
    case .loss(let value, _), .optimizer(let value, _), .seed(let value, _):
      return .sequence([.text(word), layout(of: value)])
    case .decay(let selection, _): return .sequence([.text(word), layout(of: selection)])
    case .schedule(let phases, let convention, _):
      let pieces = phases.indices.map { index in
        let phase = phases[index]
        let end = index == phases.count - 1 ? convention.map { " as " + $0.text } ?? "" : ""
        return Piece(phase.range, separator: ",") { formatter in
          .sequence([
            .text(index > 0 ? "then " : ""), formatter.layout(of: phase), .text(end),
          ])
        }
      }
      return .sequence([.text(word), commaList(pieces, hanging: word.count)])
    case .precision(let name, let scaling, _):
      guard let scaling else { return .text(word + name.text) }
      guard let factor = scaling.factor else { return .text(word + name.text + " scaled") }
      return .sequence([.text(word + name.text + " scaled by "), layout(of: factor)])
    case .device(let properties, _):
      let pieces = properties.map { property in
        Piece(property.range, separator: ",") { formatter in
          .sequence([
            .text(property.name.text + " "), formatter.layout(of: property.value),
            .text(property.unit.map { " " + $0.text } ?? ""),
          ])
        }
      }
      return .sequence([.text(word), commaList(pieces, hanging: word.count)])
    case .vary(let name, let values, _):
      let pieces = values.map { value in
        Piece(value.range, separator: ",") { $0.layout(of: value) }
      }
      let start = word + name.text + " = "
      return .sequence([.text(start), commaList(pieces, hanging: start.count)])
    case .clip(let name, let bound, _):
      return .sequence([.text(word + name.text + " "), layout(of: bound)])
    case .expect(let node): return layout(of: node, columns)
    case .policy(let node): return layout(of: node)
    }
  }

  func layout(of node: FindingPolicy) -> Layout {
    let severity = node.severity.map { " as \($0.text)" } ?? ""
    let reason = Self.quoted(node.reason.text)
    return .text("\(node.keyword) \(node.id.text)\(severity) because \(reason)")
  }

  private mutating func layout(of phase: SchedulePhase) -> Layout {
    var parts: [Layout] = [.text(phase.kind.text)]
    if !phase.arguments.isEmpty {
      let open = position(of: .leftParenthesis, from: phase.kind.range.upper)
      let close = position(
        of: .rightParenthesis, from: phase.arguments.last?.value.range.upper ?? open)
      let pieces = argumentPieces(phase.arguments, nil, [])
      parts.append(delimited("(", ")", at: (open, close), pieces))
    }
    if let length = phase.length { parts += [.text(" "), layout(of: length), .text(" steps")] }
    if let from = phase.from { parts += [.text(" from "), layout(of: from)] }
    if let to = phase.to { parts += [.text(" to "), layout(of: to)] }
    if let until = phase.until { parts += [.text(" at step "), layout(of: until)] }
    return .sequence(parts)
  }
}
