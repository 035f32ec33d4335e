// Elaborator+Derivations: derivations as the lines of a diagnostic: needs, found, and why.
// The two shapes stand one above the other, and only the axes that differ are explained.
import Diagnostics
import Dimensions
import IR

extension Elaborator {
  /// `needs:` and `found:` with the derivation of what differs.
  func comparison(
    needs: [Dimension], needsOrigins: [AxisOrigin], found: Value, frame: Frame, open: Bool = false
  ) -> [Fact] {
    let differing = differingAxis(needs, found.type.shape)
    let needed = (open ? ["..."] : []) + needs.map(\.description)
    let (upper, lower) = columns(needed, found.type.shape.map(\.description))
    var facts: [Fact] = []
    let width = max(upper.count, lower.count) + "needs: ".count + 5
    func add(_ label: String, _ shape: String, _ lines: [String]) {
      let head = label + shape
      guard let first = lines.first else {
        facts.append(.line(head))
        return
      }
      facts.append(.line(head + String(repeating: " ", count: max(1, width - head.count)) + first))
      for line in lines.dropFirst() {
        facts.append(.continuation(String(repeating: " ", count: max(0, width - 2)) + line))
      }
    }
    var needsLines: [String] = []
    var foundLines: [String] = []
    if let back = differing {
      let upperAxis = needs.count - back
      let lowerAxis = found.type.rank - back
      if needs.indices.contains(upperAxis), needsOrigins.indices.contains(upperAxis) {
        needsLines = derivation(needs[upperAxis], needsOrigins[upperAxis])
      }
      if found.type.shape.indices.contains(lowerAxis), found.origins.indices.contains(lowerAxis) {
        foundLines = derivation(found.type.shape[lowerAxis], found.origins[lowerAxis])
      }
    }
    // A size alone says nothing beside the shape that shows it.
    add("needs: ", upper, needsLines.filter { !needed.contains($0) })
    add("found: ", lower, foundLines.filter { !found.type.shape.map(\.description).contains($0) })
    return facts
  }

  /// The distance from the right of the last axis that differs.
  private func differingAxis(_ a: [Dimension], _ b: [Dimension]) -> Int? {
    for back in 1...max(1, max(a.count, b.count)) {
      let left = a.count - back
      let right = b.count - back
      guard left >= 0, right >= 0 else { return nil }
      if a[left] != b[right] { return back }
    }
    return nil
  }

  /// Two shapes with their axes aligned from the right.
  private func columns(_ a: [String], _ b: [String]) -> (String, String) {
    let count = max(a.count, b.count)
    var rows: [[String]] = [[], []]
    for position in 0..<count {
      let back = count - position
      let cells = [a, b].map { $0.count >= back ? $0[$0.count - back] : nil }
      let width = cells.map { $0?.count ?? 0 }.max() ?? 0
      for (row, cell) in cells.enumerated() {
        guard let cell else { continue }
        rows[row].append(String(repeating: " ", count: width - cell.count) + cell)
      }
    }
    return (
      "[" + rows[0].joined(separator: ", ") + "]", "[" + rows[1].joined(separator: ", ") + "]"
    )
  }

  /// The derivation of one dimension, a line for each step.
  func derivation(_ size: Dimension, _ origin: AxisOrigin, place: String? = nil) -> [String] {
    switch origin {
    case .unknown: return ["\(size)"]
    case .expression(let text, let expansion, _):
      return [equation(size, text: text, expansion: expansion)]
    case .symbol(let name, let range):
      let at = range.map { " at \(position($0))" } ?? ""
      let shown = size.description == name ? name : "\(size) = \(name)"
      return ["\(shown)   a symbolic dimension, introduced\(at)"]
    case .pattern(let axis, let size, let reason, let range):
      let at = range.map { " at \(position($0))" } ?? ""
      let where_ = place.map { "\($0), " } ?? ""
      return ["\(axis) = \(size)   \(where_)\(reason)\(at)"]
    case .passed(let value, let axis, let from):
      return derivation(size, from, place: "axis \(axis) of `\(value)`")
    case .merged(let text, let parts):
      let fields = text.split(separator: "|", maxSplits: 2).map(String.init)
      if fields.count == 3 {
        var lines = ["\(fields[0]) = \(fields[1])   \(fields[2])"]
        if let whole = parts.first {
          let product = fields[2].split(separator: ":").last.map(String.init) ?? ""
          let number = product.split(separator: "/").first.map { $0.trimmed } ?? ""
          lines += derivation(text: number, whole)
        }
        return lines
      }
      let names = text.dropFirst().dropLast().split(separator: " ").map(String.init)
      var lines = ["\(size) = \(text) = \(names.joined(separator: " × "))"]
      for (position, part) in parts.enumerated() where names.count == parts.count {
        lines += partDerivation(names[position], part)
      }
      return lines
    }
  }

