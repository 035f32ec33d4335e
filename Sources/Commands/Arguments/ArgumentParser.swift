// ArgumentParser: sorts the words of a command line into options and operands.
// It knows no command; the declarations that it is given decide what is accepted.
import Diagnostics

/// Reads the arguments of one command.
///
/// `--name value` and `--name=value` are the same. After `--` every word is an operand, and `-`
/// alone always is.
package struct ArgumentParser {
  private let specification: CommandSpecification
  private var parsed = ParsedArguments()

  /// - Throws: ``UsageError`` for the first word that does not fit the declarations.
  package static func parse(
    _ arguments: some Collection<String>, as specification: CommandSpecification
  ) throws(UsageError) -> ParsedArguments {
    var parser = ArgumentParser(specification)
    try parser.read(Array(arguments))
    try parser.checkOperands()
    return parser.parsed
  }

  private init(_ specification: CommandSpecification) {
    self.specification = specification
  }

  private mutating func read(_ words: [String]) throws(UsageError) {
    var index = 0
    while index < words.count {
      let word = words[index]
      index += 1
      if word == "--" {
        parsed.operands += words[index...]
        return
      }
      guard word.hasPrefix("-"), word != "-" else {
        parsed.operands.append(word)
        continue
      }
      let equals = word.firstIndex(of: "=")
      let name = String(word[..<(equals ?? word.endIndex)])
      let option = try option(typed: name)
      var value = equals.map { String(word[word.index(after: $0)...]) }
      if option.value == .none {
        if value != nil { throw UsageError("`\(name)` takes no value") }
        value = ""
      } else if value == nil {
        guard index < words.count, !isOption(words[index]) else {
          throw UsageError("`\(name)` needs a value: `\(option.usage)`")
        }
        value = words[index]
        index += 1
      }
      try record(value ?? "", for: option)
    }
  }

  private func option(typed name: String) throws(UsageError) -> OptionSpecification {
    if let found = specification.options.first(where: { $0.isNamed(name) }) { return found }
    let known = specification.options.map { "--\($0.name)" }
    throw UsageError(
      "`\(specification.name)` has no option `\(name)`",
      suggestion: Nearest.match(name, in: known + ["--help"])
        ?? known.first { $0 == "-\(name)" })
  }

  /// Whether a word where a value is due is rather the next option.
  private func isOption(_ word: String) -> Bool {
    let name = word.prefix { $0 != "=" }
    return word == "--" || specification.options.contains { $0.isNamed(name) }
  }

  private mutating func record(
    _ value: String, for option: OptionSpecification
  ) throws(UsageError) {
    switch option.value {
    case .none, .text: break
    case .integer:
      guard Int(value) != nil else {
        throw UsageError("`--\(option.name)` needs a whole number, found `\(value)`")
      }
    case .choice(_, let words):
      guard words.contains(value) else {
        throw UsageError(
          "`--\(option.name)` is one of \(words.joined(separator: ", ")), found `\(value)`",
          suggestion: Nearest.match(value, in: words))
      }
    }
    if !option.isRepeatable, parsed.has(option.name), option.value != .none {
      throw UsageError("`--\(option.name)` is given twice")
    }
    parsed.values[option.name, default: []].append(value)
  }

  private func checkOperands() throws(UsageError) {
    guard let operand = specification.operand else {
      if let first = parsed.operands.first {
        throw UsageError("`\(specification.name)` takes no operand, found `\(first)`")
      }
      return
    }
    let count = parsed.operands.count
    if count == 0, operand.count != .atMostOne {
      throw UsageError("`\(specification.name)` needs \(operand.name): \(operand.summary)")
    }
    if operand.count == .two {
      guard count != 2 else { return }
      throw UsageError("`\(specification.name)` takes two of \(operand.name), found \(count)")
    }
    if count > 1, operand.count != .atLeastOne {
      throw UsageError(
        "`\(specification.name)` takes one \(operand.name), found \(count): "
          + parsed.operands.joined(separator: " "))
    }
  }
}
