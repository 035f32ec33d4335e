// Elaborator+Faults: an operation that rejects its operands, told at the user's call.
// An operation knows no source text: here its words get the user's names, places and derivations.
import Diagnostics
import Dimensions
import IR

/// A rejected application of an operation and how it is written.
struct RejectedCall {
  var operation: any Operation.Type
  var attributes: Attributes
  var operands: [ValueID]
  var ranges: [SourceRange]
  /// Absent for operators.
  var call: CallSyntax?
  var range: SourceRange

  var schema: OperationSchema { operation.schema }
  var pattern: PatternSyntax? { call?.pattern }
}

extension Elaborator {
  mutating func reportFault(_ fault: Fault, of rejected: RejectedCall, frame: Frame) {
    guard let builder = frame.builder else { return }
    let operands = rejected.operands
    var primary = blame(fault, rejected)
    var label: String?
    if let operand = fault.operand, operands.indices.contains(operand),
      fault.kind != "axis-out-of-range"
    {
      let type = builder.type(of: operands[operand])
      label = fault.kind == "element-mismatch" ? type.description : type.shapeText
    }
    var message = worded(fault.message, rejected, inPrelude: frame.file == library.preludeFile)
    var site: CallSite?
    var position = callSites.count - 1
    var current = frame.file
    var value = fault.operand.flatMap { operands.indices.contains($0) ? operands[$0] : nil }
    // Climb out of the prelude to the call that a user wrote.
    while current == library.preludeFile, position >= 0 {
      site = callSites[position]
      primary = callSites[position].range
      if position == callSites.count - 1, let id = value,
        let input = inputPosition(of: id, frame: frame),
        callSites[position].arguments.indices.contains(input)
      {
        primary = callSites[position].arguments[input]
      }
      current = library.files.firstIndex { $0.syntax.source == primary.source } ?? 0
      value = nil
      position -= 1
    }
    let subject = site?.calleeText ?? rejected.schema.name
    if message.hasPrefix("needs ") {
      message = "`\(subject)` " + message
    } else if site != nil, fault.kind == "index-out-of-range" {
      message = message.replacingFirst("the table", with: "`\(subject)`")
    } else if site != nil {
      message = "`\(subject)`: " + message
    }
    if fault.kind == "index-out-of-range", let found = fault.found, let type = label {
      label = "i32\(type), \(found)"
    }
    var diagnostic = Diagnostic(
      id: fault.kind, severity: .error, message: message, range: primary, label: label)
    diagnostic.facts = evidence(fault, rejected, site: site, frame: frame)
    if let claim = fault.claim, let verdict = fault.verdict, !claim.symbols.isEmpty {
      if fault.needs == nil { diagnostic.facts.append(.line("needs: \(claim)")) }
      for symbol in claim.symbols.sorted() {
        diagnostic.facts += assumptionFacts(Dimension(symbol))
      }
      diagnostic.facts += facts(of: verdict, claim: claim, effect: effect(fault, verdict))
      diagnostic.notes += boundNotes(claim)
      diagnostic.fixes += boundFixes(claim)
    }
    if site == nil || fault.kind == "index-out-of-range" {
      diagnostic.fixes += remedies(fault, rejected, site: site, frame: frame)
    }
    let owner = site == nil ? frame.definition : callSites.last?.definition ?? frame.definition
    doubting(operands, frame: frame) {
      $0.report(
        diagnostic, definition: owner, claim: fault.claim,
        cause: fault.kind == "not-divisible" ? fault.claim.map { "\($0)" } : nil)
    }
  }

  /// What a witness does: it reads row 1024, or just breaks the claim.
  private func effect(_ fault: Fault, _ verdict: Verdict) -> String {
    guard fault.kind == "index-out-of-range", case .refuted(let witness) = verdict,
      case .atLeast(_, let asked)? = fault.claim,
      let row = asked.substituting(witness.values.mapValues { Dimension($0) }).constant
    else { return "breaks it" }
    return "reads row \(row)"
  }

  // MARK: The place