  /// A factor of a merged axis, under the name that the pattern gives it.
  ///
  /// Its size is not that of the merged axis, and stands nowhere but in its own derivation.
  private func partDerivation(_ name: String, _ origin: AxisOrigin) -> [String] {
    switch origin {
    case .unknown: return []
    case .expression(let text, let expansion, _):
      return [equation(name, text: text, expansion: expansion)]
    case .symbol(let symbol, let range):
      let at = range.map { " at \(position($0))" } ?? ""
      return ["\(name) = \(symbol)   a symbolic dimension, introduced\(at)"]
    case .pattern: return derivation(.one, origin)
    case .passed(let value, let axis, let from):
      if case .pattern = from {
        return derivation(.one, from, place: "axis \(axis) of `\(value)`")
      }
      return partDerivation(name, from)
    case .merged(let text, _):
      return text.contains("|") ? derivation(.one, origin) : ["\(name) = \(text)"]
    }
  }

  private func derivation(text: String, _ origin: AxisOrigin) -> [String] {
    switch origin {
    case .expression(let name, let expansion, _):
      return [equation(text, text: name, expansion: expansion)]
    case .passed(_, _, let from): return derivation(text: text, from)
    default: return []
    }
  }

  private func equation(
    _ size: some CustomStringConvertible, text: String, expansion: String?
  ) -> String {
    let head = text == size.description ? text : "\(size) = \(text)"
    guard let expansion else { return head }
    return expansion.hasPrefix("config, ") ? "\(head) (\(expansion))" : "\(head) = \(expansion)"
  }

  /// `12:59`.
  func position(_ range: SourceRange) -> String {
    let place = library.sources[range.source].position(ofUTF8Offset: range.lower)
    return "\(place.line):\(place.column)"
  }

  /// What the names of an expression stand for, a line each.
  func expansionFacts(_ expression: Expression, frame: Frame) -> [Fact] {
    var seen: Set<String> = []
    return names(in: expression).compactMap { name in
      guard seen.insert(name).inserted, let binding = frame.statics[name] else { return nil }
      if case .layer = binding.value { return nil }
      guard case .expression(let written, let expansion, _) = binding.origin else {
        return .line("\(name) = \(binding.value.text)")
      }
      let tail: String
      if written == name || written.filter({ $0 != "_" }) == binding.value.text {
        tail = ""
      } else {
        tail = " = \(written)"
      }
      let from: String
      if let expansion {
        from = expansion.hasPrefix("config") ? "   (\(expansion))" : " = \(expansion)"
      } else {
        from = ""
      }
      return .line("\(name) = \(binding.value.text)\(tail)\(from)")
    }
  }

  /// The names that an expression mentions.
  func names(in expression: Expression) -> [String] {
    switch expression.kind {
    case .name(let name): return [name]
    case .parenthesized(let inner), .unary(_, let inner), .member(let inner, _):
      return names(in: inner)
    case .binary(_, let left, let right), .index(let left, let right):
      return names(in: left) + names(in: right)
    case .list(let elements), .tuple(let elements): return elements.flatMap { names(in: $0) }
    case .call(let call): return call.arguments.flatMap { names(in: $0.value) }
    default: return []
    }
  }

  /// The prover's answer as facts.
  ///
  /// - Parameters:
  ///   - verdict: the answer.
  ///   - claim: the claim; dimensions that are neither in it nor declared are left out.
  ///   - effect: what the witness does.
  /// - Returns: a line, or none for a proof.
  func facts(
    of verdict: Verdict, claim: Constraint? = nil, effect: String = "breaks it"
  ) -> [Fact] {
    switch verdict {
    case .proved: return []
    case .refuted(let whole):
      if whole.values.isEmpty || claim?.symbols.isEmpty == true { return [] }
      let used = claim?.symbols
      let witness = Witness(
        values: whole.values.filter { symbol, _ in
          used.map { $0.contains(symbol) || boundSyntax[symbol.name] != nil } ?? true
        })
      return [.line("witness: \(witness) satisfies every constraint and \(effect)")]
    case .unknown(let missing): return [.line("undecided: it would follow from \(missing)")]
    }
  }

  /// What is assumed of the symbols of a dimension.
  func assumptionFacts(_ dimension: Dimension) -> [Fact] {
    dimension.symbols.sorted().compactMap { symbol in
      let bounds = program.assumptions.bounds(of: symbol)
      let at = program.dimensions.first { $0.symbol == symbol }?.range.map {
        "      from line \(library.sources[$0.source].lineNumber(ofUTF8Offset: $0.lower))"
      }
      switch (bounds.lower, bounds.upper) {
      case (.some(let low), .some(let high)):
        return .line("known: \(low) <= \(symbol.name) <= \(high)\(at ?? "")")
      case (.some(let low), .none): return .line("known: \(symbol.name) >= \(low)\(at ?? "")")
      case (.none, .some(let high)): return .line("known: \(symbol.name) <= \(high)\(at ?? "")")
      default: return .line("known: nothing about \(symbol.name)")
      }
    }
  }

  func mentionsUnboundDimension(_ expression: Expression, frame: Frame) -> Bool {
    names(in: expression).contains { name in
      name.first?.isUppercase == true && frame.statics[name] == nil && frame.dimensions[name] == nil
    }
  }
}

extension Substring {
  /// Without blanks at either end.
  fileprivate var trimmed: String {
    var result = self
    while result.first == " " { result.removeFirst() }
    while result.last == " " { result.removeLast() }
    return String(result)
  }
}
