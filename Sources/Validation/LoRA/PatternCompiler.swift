// PatternCompiler: a parsed pattern as a flat program, and the matcher that runs it.
// The matcher remembers where it failed, so that no pattern is tried twice at one place.

/// Turns a tree into instructions.
struct PatternCompiler {
  private(set) var instructions: [PythonPattern.Instruction] = []

  mutating func finish() { instructions.append(.accept) }

  /// - Throws: ``PatternFault`` when the program would be too long.
  mutating func emit(_ tree: PatternTree) throws(PatternFault) {
    guard instructions.count < PythonPattern.mostInstructions else {
      throw PatternFault(message: "the pattern repeats too much to be read", position: 0)
    }
    switch tree {
    case .empty: break
    case .scalar(let scalar): instructions.append(.scalar(scalar))
    case .any: instructions.append(.any)
    case .set(let set): instructions.append(.set(set))
    case .assertion(let assertion): instructions.append(.assert(assertion))
    case .sequence(let parts): for part in parts { try emit(part) }
    case .alternatives(let choices): try emit(choices: choices[...])
    case .repeated(let body, let from, let to, let lazy):
      for _ in 0..<from { try emit(body) }
      if let to {
        var splits: [Int] = []
        for _ in from..<max(to, from) {
          splits.append(reserve())
          try emit(body)
        }
        for split in splits { patch(split, skipTo: instructions.count, lazy: lazy) }
      } else {
        let split = reserve()
        try emit(body)
        instructions.append(.jump(split))
        patch(split, skipTo: instructions.count, lazy: lazy)
      }
    case .look(let body, let ahead, let negated):
      let place = reserve()
      try emit(body)
      instructions.append(.accept)
      instructions[place] = .look(ahead: ahead, negated: negated, end: instructions.count)
    case .marked(let body):
      instructions.append(.open)
      try emit(body)
      instructions.append(.close)
    }
  }

  private mutating func emit(choices: ArraySlice<PatternTree>) throws(PatternFault) {
    var ends: [Int] = []
    for (index, choice) in choices.enumerated() {
      guard index < choices.count - 1 else {
        try emit(choice)
        break
      }
      let split = reserve()
      try emit(choice)
      ends.append(reserve())
      patch(split, skipTo: instructions.count, lazy: false)
    }
    for end in ends { instructions[end] = .jump(instructions.count) }
  }

  private mutating func reserve() -> Int {
    instructions.append(.jump(0))
    return instructions.count - 1
  }

  private mutating func patch(_ place: Int, skipTo target: Int, lazy: Bool) {
    instructions[place] = lazy ? .split(target, place + 1) : .split(place + 1, target)
  }
}

/// One run of a pattern over a text.
struct PatternMatcher {
  /// Where the marked group began and ended; below zero when it did not.
  struct Marks {
    var opened = -1
    var closed = -1
  }

  private struct State {
    var instruction: Int
    var place: Int
    var marks: Marks
  }

  let text: [Unicode.Scalar]
  private let instructions: [PythonPattern.Instruction]
  private let ignoresCase: Bool
  private let dotMatchesNewline: Bool

  init(_ pattern: PythonPattern, _ name: String) {
    instructions = pattern.instructions
    ignoresCase = pattern.ignoresCase
    dotMatchesNewline = pattern.dotMatchesNewline
    text = Array(name.unicodeScalars)
  }

  mutating func run(mustEnd: Bool) -> Marks? {
    run(from: 0, at: 0, end: mustEnd ? text.count : nil)?.marks
  }

  /// Backtracks in the order that Python prefers; a state that failed is never entered again.
  private func run(from start: Int, at place: Int, end: Int?) -> State? {
    var seen: Set<Int> = []
    var stack = [State(instruction: start, place: place, marks: Marks())]
    while var state = stack.popLast() {
      following: while seen.insert(state.instruction * (text.count + 1) + state.place).inserted {
        switch instructions[state.instruction] {
        case .accept:
          if end == nil || end == state.place { return state }
          break following
        case .jump(let target):
          state.instruction = target
        case .split(let first, let second):
          stack.append(State(instruction: second, place: state.place, marks: state.marks))
          state.instruction = first
        case .open:
          state.marks.opened = state.place
          state.instruction += 1
        case .close:
          state.marks.closed = state.place
          state.instruction += 1
        case .assert(let assertion):
          guard holds(assertion, at: state.place) else { break following }
          state.instruction += 1
        case .look(let ahead, let negated, let target):
          let found = looks(ahead: ahead, from: state.instruction + 1, at: state.place)
          guard found != negated else { break following }
          state.instruction = target
        case .scalar, .any, .set:
          guard state.place < text.count, accepts(state.instruction, text[state.place]) else {
            break following
          }
          state.place += 1
          state.instruction += 1
        }
      }
    }
    return nil
  }

  private func accepts(_ instruction: Int, _ scalar: Unicode.Scalar) -> Bool {
    switch instructions[instruction] {
    case .any: return dotMatchesNewline || scalar != "\n"
    case .scalar(let wanted):
      return wanted == scalar || ignoresCase && folded(wanted) == folded(scalar)
    case .set(let set):
      if set.contains(scalar) { return true }
      return ignoresCase
        && (scalar.properties.lowercaseMapping + scalar.properties.uppercaseMapping)
          .unicodeScalars.contains { set.contains($0) }
    default: return false
    }
  }

  private func folded(_ scalar: Unicode.Scalar) -> String { scalar.properties.lowercaseMapping }

  private func looks(ahead: Bool, from start: Int, at place: Int) -> Bool {
    if ahead { return run(from: start, at: place, end: nil) != nil }
    return (0...place).contains { run(from: start, at: $0, end: place) != nil }
  }

  private func holds(_ assertion: PythonPattern.Assertion, at place: Int) -> Bool {
    func isWord(_ index: Int) -> Bool {
      text.indices.contains(index) && ScalarSet.Class.word.contains(text[index])
    }
    switch assertion {
    case .start: return place == 0
    case .end: return place == text.count || place == text.count - 1 && text[place] == "\n"
    case .textEnd: return place == text.count
    case .wordBoundary: return isWord(place - 1) != isWord(place)
    case .noWordBoundary: return isWord(place - 1) == isWord(place)
    }
  }
}