  /// The smallest text that is at fault.
  private func blame(_ fault: Fault, _ rejected: RejectedCall) -> SourceRange {
    let ranges = rejected.ranges
    if let pattern = rejected.pattern {
      if let place = fault.place, let axis = axis(at: place, in: pattern) { return axis.range }
      switch fault.kind {
      case "operand-count":
        if pattern.inputs.count > ranges.count { return pattern.inputs[ranges.count].range }
        if ranges.count > pattern.inputs.count { return ranges[pattern.inputs.count] }
      case "no-bracket", "several-axes", "pattern-form", "ellipsis-dropped": return pattern.range
      case "unknown-axis":
        let size = rejected.call?.bindings.first { fault.message.contains("`\($0.name.text)`") }
        if let size { return size.name.range }
      default: break
      }
    }
    if fault.kind == "axis-out-of-range",
      let argument = rejected.call?.arguments.first(where: { $0.label?.text == "axis" })
    {
      return argument.value.range
    }
    if let operand = fault.operand, ranges.indices.contains(operand) { return ranges[operand] }
    return rejected.range
  }

  private func axis(at place: Fault.PatternPlace, in pattern: PatternSyntax) -> AxisSyntax? {
    let list: AxisListSyntax?
    if let input = place.list {
      list = pattern.inputs.indices.contains(input) ? pattern.inputs[input] : nil
    } else {
      list = pattern.output
    }
    guard let list, list.axes.indices.contains(place.axis) else { return nil }
    return list.axes[place.axis]
  }

  private func inputPosition(of value: ValueID, frame: Frame) -> Int? {
    guard let builder = frame.builder else { return nil }
    for node in builder.nodes {
      if case .input(let position) = node.kind, node.results.first == value { return position }
    }
    return nil
  }

  // MARK: The words

  /// The message with the user's expressions in the place of the operation's names for them.
  private func worded(_ message: String, _ rejected: RejectedCall, inPrelude: Bool) -> String {
    guard !inPrelude else { return message }
    var message = message
    for (index, range) in rejected.ranges.enumerated() {
      let code = text(range)
      let short = code.count <= 40 && !code.contains("\n")
      let name = short ? "`\(code)`" : "operand \(index + 1)"
      message = message.replacingFirst(
        "(operand \(index))", with: short ? "in \(name)" : "(\(name))")
      message = message.replacingFirst("`operand \(index)`", with: name)
      if !rejected.schema.variadic, rejected.schema.operands.indices.contains(index) {
        let own = "`\(rejected.schema.operands[index].name)`"
        // Marked, so that a name is not replaced in what was put in for another.
        message = message.replacingFirst(own, with: short ? "\u{1}\(index)" : name)
      }
    }
    for (index, range) in rejected.ranges.enumerated() {
      message = message.replacingFirst("\u{1}\(index)", with: "`\(text(range))`")
    }
    if rejected.ranges.count == 1, text(rejected.ranges[0]).count <= 40 {
      message = message.replacingFirst("the operand", with: "`\(text(rejected.ranges[0]))`")
    }
    return message.replacingFirst("(the pattern)", with: "in the pattern")
  }

  // MARK: The evidence

  /// `needs` and `found`, each derived back to what the user wrote.
  private func evidence(
    _ fault: Fault, _ rejected: RejectedCall, site: CallSite?, frame: Frame
  ) -> [Fact] {
    guard let builder = frame.builder else { return [] }
    let values = rejected.operands.map { builder.values[$0.index] }
    let found = fault.operand.flatMap { values.indices.contains($0) ? values[$0] : nil }
    switch fault.kind {
    case "shapes-do-not-broadcast", "shape-mismatch":
      let other = values.first { $0.type.shapeText == fault.needs }
      if let found, let other {
        return comparison(
          needs: other.type.shape, needsOrigins: other.origins, found: found, frame: frame)
      }
    case "size-mismatch":
      if let facts = sharedAxis(fault, rejected, values) { return facts }
    case "index-out-of-range": return tableEvidence(fault, values, site: site)
    case "rank-mismatch":
      if let list = fault.operand, let pattern = rejected.pattern,
        pattern.inputs.indices.contains(list), let shape = fault.found
      {
        return [.line("needs: [\(text(pattern.inputs[list].range))]"), .line("found: \(shape)")]
      }
    default: break
    }
    var facts: [Fact] = []
    if let needs = fault.needs { facts.append(.line("needs: \(needs)")) }
    if let shown = fault.found {
      facts += derived("found: \(shown)", found, axis: fault.axis)
    }
    if fault.kind == "odd-width", let axis = fault.axis, let found,
      found.type.shape.indices.contains(axis), let width = found.type.shape[axis].constant,
      width > 1, width < .max
    {
      facts.append(.line("nearest even widths: \(width - 1), \(width + 1)"))
    }
    if fault.kind == "not-divisible" { facts += splitEvidence(fault, rejected, frame: frame) }
    if fault.kind == "size-mismatch" {
      for binding in rejected.call?.bindings ?? [] {
        facts += expansionFacts(binding.value, frame: frame)
      }
    }
    return facts
  }

