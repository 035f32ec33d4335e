// Samples: the symbols and types from which the operations' examples are made.
// Shared so that an example is one line and every symbol has a range of sizes.
import Dimensions
import IR

/// Symbols, types and sizes for examples.
enum Samples {
  static let b = Dimension(Symbol("B"))
  static let t = Dimension(Symbol("T"))
  static let s = Dimension(Symbol("S"))
  static let d = Dimension(Symbol("D"))
  static let v = Dimension(Symbol("V"))

  static let sizes: [Symbol: ClosedRange<Int>] = [
    Symbol("B"): 1...3, Symbol("T"): 1...5, Symbol("S"): 1...4, Symbol("D"): 1...4,
    Symbol("V"): 2...7,
  ]

  static func f32(_ shape: Dimension...) -> TensorType { TensorType(.f32, shape) }
  static func i32(_ shape: Dimension...) -> TensorType { TensorType(.i32, shape) }
  static func bool(_ shape: Dimension...) -> TensorType { TensorType(.bool, shape) }

  /// Names and an ellipsis, separated by blanks: `names("... b t")`.
  static func names(_ text: String) -> [PatternAxis] {
    text.split(separator: " ").map { $0 == "..." ? .ellipsis : .name(String($0)) }
  }

  /// `b m k, k n -> b m n`, of names and ellipses only.
  static func arrow(_ inputs: String..., to output: String) -> Pattern {
    Pattern(inputs: inputs.map(names), output: names(output))
  }

  /// `b t [d]`, of names and ellipses before one bracket.
  static func bracket(_ leading: String, _ reduced: String) -> Pattern {
    Pattern(inputs: [names(leading) + [.bracket(names(reduced))]], output: nil)
  }
}

extension OperationExample {
  /// An example that must be accepted.
  static func legal(
    _ operands: [TensorType], _ values: [String: AttributeValue] = [:], pattern: Pattern? = nil,
    indexLimits: [Int: Dimension] = [:], domain: Domain = .signed
  ) -> OperationExample {
    OperationExample(
      operands, Attributes(pattern: pattern, values),
      sizes: sizes(operands, values, indexLimits), indexLimits: indexLimits, domain: domain)
  }

  /// An example that must reach a documented fault.
  static func faulty(
    _ fault: String, _ operands: [TensorType], _ values: [String: AttributeValue] = [:],
    pattern: Pattern? = nil
  ) -> OperationExample {
    OperationExample(
      operands, Attributes(pattern: pattern, values), sizes: sizes(operands, values, [:]),
      fault: fault)
  }

  private static func sizes(
    _ operands: [TensorType], _ values: [String: AttributeValue], _ limits: [Int: Dimension]
  ) -> [Symbol: ClosedRange<Int>] {
    var dimensions = operands.flatMap(\.shape) + limits.values
    for value in values.values {
      if case .dimension(let dimension) = value { dimensions.append(dimension) }
      if case .dimensions(let several) = value { dimensions += several }
    }
    let used = dimensions.reduce(into: Set<Symbol>()) { $0.formUnion($1.symbols) }
    return Samples.sizes.filter { used.contains($0.key) }
  }
}
