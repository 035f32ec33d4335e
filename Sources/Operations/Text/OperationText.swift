// OperationText: the text form of an operation with its attributes, and the parser of it.
// `einsum{b m k, k n -> b m n}`: what the printed IR shows before the operands.
import Dimensions
import IR

/// Prints and parses operations.
package enum OperationText {
  /// The name and the attributes in braces.
  package static func print(_ operation: any Operation) -> String {
    operation.name + operation.attributes.description
  }

  /// The operation that was printed.
  ///
  /// - Throws: ``Fault`` of kind `malformed-text` or `unknown-operation`, or what the operation's
  ///   initialiser throws.
  package static func parse(_ text: String) throws(Fault) -> any Operation {
    var scanner = TextScanner(text)
    guard let name = scanner.name() else { throw scanner.unexpected("the name of an operation") }
    guard let type = Catalogue.operation(named: name) else {
      throw Fault("unknown-operation", "there is no operation `\(name)`", found: name)
    }
    var attributes = Attributes()
    if scanner.skip("{") {
      attributes = try parseAttributes(&scanner, of: type.schema)
      try scanner.expect("}")
    }
    guard scanner.next == nil else { throw scanner.unexpected("the end") }
    return try type.init(attributes)
  }

  private static func parseAttributes(
    _ scanner: inout TextScanner, of schema: OperationSchema
  ) throws(Fault) -> Attributes {
    var attributes = Attributes()
    var isFirst = true
    if schema.pattern != .none {
      attributes.pattern = try parsePattern(&scanner)
      isFirst = false
    }
    while scanner.next != "}" {
      if !isFirst { try scanner.expect(",") }
      isFirst = false
      guard let name = scanner.attributeName() else { throw scanner.unexpected("an attribute") }
      guard attributes.values[name] == nil else {
        throw Fault("malformed-text", "the attribute `\(name)` stands twice")
      }
      let known = schema.attributes.first { $0.name == name }
      guard let kind = known?.kind ?? (schema.acceptsSizes ? .dimension : nil) else {
        throw Fault("unknown-attribute", "`\(schema.name)` has no attribute `\(name)`")
      }
      attributes.values[name] = try parseValue(&scanner, as: kind)
    }
    return attributes
  }

  private static func parseValue(
    _ scanner: inout TextScanner, as kind: AttributeSchema.Kind
  ) throws(Fault) -> AttributeValue {
    switch kind {
    case .string: return .string(try scanner.quoted())
    case .dimension: return .dimension(try Dimension.expression(&scanner))
    case .dimensions:
      var list: [Dimension] = []
      try scanner.expect("[")
      while !scanner.skip("]") {
        if !list.isEmpty { try scanner.expect(",") }
        list.append(try Dimension.expression(&scanner))
      }
      return .dimensions(list)
    case .integer, .float, .boolean, .element:
      let word = scanner.word()
      let value: AttributeValue? =
        switch kind {
        case .integer: Int(word).map { .integer($0) }
        case .float: Double(word).map { .float($0) }
        case .boolean: Bool(word).map { .boolean($0) }
        default: ElementType(rawValue: word).map { .element($0) }
        }
      guard let value else {
        throw Fault(
          "malformed-text", "`\(word)` is no \(kind.rawValue)", needs: kind.rawValue, found: word)
      }
      return value
    }
  }

  /// Axis lists and, after an arrow, the result's; ends before the first attribute.
  private static func parsePattern(_ scanner: inout TextScanner) throws(Fault) -> Pattern {
    var inputs = [try parseAxes(&scanner)]
    var ahead = scanner
    while ahead.skip(","), ahead.attributeName() == nil {
      try scanner.expect(",")
      inputs.append(try parseAxes(&scanner))
      ahead = scanner
    }
    let output = scanner.skip("->") ? try parseAxes(&scanner) : nil
    return Pattern(inputs: inputs, output: output)
  }

  private static func parseAxes(_ scanner: inout TextScanner) throws(Fault) -> [PatternAxis] {
    var axes: [PatternAxis] = []
    while true {
      if scanner.skip("...") {
        axes.append(.ellipsis)
      } else if scanner.skip("(") {
        axes.append(.group(try scanner.nested(parseAxes)))
        try scanner.expect(")")
      } else if scanner.skip("[") {
        axes.append(.bracket(try scanner.nested(parseAxes)))
        try scanner.expect("]")
      } else if let digits = scanner.digits() {
        guard let value = Int(digits) else {
          throw Fault("malformed-text", "the size \(digits) is too large")
        }
        axes.append(.number(value))
      } else if let name = scanner.name() {
        axes.append(.name(name))
      } else {
        return axes
      }
    }
  }
}