  /// A line and the derivation of one axis beside it.
  private func derived(_ line: String, _ value: Value?, axis: Int?) -> [Fact] {
    guard let value, let axis, value.origins.indices.contains(axis),
      value.type.shape.indices.contains(axis)
    else { return [.line(line)] }
    let size = value.type.shape[axis]
    let lines = derivation(size, value.origins[axis])
    guard let first = lines.first, first != size.description else { return [.line(line)] }
    return [.line(line + "     " + first)] + lines.dropFirst().map { .continuation("      " + $0) }
  }

  /// An axis that two operands measure differently.
  private func sharedAxis(
    _ fault: Fault, _ rejected: RejectedCall, _ values: [Value]
  ) -> [Fact]? {
    guard let place = fault.place, let list = place.list, let pattern = rejected.pattern,
      case .name(let name) = axis(at: place, in: pattern)?.kind, values.indices.contains(list)
    else { return nil }
    for (index, axes) in pattern.inputs.enumerated().prefix(list) {
      guard !axes.axes.contains(where: { $0.kind == .ellipsis }),
        let position = axes.axes.firstIndex(where: { $0.kind == .name(name) }),
        values.indices.contains(index), values[index].type.shape.indices.contains(position)
      else { continue }
      let size = values[index].type.shape[position]
      let needs = derived(
        "needs: \(name) = \(size) in \(values[index].type.shapeText)", values[index],
        axis: position)
      guard let axis = fault.axis, values[list].type.shape.indices.contains(axis) else {
        return needs
      }
      let other = values[list].type.shape[axis]
      return needs
        + derived(
          "found: \(name) = \(other) in \(values[list].type.shapeText)", values[list], axis: axis)
    }
    return nil
  }

  /// The rows of a table, back to what made them so many.
  private func tableEvidence(_ fault: Fault, _ values: [Value], site: CallSite?) -> [Fact] {
    guard let needs = fault.needs else { return [] }
    guard let table = values.first, var origin = table.origins.first,
      let rows = table.type.shape.first
    else { return [.line("needs: \(needs)")] }
    if let site { origin = translate(origin, statics: site.statics) }
    let first = derivation(rows, origin).first ?? "\(rows)"
    let reason =
      first == rows.description
      ? "\(rows) rows" : first.replacingFirst("\(rows) =", with: "\(rows) rows =")
    return [.line("needs: \(needs)     \(reason)")]
  }

  /// What the sizes of a split are, and which would do.
  private func splitEvidence(
    _ fault: Fault, _ rejected: RejectedCall, frame: Frame
  ) -> [Fact] {
    (rejected.call?.bindings ?? []).flatMap { binding -> [Fact] in
      var facts: [Fact] = []
      if case .divisible(let whole, let part)? = fault.claim, let a = whole.constant,
        let b = part.constant, rejected.attributes.dimension(binding.name.text)?.constant == b
      {
        facts += divisors(of: a, near: b, part: binding.value, frame: frame).facts
      }
      return facts + expansionFacts(binding.value, frame: frame)
    }.reduce(into: []) { facts, fact in
      if !facts.contains(fact) { facts.append(fact) }
    }
  }

  // MARK: The remedies

