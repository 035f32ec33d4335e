// Elaborator+Requirements: a `require` that fails, with the numbers, the nearest that would do, and why.
// Apart from the other reports because a requirement concerns whoever gave the values.
import Diagnostics
import Dimensions
import IR

extension Elaborator {
  mutating func reportRequirement(_ condition: Expression, verdict: Verdict, frame: inout Frame) {
    let written = text(condition.range)
    var facts: [Fact] = []
    var fixes: [FixIt] = []
    var numbers: String?
    if case .binary(let symbol, let left, let right) = condition.kind, symbol.isComparison {
      numbers =
        expansionText(left, frame: frame) + " \(symbol.rawValue) "
        + expansionText(right, frame: frame)
      if case .binary(.modulo, let whole, let part) = left.withoutParentheses.kind,
        let a = evaluateStatic(whole, frame: &frame).integerValue,
        let b = evaluateStatic(part, frame: &frame).integerValue, b > 0, a > 0
      {
        facts.append(.line("\(a) = \(b) × \(a / b) + \(a % b)"))
        if names(in: part).isEmpty {
          let below = a - a % b
          let list = below > 0 ? "\(below), \(below + b)" : "\(b)"
          facts.append(.line("nearest values of `\(text(whole.range))` that \(b) divides: \(list)"))
        } else {
          let near = divisors(of: a, near: b, part: part, frame: frame)
          facts += near.facts
          fixes = near.fixes
        }
      }
    }
    facts += expansionFacts(condition, frame: frame)
    var notes: [Note] = []
    for name in Set(names(in: condition)).sorted() {
      guard let binding = frame.statics[name], case .expression(_, _, let range) = binding.origin,
        let place = range,
        place.source != condition.range.source || place.lower != condition.range.lower,
        place.source != library.files[library.preludeFile].syntax.source
      else { continue }
      notes.append(Note(message: "`\(name)` is set here", range: place, label: binding.value.text))
    }
    var range = condition.range
    if frame.file == library.preludeFile, callSites.isEmpty, let place = notes.first?.range {
      range = place
    }
    var message = "`\(written)` is required"
    var claim: Constraint?
    var holdsNever = false
    if case .binary(let symbol, let left, let right) = condition.kind,
      let a = evaluateStatic(left, frame: &frame).asDimension,
      let b = evaluateStatic(right, frame: &frame).asDimension,
      a.constant == nil || b.constant == nil
    {
      claim = constraint(symbol, a, b)
      facts += assumptionFacts(a - b) + self.facts(of: verdict)
      if case .proved = prover.prove(constraint(symbol.opposite, a, b)) {
        message += ", but holds for no size"
        holdsNever = true
      } else if case .refuted = verdict {
        message += ", but does not hold for every size"
      }
    } else if case .refuted = verdict {
      message += numbers.map { ", but \($0) is false" } ?? ", but is false"
    }
    if case .unknown = verdict { message += ", and can't be shown to hold" }
    if let claim {
      notes += boundNotes(claim)
      if !holdsNever { fixes += boundFixes(claim) }
      // What is asked of sizes is a duty of whoever calls.
      if let site = callSites.last, site.range.source != range.source || frame.definition != nil,
        frame.definition != program.root.index
      {
        notes.insert(Note(message: "it is required here", range: range), at: 0)
        range = site.range
      }
    }
    if let definition = frame.definition { contexts[definition].breaksRequirement = true }
    report(
      Diagnostic(
        id: "requirement-failed", severity: .error, message: message, range: range, facts: facts,
        notes: notes, fixes: fixes), definition: frame.definition)
  }

  /// The divisors of a number around the one that was meant, and the fixes that set them.
  func divisors(
    of number: Int, near wanted: Int, part: Expression, frame: Frame
  ) -> (facts: [Fact], fixes: [FixIt]) {
    let near = nearestDivisors(of: number, to: wanted)
    guard !near.isEmpty else { return ([], []) }
    let list = near.map(String.init).joined(separator: ", ")
    let facts: [Fact] = [
      .line("nearest values of `\(text(part.range))` that divide \(number): \(list)")
    ]
    guard case .name(let name) = part.kind, let place = literalRange(of: name, frame: frame) else {
      return (facts, [])
    }
    let field = literalName(of: name, frame: frame)
    return (
      facts,
      near.reversed().map { value in
        FixIt(
          message: "set \(field) = \(value) (changes the model)",
          edits: [Edit(range: place, replacement: "\(value)")], effect: .model)
      }
    )
  }

  /// What would do in the place of a divisor that is zero.
  func legalDivisors(
    of whole: StaticValue, _ part: Expression, _ symbol: BinaryOperator
  ) -> [Fact] {
    guard symbol != .floorDivide, let number = whole.integerValue, 1...(1 << 24) ~= number else {
      return []
    }
    let all = divisors(of: number)
    let shown =
      all.count <= 8
      ? all.map(String.init) : all.prefix(6).map(String.init) + ["…", String(number)]
    let list = shown.joined(separator: ", ")
    return [.line("values of `\(text(part.range))` that divide \(number): \(list)")]
  }

  /// The literal that a name stands for, where the user wrote it.
  func literalRange(of name: String, frame: Frame) -> SourceRange? {
    guard let binding = frame.statics[name], let value = binding.value.integerValue,
      case .expression(_, _, .some(let range)) = binding.origin,
      Int(text(range).filter { $0 != "_" }) == value
    else { return nil }
    return range
  }

  /// What the user calls a name of a block: the config field it comes from.
  private func literalName(of name: String, frame: Frame) -> String {
    guard let binding = frame.statics[name],
      case .expression(let text, let expansion, _) = binding.origin,
      expansion != nil
    else { return name }
    return text
  }

  private func nearestDivisors(of number: Int, to wanted: Int) -> [Int] {
    guard number <= 1 << 24 else { return [] }
    let divisors = divisors(of: number)
    return [divisors.last { $0 < wanted }, divisors.first { $0 > wanted }].compactMap { $0 }
  }

  /// The divisors of a number that is not too large, in order.
  private func divisors(of number: Int) -> [Int] {
    let small = (1...max(1, Int(Double(number).squareRoot()) + 1)).filter { number % $0 == 0 }
    return Set(small + small.map { number / $0 }).sorted()
  }
}
