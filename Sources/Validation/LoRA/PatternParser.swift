// PatternParser: the grammar of Python's regular expressions, as far as names need it.
// What it does not know it refuses by name, so that no pattern is read as something else.

/// Reads a pattern into a tree.
struct PatternParser {
  private static let deepest = 64
  private static let mostRepetitions = 1_000

  private let scalars: [Unicode.Scalar]
  private var place = 0
  private var depth = 0
  private(set) var ignoresCase = false
  private(set) var dotMatchesNewline = false

  init(_ text: String) {
    scalars = Array(text.unicodeScalars)
  }

  mutating func parse() throws(PatternFault) -> PatternTree {
    let tree = try alternatives()
    if place < scalars.count { throw fault("this `)` closes nothing") }
    return tree
  }

  private var next: Unicode.Scalar? { place < scalars.count ? scalars[place] : nil }

  private func fault(_ message: String) -> PatternFault {
    PatternFault(message: message, position: min(place, scalars.count))
  }

  private mutating func take(_ text: String) -> Bool {
    let wanted = Array(text.unicodeScalars)
    guard place + wanted.count <= scalars.count,
      scalars[place..<place + wanted.count].elementsEqual(wanted)
    else { return false }
    place += wanted.count
    return true
  }

  private mutating func alternatives() throws(PatternFault) -> PatternTree {
    depth += 1
    defer { depth -= 1 }
    guard depth <= PatternParser.deepest else { throw fault("the pattern nests too deep") }
    var choices = [try sequence()]
    while take("|") { choices.append(try sequence()) }
    return choices.count == 1 ? choices[0] : .alternatives(choices)
  }

