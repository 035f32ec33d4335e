// ExpectationChecker+Reports: false claims as diagnostics: the sum, the formula, the likely cause.
// Claims that one config value would mend are told together.
import Analysis
import Diagnostics
import Dimensions
import IR
import Language

extension ExpectationChecker {
  /// A config value under which failed claims hold, checked by elaborating the model with it.
  struct Solution {
    var field: ConfigValue
    var value: Int
    /// The positions of the failures that hold then.
    var mended: [Int]
  }

  func report(_ failures: [Failure]) -> [Diagnostic] {
    let solutions = solve(failures)
    var told: Set<Int> = []
    var diagnostics: [Diagnostic] = []
    // The claim that is furthest off says most about the cause, and one with a sum more than one
    // without.
    let order = failures.indices.sorted { left, right in
      let (a, b) = (distance(failures[left]), distance(failures[right]))
      return a == b ? left < right : a > b
    }
    for index in order where !told.contains(index) {
      told.insert(index)
      // Another width of the experts would give that number as well, and nobody meant it.
      let isActive = failures[index].claimed.flatMap(activeNote) != nil
      let solution = isActive ? nil : solutions.first { $0.mended.contains(index) }
      let others = (solution?.mended ?? []).filter { $0 != index && !told.contains($0) }
      told.formUnion(others)
      diagnostics.append(
        diagnostic(failures[index], solution: solution, others: others.map { failures[$0] }))
    }
    return diagnostics
  }

  /// How far a count is from its claim, as a share; a count without a sum is 0.
  private func distance(_ failure: Failure) -> Double {
    guard case .count(let count, .some) = failure.value, let actual = count.constant,
      let claimed = failure.claimed, claimed != 0
    else { return 0 }
    return abs(Double(actual) - Double(claimed)) / abs(Double(claimed))
  }

  private func diagnostic(
    _ failure: Failure, solution: Solution?, others: [Failure]
  ) -> Diagnostic {
    let claim = failure.claim
    let subject = sources.text(in: claim.syntax.subjectRange).collapsingBlanks
    switch failure.value {
    case .shape(let shape, let value):
      let found = TensorType(.f32, shape).shapeText
      var diagnostic = Diagnostic(
        id: "expectation-failed", severity: .error,
        message: "\(subject) is \(found), expected \(sources.text(in: claim.valueRange))",
        range: claim.valueRange, label: found)
      if case .list(let items) = claim.value {
        let expected = items.compactMap(\.asDimension)
        diagnostic.facts = [
          .line("claimed: \(TensorType(.f32, expected).shapeText)"), .line("found:   \(found)"),
        ]
      }
      if let range = value?.range {
        diagnostic.notes = [Note(message: "the tensor is computed here", range: range)]
      }
      diagnostic.fixes = [correction(claim, found)]
      return diagnostic
    case .number(let number):
      // Below one a few digits would not be the number again.
      let found =
        !(1..<1e5).contains(number.magnitude)
        ? "\(number)" : RateText.rate(number, digits: 9)
      return Diagnostic(
        id: "expectation-failed", severity: .error,
        message: "\(subject) is \(found), expected \(sources.text(in: claim.valueRange))",
        range: claim.valueRange, label: found, facts: explanation(of: failure),
        fixes: [correction(claim, found)])
    case .count(let count, let derivation):
      return countDiagnostic(
        failure, count: count, derivation: derivation, subject: subject, solution: solution,
        others: others)
    }
  }

