// Dimension+Parsing: reads formulas as dimensions print them.
// Apart from the operations' grammar: `2·B·T + 4·floor(T / 2)` stands in attributes and tests.
import Dimensions
import IR

extension Dimension {
  /// Reads a formula in the form of `description`.
  ///
  /// - Throws: ``Fault`` of kind `malformed-text`.
  package init(parsing text: String) throws(Fault) {
    var scanner = TextScanner(text)
    self = try Dimension.expression(&scanner)
    guard scanner.next == nil else { throw scanner.unexpected("the end") }
  }

  /// A sum, or a remainder of one.
  static func expression(_ scanner: inout TextScanner) throws(Fault) -> Dimension {
    try scanner.nested { scanner throws(Fault) in
      let left = try sum(&scanner)
      return scanner.skip(word: "mod") ? left.modulo(try product(&scanner)) : left
    }
  }

  private static func sum(_ scanner: inout TextScanner) throws(Fault) -> Dimension {
    var total = scanner.skip("-") ? -(try product(&scanner)) : try product(&scanner)
    while true {
      if scanner.skip("+") {
        total += try product(&scanner)
      } else if scanner.skip("-") {
        total -= try product(&scanner)
      } else {
        return total
      }
    }
  }

  private static func product(_ scanner: inout TextScanner) throws(Fault) -> Dimension {
    var total = try power(&scanner)
    while scanner.skip("·") || scanner.skip("*") { total *= try power(&scanner) }
    return total
  }

  private static func power(_ scanner: inout TextScanner) throws(Fault) -> Dimension {
    let base = try primary(&scanner)
    var exponent = 0
    var found = false
    while let character = scanner.adjacent, let digit = superscripts.firstIndex(of: character) {
      found = true
      exponent = min(exponent * 10 + digit, 1_000_000)
      scanner.advance()
    }
    return found ? base.raised(to: exponent) : base
  }

  private static let superscripts = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")

  private static func primary(_ scanner: inout TextScanner) throws(Fault) -> Dimension {
    if let digits = scanner.digits() {
      guard let value = Int128(digits) else { return .overflow }
      return Dimension(wide: value)
    }
    if scanner.skip("(") {
      let inner = try expression(&scanner)
      try scanner.expect(")")
      return inner
    }
    guard let name = scanner.name() else { throw scanner.unexpected("a dimension") }
    guard ["floor", "min", "max"].contains(name), scanner.skip("(") else {
      return Dimension(Symbol(name))
    }
    var result = try expression(&scanner)
    if name == "floor" {
      try scanner.expect("/")
      result = result.floorDivided(by: try scanner.nested(product))
    } else {
      while scanner.skip(",") {
        let other = try expression(&scanner)
        result = name == "min" ? minimum(result, other) : maximum(result, other)
      }
    }
    try scanner.expect(")")
    return result
  }
}