  private mutating func sequence() throws(PatternFault) -> PatternTree {
    var parts: [PatternTree] = []
    while let scalar = next, scalar != "|", scalar != ")" {
      let start = place
      let atom = try atom()
      parts.append(try repeated(atom, since: start))
    }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  private mutating func repeated(
    _ atom: PatternTree, since start: Int
  ) throws(PatternFault) -> PatternTree {
    var atom = atom
    var times = 0
    while let (from, to) = try quantifier() {
      times += 1
      if times > 1 { throw fault("a repetition of a repetition") }
      if let to, to < from { throw fault("the least repetition is more than the most") }
      if case .empty = atom { throw fault("there is nothing to repeat") }
      if case .assertion = atom { throw fault("there is nothing to repeat") }
      let lazy = take("?")
      if !lazy, next == "+" { throw fault("possessive repetitions are not read") }
      atom = .repeated(atom, from: from, to: to, lazy: lazy)
    }
    return atom
  }

  private mutating func quantifier() throws(PatternFault) -> (from: Int, to: Int?)? {
    if take("*") { return (0, nil) }
    if take("+") { return (1, nil) }
    if take("?") { return (0, 1) }
    guard next == "{" else { return nil }
    let start = place
    place += 1
    let from = number()
    var to = from
    if take(",") { to = number() }
    guard take("}"), from != nil || to != nil else {
      // Python reads a brace that counts nothing as a brace.
      place = start
      return nil
    }
    let range = scalars[start..<place]
    let isOpen = range.contains(",") && to == nil
    for count in [from, to].compactMap({ $0 }) where count > PatternParser.mostRepetitions {
      throw fault("the pattern repeats too much to be read")
    }
    return (from ?? 0, isOpen ? nil : to)
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let scalar = next, ("0"..."9").contains(scalar) {
      place += 1
      value = min((value ?? 0) * 10 + Int(scalar.value - 48), 1_000_000)
    }
    return value
  }

  private mutating func atom() throws(PatternFault) -> PatternTree {
    guard let scalar = next else { return .empty }
    place += 1
    switch scalar {
    case ".": return .any
    case "^": return .assertion(.start)
    case "$": return .assertion(.end)
    case "(": return try group()
    case "[": return .set(try set())
    case "\\": return try escape()
    case "*", "+", "?":
      place -= 1
      throw fault("there is nothing to repeat")
    default: return .scalar(scalar)
    }
  }

  private mutating func group() throws(PatternFault) -> PatternTree {
    let start = place
    if take("?") {
      if take("P<marked>") { return .marked(try body()) }
      if take("P<") || take("P'") {
        while let scalar = next, scalar != ">", scalar != ")" {
          _ = scalar
          place += 1
        }
        guard take(">") else { throw fault("the group's name has no end") }
        return try body()
      }
      if take(":") { return try body() }
      for (sign, ahead, negated) in [
        ("=", true, false), ("!", true, true), ("<=", false, false), ("<!", false, true),
      ] where take(sign) {
        return .look(try body(), ahead: ahead, negated: negated)
      }
      if start == 1 {
        while let scalar = next, "ismxau".unicodeScalars.contains(scalar) {
          place += 1
          switch scalar {
          case "i": ignoresCase = true
          case "s": dotMatchesNewline = true
          case "x": throw fault("the flag `x` is not read")
          default: break
          }
        }
        if take(")") { return .empty }
      }
      throw fault("this kind of group is not read")
    }
    return try body()
  }

  private mutating func body() throws(PatternFault) -> PatternTree {
    let tree = try alternatives()
    guard take(")") else { throw fault("a `(` has no `)`") }
    return tree
  }

  private mutating func escape() throws(PatternFault) -> PatternTree {
    guard let scalar = next else { throw fault("a `\\` at the end escapes nothing") }
    switch scalar {
    case "b", "B", "A", "Z":
      place += 1
      let known: [Unicode.Scalar: PythonPattern.Assertion] = [
        "b": .wordBoundary, "B": .noWordBoundary, "A": .start, "Z": .textEnd,
      ]
      return .assertion(known[scalar] ?? .start)
    case "1"..."9": throw fault("references to groups are not read")
    default:
      if let set = classEscape() { return .set(set) }
      return .scalar(try literalEscape())
    }
  }

  private mutating func classEscape() -> ScalarSet? {
    guard let scalar = next else { return nil }
    var set = ScalarSet()
    switch scalar {
    case "d": set.classes = [.digit]
    case "w": set.classes = [.word]
    case "s": set.classes = [.space]
    case "D": set.excludedClasses = [.digit]
    case "W": set.excludedClasses = [.word]
    case "S": set.excludedClasses = [.space]
    default: return nil
    }
    place += 1
    return set
  }

  private mutating func literalEscape() throws(PatternFault) -> Unicode.Scalar {
    guard let scalar = next else { throw fault("a `\\` at the end escapes nothing") }
    switch scalar {
    case "n", "t", "r", "f", "v":
      place += 1
      let known: [Unicode.Scalar: Unicode.Scalar] = [
        "n": "\n", "t": "\t", "r": "\r", "f": "\u{0C}", "v": "\u{0B}",
      ]
      return known[scalar] ?? scalar
    case "a"..."z", "A"..."Z", "0"..."9": throw fault("the escape `\\\(scalar)` is not read")
    default:
      place += 1
      return scalar
    }
  }

  private mutating func set() throws(PatternFault) -> ScalarSet {
    var result = ScalarSet()
    result.negated = take("^")
    var isFirst = true
    while let scalar = next, isFirst || scalar != "]" {
      isFirst = false
      place += 1
      if scalar == "\\", let known = classEscape() {
        result.classes += known.classes
        result.excludedClasses += known.excludedClasses
        continue
      }
      let lower = scalar == "\\" ? try literalEscape() : scalar
      guard next == "-", place + 1 < scalars.count, scalars[place + 1] != "]" else {
        result.ranges.append(lower...lower)
        continue
      }
      place += 1
      guard let end = next else { break }
      place += 1
      let upper = end == "\\" ? try literalEscape() : end
      guard lower <= upper else { throw fault("the range ends before it begins") }
      result.ranges.append(lower...upper)
    }
    guard take("]") else { throw fault("a `[` has no `]`") }
    return result
  }
}
