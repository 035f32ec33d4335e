// PythonPattern: regular expressions as Python's `re` reads them, for names of modules.
// Our own engine, because PEFT's rules are Python's, and a hostile pattern must not hang the check.

/// Why a pattern can't be used.
package struct PatternFault: Error, Hashable, Sendable {
  /// Lower case, no full stop.
  package var message: String
  /// Where in the pattern, in Unicode scalars.
  package var position: Int
}

/// A compiled pattern.
///
/// Back-references are refused, since without them a match takes at most a step for each place in
/// the program and the text, however the pattern is written.
package struct PythonPattern: Hashable, Sendable {
  /// One step of the matcher.
  enum Instruction: Hashable, Sendable {
    case scalar(Unicode.Scalar)
    case any
    case set(ScalarSet)
    /// Goes on at the first target, and at the second when that fails.
    case split(Int, Int)
    case jump(Int)
    case assert(Assertion)
    /// The program between here and the target must match (or not), at this place or before it.
    case look(ahead: Bool, negated: Bool, end: Int)
    case open
    case close
    case accept
  }

  enum Assertion: Hashable, Sendable {
    case start
    case end
    case textEnd
    case wordBoundary
    case noWordBoundary
  }

  /// Longer programs are refused: nobody writes them, and counted repetitions multiply.
  static let mostInstructions = 20_000

  package let text: String
  let instructions: [Instruction]
  let ignoresCase: Bool
  let dotMatchesNewline: Bool

  /// - Throws: ``PatternFault`` where Python would refuse the pattern, or this engine does.
  package init(_ text: String) throws(PatternFault) {
    var parser = PatternParser(text)
    let tree = try parser.parse()
    var compiler = PatternCompiler()
    try compiler.emit(tree)
    compiler.finish()
    self.text = text
    instructions = compiler.instructions
    ignoresCase = parser.ignoresCase
    dotMatchesNewline = parser.dotMatchesNewline
  }

  /// `re.fullmatch`.
  package func matchesAll(of name: String) -> Bool {
    var matcher = PatternMatcher(self, name)
    return matcher.run(mustEnd: true) != nil
  }

  /// `re.match`: the name begins so.
  package func matchesStart(of name: String) -> Bool {
    var matcher = PatternMatcher(self, name)
    return matcher.run(mustEnd: false) != nil
  }

  /// The text between the marks of the one marked group, after `re.match`.
  func marked(in name: String) -> String? {
    var matcher = PatternMatcher(self, name)
    guard let marks = matcher.run(mustEnd: false), marks.opened >= 0, marks.closed >= marks.opened
    else { return nil }
    var result = ""
    result.unicodeScalars.append(contentsOf: matcher.text[marks.opened..<marks.closed])
    return result
  }

  /// A text as a pattern that matches just it, like `re.escape`.
  package static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      if "\\.^$*+?{}[]|()".unicodeScalars.contains(scalar) { result += "\\" }
      result.unicodeScalars.append(scalar)
    }
    return result
  }
}

/// Scalars by ranges and classes.
struct ScalarSet: Hashable, Sendable {
  enum Class: Hashable, Sendable {
    case digit, word, space

    func contains(_ scalar: Unicode.Scalar) -> Bool {
      switch self {
      case .digit: scalar.properties.generalCategory == .decimalNumber
      case .word: scalar == "_" || scalar.properties.isAlphabetic || isNumber(scalar)
      case .space: scalar.properties.isWhitespace
      }
    }

    private func isNumber(_ scalar: Unicode.Scalar) -> Bool {
      scalar.properties.numericType != nil
    }
  }

  var negated = false
  var ranges: [ClosedRange<Unicode.Scalar>] = []
  var classes: [Class] = []
  var excludedClasses: [Class] = []

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    let found =
      ranges.contains { $0.contains(scalar) } || classes.contains { $0.contains(scalar) }
      || excludedClasses.contains { !$0.contains(scalar) }
    return found != negated
  }
}

/// What a pattern means, before it is compiled.
indirect enum PatternTree: Hashable, Sendable {
  case empty
  case scalar(Unicode.Scalar)
  case any
  case set(ScalarSet)
  case assertion(PythonPattern.Assertion)
  case sequence([PatternTree])
  case alternatives([PatternTree])
  case repeated(PatternTree, from: Int, to: Int?, lazy: Bool)
  case look(PatternTree, ahead: Bool, negated: Bool)
  /// The group that ``PythonPattern/marked(in:)`` reads.
  case marked(PatternTree)
}
