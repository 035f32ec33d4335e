// CommonFaults: the faults that every operation can raise, and the checks that raise them.
// Apart so that an operation's own file speaks of its own rules only.
import Dimensions
import IR

/// Faults that an operation's schema does not list because all operations share them.
package enum CommonFaults {
  /// Each kind and when it is raised.
  package static let all: [String: String] = [
    "operand-count": "more or fewer operands than the operation takes",
    "operand-kind": "an operand of a kind that the operation does not take",
    "missing-attribute": "an attribute without a default is left out",
    "unknown-attribute": "an attribute that the operation does not have",
    "attribute-kind": "an attribute whose value is of another kind, or not a number",
    "missing-pattern": "an operation with a pattern is given none",
    "unexpected-pattern": "an operation without a pattern is given one",
    "size-overflow": "a dimension is too large to be represented",
  ]
}

extension OperationSchema {
  /// The attributes in the kinds that the schema names: `4` for a dimension becomes a dimension.
  ///
  /// - Throws: ``Fault`` for a pattern or an attribute that is missing, unknown or of another kind.
  func checked(_ given: Attributes) throws(Fault) -> Attributes {
    if pattern == .none, given.pattern != nil {
      throw Fault("unexpected-pattern", "`\(name)` takes no pattern")
    }
    if pattern != .none, given.pattern == nil {
      throw Fault("missing-pattern", "`\(name)` needs a pattern")
    }
    var result = Attributes(pattern: given.pattern)
    for (key, value) in given.values.sorted(by: { $0.key < $1.key }) {
      let known = attributes.first { $0.name == key }
      guard let kind = known?.kind ?? (acceptsSizes ? .dimension : nil) else {
        throw Fault("unknown-attribute", "`\(name)` has no attribute `\(key)`")
      }
      guard let converted = value.converted(to: kind) else {
        throw Fault("attribute-kind", "attribute `\(key)` of `\(name)` needs a \(kind.rawValue)")
      }
      guard converted.isDefined else {
        throw Fault("size-overflow", "attribute `\(key)` of `\(name)` is too large")
      }
      result.values[key] = converted
    }
    for attribute in attributes where !attribute.optional && result.values[attribute.name] == nil {
      throw Fault("missing-attribute", "`\(name)` needs the attribute `\(attribute.name)`")
    }
    return result
  }

  /// - Throws: ``Fault`` when the operands are too many, too few or of a wrong kind.
  func check(_ given: [TensorType]) throws(Fault) {
    let least = operands.count { !$0.optional }
    guard given.count >= least, variadic || given.count <= operands.count else {
      let needed = least == operands.count && !variadic ? "\(least)" : "at least \(least)"
      throw Fault(
        "operand-count", "`\(name)` takes \(needed) operands, found \(given.count)",
        needs: "\(needed) operands", found: "\(given.count)")
    }
    for (index, type) in given.enumerated() {
      guard let operand = index < operands.count ? operands[index] : operands.last else { return }
      guard operand.kinds.contains(type.element.kind) else {
        let needed = operand.kinds.map(\.rawValue).joined(separator: " or ")
        throw Fault(
          "operand-kind",
          "`\(operand.name)` of `\(name)` needs \(needed) elements, found \(type.element.rawValue)",
          operand: index, needs: needed, found: type.element.rawValue)
      }
      guard type.shape.allSatisfy(\.isDefined) else {
        throw Fault(
          "size-overflow", "a dimension of `\(operand.name)` is too large", operand: index,
          found: type.shapeText)
      }
    }
  }
}

extension AttributeValue {
  /// The same value in another kind that says the same; `nil` when it has none.
  fileprivate func converted(to kind: AttributeSchema.Kind) -> AttributeValue? {
    switch (kind, self) {
    case (.integer, .integer), (.boolean, .boolean), (.string, .string), (.element, .element),
      (.dimension, .dimension), (.dimensions, .dimensions):
      self
    case (.float, .float(let value)): value.isNaN ? nil : self
    case (.float, .integer(let value)): .float(Double(value))
    case (.dimension, .integer(let value)): .dimension(Dimension(value))
    case (.integer, .dimension(let value)): value.constant.map { .integer($0) }
    default: nil
    }
  }

  /// False for a dimension that overflowed.
  fileprivate var isDefined: Bool {
    switch self {
    case .dimension(let value): value.isDefined
    case .dimensions(let values): values.allSatisfy(\.isDefined)
    default: true
    }
  }
}

/// An attribute that the schema has already demanded.
func required<Value>(_ value: Value?, _ name: String) throws(Fault) -> Value {
  guard let value else { throw Fault("missing-attribute", "the attribute `\(name)` is missing") }
  return value
}

/// An attribute that names one of a few words.
func word<Word: RawRepresentable<String> & CaseIterable>(
  _ attributes: Attributes, _ name: String, as kind: Word.Type
) throws(Fault) -> Word {
  let text = try required(attributes.string(name), name)
  guard let word = Word(rawValue: text) else {
    let known = Word.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    throw Fault(
      "unknown-\(name)", "`\(name)` is \"\(text)\", expected one of \(known)", needs: known,
      found: "\"\(text)\"")
  }
  return word
}