  private func remedies(
    _ fault: Fault, _ rejected: RejectedCall, site: CallSite?, frame: Frame
  ) -> [FixIt] {
    switch fault.kind {
    case "not-divisible":
      guard case .divisible(let whole, let part)? = fault.claim, let a = whole.constant,
        let b = part.constant
      else { return [] }
      let binding = rejected.call?.bindings.first {
        rejected.attributes.dimension($0.name.text)?.constant == b
      }
      return binding.map { divisors(of: a, near: b, part: $0.value, frame: frame).fixes } ?? []
    case "size-mismatch": return swappedAxes(fault, rejected, frame: frame)
    case "shape-mismatch" where rejected.schema.name == "affine":
      return transposition(rejected, frame: frame)
    case "no-bracket":
      guard let last = rejected.pattern?.inputs.first?.axes.last, case .name(let name) = last.kind
      else { return [] }
      return [
        FixIt(
          message: "bracket the last axis (changes the model)",
          edits: [Edit(range: last.range, replacement: "[\(name)]")], effect: .model)
      ]
    case "element-mismatch":
      guard let operand = fault.operand, rejected.ranges.indices.contains(operand),
        let needs = fault.needs
      else { return [] }
      let range = rejected.ranges[operand]
      return [
        FixIt(
          message: "convert it to \(needs) (changes the model)",
          edits: [Edit(range: range, replacement: "cast(\(text(range)), to: \"\(needs)\")")],
          effect: .model)
      ]
    case "index-out-of-range": return largerTable(fault, rejected, site: site, frame: frame)
    default: return []
    }
  }

  /// Two axes of a list in the other order, where that makes the call legal.
  private func swappedAxes(
    _ fault: Fault, _ rejected: RejectedCall, frame: Frame
  ) -> [FixIt] {
    guard let list = fault.place?.list, let syntax = rejected.pattern?.inputs,
      let builder = frame.builder,
      let pattern = rejected.attributes.pattern, syntax.indices.contains(list),
      pattern.inputs.indices.contains(list), pattern.inputs[list].count <= 8
    else { return [] }
    let types = rejected.operands.map { builder.type(of: $0) }
    var fixes: [FixIt] = []
    let axes = pattern.inputs[list]
    for first in axes.indices {
      for second in axes.indices where second > first {
        var trial = rejected.attributes
        trial.pattern?.inputs[list].swapAt(first, second)
        guard let operation = try? rejected.operation.init(trial),
          (try? operation.resultTypes(of: types, prover: prover)) != nil
        else { continue }
        let order = (trial.pattern?.inputs[list] ?? []).map(\.description).joined(separator: " ")
        fixes.append(
          FixIt(
            message: "name the axes in the order of the operand, `\(order)` (changes the model)",
            edits: [Edit(range: syntax[list].range, replacement: order)], effect: .model))
      }
    }
    return fixes.count == 1 ? fixes : []
  }

  /// `transposed: true`, where the weight is stored the other way round.
  private func transposition(_ rejected: RejectedCall, frame: Frame) -> [FixIt] {
    guard let builder = frame.builder, rejected.attributes.boolean("transposed") != true,
      rejected.call != nil
    else { return [] }
    var trial = rejected.attributes
    trial.values["transposed"] = .boolean(true)
    let types = rejected.operands.map { builder.type(of: $0) }
    guard let operation = try? rejected.operation.init(trial),
      (try? operation.resultTypes(of: types, prover: prover)) != nil
    else { return [] }
    let end = SourceRange(source: rejected.range.source, at: rejected.range.upper - 1)
    return [
      FixIt(
        message: "read the weight as [in, out] (changes the model)",
        edits: [Edit(range: end, replacement: ", transposed: true")], effect: .model)
    ]
  }

  /// As many rows as the longest sequence reads, if they stand in one literal.
  private func largerTable(
    _ fault: Fault, _ rejected: RejectedCall, site: CallSite?, frame: Frame
  ) -> [FixIt] {
    guard let builder = frame.builder, let id = rejected.operands.first,
      case .atLeast(let large, let small)? = fault.claim, small.symbols.count == 1,
      let symbol = small.symbols.first,
      let longest = prover.assumptions.bounds(of: symbol).upper,
      let last = small.substituting([symbol: Dimension(longest)]).constant, last < 1 << 31
    else { return [] }
    let table = builder.values[id.index]
    guard var origin = table.origins.first, let rows = table.type.shape.first?.constant,
      large.constant == rows - 1, last >= rows
    else { return [] }
    if let site { origin = translate(origin, statics: site.statics) }
    guard case .expression(let name, _, .some(let range)) = origin,
      Int(text(range).filter { $0 != "_" }) == rows
    else { return [] }
    let row = Dimension.product(of: table.type.shape.dropFirst())
    let more = (row * Dimension(last + 1 - rows)).constant?.grouped ?? "more"
    return [
      FixIt(
        message: "or enlarge the table, \(name) = \((last + 1).grouped) (adds \(more) parameters)",
        edits: [Edit(range: range, replacement: (last + 1).grouped)], effect: .parameters)
    ]
  }
}