  private func countDiagnostic(
    _ failure: Failure, count: Dimension, derivation: ParameterDerivation?, subject: String,
    solution: Solution?, others: [Failure]
  ) -> Diagnostic {
    let claim = failure.claim
    let found = Figures.grouped(count, by: "_")
    let expected = sources.text(in: claim.valueRange)
    var difference = ""
    if let actual = count.constant, let claimed = failure.claimed, actual != claimed,
      claim.syntax.comparison == .equal
    {
      let (delta, overflow) = actual.subtractingReportingOverflow(claimed)
      if !overflow {
        let size = Figures.grouped(delta.magnitude).underscored
        difference = " (\(size) \(delta > 0 ? "more" : "less"))"
      }
    }
    let plural = ["parameters", "trainable parameters", "active parameters", "flops", "tokens"]
    let verb = plural.contains(where: subject.hasPrefix) ? "are" : "is"
    let name = derivation.flatMap {
      subject.hasPrefix("parameters") ? "parameters of \($0.path)" : nil
    }
    let relation =
      claim.syntax.comparison == .equal ? "" : "\(claim.syntax.comparison.rawValue) "
    var diagnostic = Diagnostic(
      id: "expectation-failed", severity: .error,
      message: "\(name ?? subject) \(verb) \(found), expected \(relation)\(expected)\(difference)",
      range: claim.valueRange, label: found)
    diagnostic.facts = derivation.map { sum($0, total: found) } ?? explanation(of: failure)
    diagnostic.notes = causes(
      failure, count: count, derivation: derivation, solution: solution, others: others)
    if let place = definingPlace(of: claim) { diagnostic.notes.insert(place, at: 0) }
    if let solution, let range = solution.field.range {
      diagnostic.fixes.append(
        FixIt(
          message: "set \(solution.field.name) = \(solution.value) (changes the model)",
          edits: [Edit(range: range, replacement: Figures.grouped(solution.value).underscored)],
          effect: .model))
    }
    // A number that the language can't write is no correction.
    let canBeWritten = count.wideConstant == nil || count.constant != nil
    if claim.syntax.comparison == .equal, canBeWritten {
      var fix = correction(claim, found)
      if let solution, let current = solution.field.integer {
        fix.message =
          "or, if \(current) \(solution.field.name) are meant, correct the claim"
          + " (changes the documentation)"
      }
      diagnostic.fixes.append(fix)
    }
    return diagnostic
  }

  private func correction(_ claim: ElaboratedExpectation, _ found: String) -> FixIt {
    FixIt(
      message: "correct the claim (changes the documentation)",
      edits: [Edit(range: claim.valueRange, replacement: found)], effect: .claim)
  }

  /// The sum as lines: one for each part.
  private func sum(_ derivation: ParameterDerivation, total: String) -> [Fact] {
    let rows = derivation.rows.map { row in
      (
        row.names.joined(separator: ", "), shortened(row.block),
        Figures.grouped(row.total, by: "_"),
        row.formula
      )
    }
    let names = rows.map { $0.0.count }.max() ?? 0
    let blocks = rows.map { $0.1.count }.max() ?? 0
    let totals = max(rows.map { $0.2.count }.max() ?? 0, total.count)
    // A continuation's text begins two columns further right than a line's.
    let head = derivation.path.padded(to: names + blocks + 8)
    var facts: [Fact] = [.line(head + total.leftPadded(to: totals))]
    for row in rows.prefix(24) {
      let left = row.0.padded(to: names) + "   " + row.1.padded(to: blocks)
      let line = left.padded(to: names + blocks + 6) + row.2.leftPadded(to: totals)
      facts.append(.continuation(row.3.isEmpty ? line : line + "   " + row.3))
    }
    if rows.count > 24 { facts.append(.continuation("… and \(rows.count - 24) more")) }
    return facts
  }

  /// `attention(1024, 6, 128, causal)`: arguments without their labels, switches by name.
  private func shortened(_ block: String) -> String {
    guard let open = block.firstIndex(of: "("), block.last == ")" else { return block }
    let arguments = block[block.index(after: open)...].dropLast().split(separator: ",")
    let short = arguments.compactMap { argument -> String? in
      let parts = argument.split(separator: ":").map { $0.filter { $0 != " " } }
      guard parts.count == 2 else { return parts.first }
      switch parts[1] {
      case "true": return parts[0]
      case "false": return "no \(parts[0])"
      default: return parts[1]
      }
    }
    return "\(block[..<open])(\(short.joined(separator: ", ")))"
  }

