// Elaborator+Bounds: where dimensions are bounded, and the edits of `dim` lines that prove a claim.
// A bound changes no parameter, so these are the fixes that a command may apply by itself.
import Diagnostics
import Dimensions
import IR

extension Elaborator {
  /// Where the symbols of a claim are bounded.
  func boundNotes(_ claim: Constraint) -> [Note] {
    claim.symbols.sorted().compactMap { symbol in
      guard let bound = boundSyntax[symbol.name] else { return nil }
      return Note(message: "`\(symbol.name)` is bounded here", range: bound.range)
    }
  }

  /// Bounds the one symbol of a claim so that the claim holds.
  func boundFixes(_ claim: Constraint) -> [FixIt] {
    guard claim.symbols.count == 1, let symbol = claim.symbols.first else { return [] }
    let text: String
    let what: String
    switch claim {
    case .divisible(let size, let by):
      guard size == Dimension(symbol), let part = by.constant else { return [] }
      return [divisibleFix(symbol, by: part)].compactMap { $0 }
    case .equal(let left, let right):
      // `T mod 2 == 0` is how a requirement says the same.
      guard right == 0, let part = divisor(left, of: symbol) else { return [] }
      return [divisibleFix(symbol, by: part)].compactMap { $0 }
    case .atLeast(let large, let small):
      guard let coefficients = (large - small).coefficients(in: symbol), coefficients.count == 2,
        let constant = coefficients[0].constant, let slope = coefficients[1].constant, slope != 0,
        constant.magnitude < 1 << 62, slope.magnitude < 1 << 61
      else { return [] }
      if slope > 0 {
        let least = (-constant + slope - 1) / slope
        guard constant < 0 else { return [] }
        return [lowerFix(symbol, least)].compactMap { $0 }
      }
      guard constant >= 0 else { return [] }
      let limit = constant / -slope
      text = program.config.first { $0.integer == limit }?.name ?? limit.grouped
      what = (limit + 1).grouped
    default: return []
    }
    return [upperFix(symbol, text, openEnd: what)].compactMap { $0 }
  }

  private func upperFix(_ symbol: Symbol, _ limit: String, openEnd: String) -> FixIt? {
    let edit: Edit
    if let bound = boundSyntax[symbol.name] {
      switch bound.condition {
      case .within(_, let upper, let closed):
        edit = Edit(range: upper.range, replacement: closed ? limit : openEnd)
      case .comparison(.greaterOrEqual, let lower):
        edit = Edit(
          range: bound.range, replacement: "\(symbol.name) in \(text(lower.range))...\(limit)")
      case .none: edit = Edit(range: bound.range, replacement: "\(symbol.name) in 1...\(limit)")
      default: return nil
      }
    } else {
      guard let added = declaring("\(symbol.name) in 1...\(limit)") else { return nil }
      edit = added
    }
    return FixIt(
      message: "bound \(symbol.name) by \(limit) (applies without changing parameters)",
      edits: [edit], effect: .none)
  }

  private func lowerFix(_ symbol: Symbol, _ least: Int) -> FixIt? {
    let edit: Edit
    if let bound = boundSyntax[symbol.name] {
      switch bound.condition {
      case .within(let lower, _, _): edit = Edit(range: lower.range, replacement: least.grouped)
      case .comparison(.greaterOrEqual, let lower):
        edit = Edit(range: lower.range, replacement: least.grouped)
      case .none: edit = Edit(range: bound.range, replacement: "\(symbol.name) >= \(least.grouped)")
      default: return nil
      }
    } else {
      guard let added = declaring("\(symbol.name) >= \(least.grouped)") else { return nil }
      edit = added
    }
    return FixIt(
      message:
        "bound \(symbol.name) below by \(least.grouped) (applies without changing parameters)",
      edits: [edit], effect: .none)
  }

  private func divisibleFix(_ symbol: Symbol, by part: Int) -> FixIt? {
    let condition = "\(symbol.name) % \(part) == 0"
    let edit: Edit?
    if let bound = boundSyntax[symbol.name] {
      let end = SourceRange(source: bound.range.source, at: bound.range.upper)
      edit = Edit(range: end, replacement: ", \(condition)")
    } else {
      edit = declaring(condition)
    }
    return edit.map {
      FixIt(
        message:
          "declare that \(part) divides \(symbol.name) (applies without changing parameters)",
        edits: [$0], effect: .none)
    }
  }

  /// A `dim` line of its own, below the model's `config` or its opening.
  private func declaring(_ bound: String) -> Edit? {
    guard let place = dimensionPlace else { return nil }
    return Edit(
      range: SourceRange(source: place.source, at: place.upper),
      replacement: "\n  dim    \(bound)")
  }

  /// The number by which a remainder divides: 2 for `T mod 2`.
  private func divisor(_ remainder: Dimension, of symbol: Symbol) -> Int? {
    (2...4096).first { remainder == Dimension(symbol).modulo(Dimension($0)) }
  }
}