  private func causes(
    _ failure: Failure, count: Dimension, derivation: ParameterDerivation?, solution: Solution?,
    others: [Failure]
  ) -> [Note] {
    guard let derivation, let claimed = failure.claimed else { return [] }
    let names = derivation.formula.symbols
    let subject = "parameters(\(derivation.path))"
    guard let solution else {
      if let note = activeNote(claimed) ?? switchNote(failure, count: count) { return [note] }
      if names.isEmpty || failure.claim.syntax.comparison != .equal { return [] }
      let list = names.sorted().map(\.name).joined(separator: ", ")
      return [
        Note(
          message: "no single config value gives \(Figures.grouped(claimed).underscored):"
            + " tried \(list)")
      ]
    }
    let field = Symbol(solution.field.name)
    var fixed: [Symbol: Dimension] = [:]
    for value in model.program.config where value.name != solution.field.name {
      if let number = value.integer { fixed[Symbol(value.name)] = Dimension(number) }
    }
    let line = Figures.grouped(derivation.formula.substituting(fixed), by: "_")
    let place = solution.field.range.map { range in
      let position = sources[range.source].position(ofUTF8Offset: range.lower)
      return " (config, \(position.line):\(position.column))"
    }
    var facts: [Fact] = [.line("\(subject) = \(line)")]
    let current = solution.field.integer.map { "\($0)" } ?? solution.field.text
    facts.append(
      .line(
        "\(field) = \(current) gives \(Figures.grouped(count, by: "_"));  \(field) = \(solution.value)"
          + " gives \(Figures.grouped(claimed).underscored) exactly"))
    if !others.isEmpty {
      let lines = others.map { failure in
        let range = failure.claim.syntax.range
        return "\(sources[range.source].lineNumber(ofUTF8Offset: range.lower))"
      }
      let single = lines.count == 1
      let list =
        single
        ? "claim \(lines[0]) fails"
        : "claims \(lines.dropLast().joined(separator: ", ")) and \(lines[lines.count - 1]) fail"
      let tail = "hold\(single ? "s" : "") at \(field) = \(solution.value) (shown once)"
      facts.append(.line("\(list) for the same reason and \(tail)"))
    }
    return [
      Note(
        message: "every shape is consistent; only the claim differs. As a function of `\(field)`"
          + "\(place ?? ""):", facts: facts)
    ]
  }

  // MARK: Solving

  /// Config values, one changed at a time, under which failed counts come out as claimed.
  private func solve(_ failures: [Failure]) -> [Solution] {
    var known: [Symbol: Int] = [:]
    for value in model.program.config {
      if let number = value.integer { known[Symbol(value.name)] = number }
    }
    var candidates: [(field: ConfigValue, value: Int)] = []
    for failure in failures {
      guard case .count(_, .some(let derivation)) = failure.value, let claimed = failure.claimed,
        failure.claim.syntax.comparison == .equal
      else { continue }
      for field in model.program.config {
        let symbol = Symbol(field.name)
        guard let current = field.integer, derivation.formula.symbols.contains(symbol) else {
          continue
        }
        var others = known
        others[symbol] = nil
        let limit = max(4096, min(current, 1 << 24) * 4)
        let roots = (derivation.formula - Dimension(claimed)).integerRoots(
          of: symbol, range: 1...limit, others: others)
        for root in roots.prefix(2) where root != current {
          if !candidates.contains(where: { $0.field.name == field.name && $0.value == root }) {
            candidates.append((field, root))
          }
        }
      }
    }
    // One more layer is a likelier slip than a hundred more words.
    candidates.sort { distance($0.field, $0.value) < distance($1.field, $1.value) }
    let solutions = candidates.prefix(8).compactMap { candidate -> Solution? in
      let override = ConfigOverride(
        name: candidate.field.name, value: .literal(candidate.value), range: candidate.field.range)
      // A root of the formula is only a hint until the model itself agrees.
      guard let changed = elaborate([override]) else { return nil }
      var meter = ClaimMeter(changed)
      let mended = failures.indices.filter { index in
        guard let value = try? meter.measure(failures[index].claim) else { return false }
        return (try? decide(failures[index].claim, value)) == true
      }
      return mended.isEmpty
        ? nil : Solution(field: candidate.field, value: candidate.value, mended: mended)
    }
    return solutions.sorted { left, right in
      if left.mended.count != right.mended.count { return left.mended.count > right.mended.count }
      return distance(left.field, left.value) < distance(right.field, right.value)
    }
  }

  /// How far a value is from the one that the config has.
  private func distance(_ field: ConfigValue, _ value: Int) -> UInt {
    guard let current = field.integer, current > 0, value > 0 else { return .max }
    return (value - current).magnitude
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    count >= width ? self : self + String(repeating: " ", count: width - count)
  }

  fileprivate func leftPadded(to width: Int) -> String {
    count >= width ? self : String(repeating: " ", count: width - count) + self
  }

  /// Grouped digits as the language writes them.
  fileprivate var underscored: String { String(map { $0 == "," ? "_" : $0 }) }

  fileprivate var collapsingBlanks: String {
    split(separator: " ").joined(separator: " ")
  }
}
