// HuggingFaceBinding: the values that a `config.json` gives to the config fields of a model file.
// Apart from HuggingFaceConfig because here types are judged, and misspelt keys are found.
import Diagnostics
import Language

/// Overrides from a config, each pointing at its value, and what is wrong with the config.
package struct HuggingFaceBinding: Sendable {
  package private(set) var overrides: [ConfigOverride] = []
  package private(set) var diagnostics: [Diagnostic] = []

  private let config: HuggingFaceConfig

  /// Fills fields from a config: of the keys of a field the first that is there wins, and `null`
  /// leaves the field its default.
  ///
  /// - Parameters:
  ///   - config: the keys and values.
  ///   - fields: the fields of the model, in order.
  ///   - family: the family's name, for messages.
  package init(_ config: HuggingFaceConfig, to fields: [ConfigField], family: String) {
    self.config = config
    var kinds: [String: ConfigKind] = [:]
    var unfilled: [ConfigField] = []
    for field in fields {
      let kind = ConfigKind(field, known: kinds)
      kinds[field.name.text] = kind
      guard let member = field.keys.lazy.compactMap({ config.member(at: $0.text) }).first else {
        unfilled.append(field)
        continue
      }
      bind(field, kind, member)
    }
    let known = Set(fields.flatMap { $0.keys.map { HuggingFaceConfig.outermost(of: $0.text) } })
    reportMisspelt(unfilled, known: known, family: family)
    reportDuplicates(known: known)
  }

  private mutating func bind(_ field: ConfigField, _ kind: ConfigKind, _ member: JSONMember) {
    let range = config.range(member.node.range)
    if member.node.isNull {
      guard field.acceptsNone else { return }
      overrides.append(ConfigOverride(name: field.name.text, value: .none, range: range))
      return
    }
    if case .number(let text, _, nil) = member.node.value, kind == .integer,
      !text.contains(where: { ".eE".contains($0) })
    {
      diagnostics.append(
        Diagnostic(
          id: "config-out-of-range", message: "`\(member.key)` does not fit a 64-bit number",
          range: range))
      return
    }
    guard let value = kind.value(of: member.node) else {
      var diagnostic = Diagnostic(
        id: "config-wrong-type",
        message: "`\(member.key)` must be \(kind.rawValue), found \(member.node.kind)",
        range: range)
      if let text = member.node.string, kind.accepts(text) {
        diagnostic.fixes = [
          FixIt(
            message: "write \(text) without quotes (\(FixEffect.model.summary))",
            edits: [Edit(range: range, replacement: text)], effect: .model)
        ]
      }
      diagnostics.append(diagnostic)
      return
    }
    if case .integer(let number, _) = value, number < 0, !field.value.isNegated {
      diagnostics.append(
        Diagnostic(
          id: "config-out-of-range",
          message: "`\(member.key)` is \(number), but no size or count is below zero",
          range: range))
      return
    }
    overrides.append(ConfigOverride(name: field.name.text, value: value, range: range))
  }

  /// A key that nothing reads, next to one that is missing: the reader would silently take the
  /// default for it.
  private mutating func reportMisspelt(
    _ unfilled: [ConfigField], known: Set<String>, family: String
  ) {
    let missing = unfilled.flatMap { field in field.keys.map { ($0.text, field.name.text) } }
    let candidates = missing.map(\.0)
    guard !candidates.isEmpty else { return }
    for member in config.members where !known.contains(member.key) {
      guard let near = Nearest.match(member.key, in: candidates),
        let field = missing.first(where: { $0.0 == near })?.1
      else { continue }
      let range = config.range(member.keyRange)
      diagnostics.append(
        Diagnostic(
          id: "misspelt-config-key",
          message: "`\(member.key)` is no key of `\(family)`; did you mean `\(near)`?",
          range: range,
          facts: [.line("without `\(near)`, the field `\(field)` keeps its default")],
          fixes: [
            FixIt(
              message: "write `\(near)` (\(FixEffect.model.summary))",
              edits: [Edit(range: range, replacement: JSONText.quoted(near))], effect: .model)
          ]))
    }
  }

  private mutating func reportDuplicates(known: Set<String>) {
    for duplicate in config.duplicates {
      diagnostics.append(
        Diagnostic(
          id: "duplicate-config-key",
          severity: known.contains(duplicate.key) ? .error : .warning,
          message: "`\(duplicate.key)` is given twice, and readers take the last",
          range: config.range(duplicate.second),
          notes: [Note(message: "it is first given here", range: config.range(duplicate.first))]))
    }
  }
}

/// What a config field holds, as its type or its default says.
private enum ConfigKind: String {
  case integer = "a whole number"
  case float = "a number"
  case boolean = "true or false"
  case string = "a text"
  case list = "a list"
  /// Nothing is said, as for a default of `none`.
  case any = "a value"

  init(_ field: ConfigField, known: [String: ConfigKind]) {
    switch field.type?.text {
    case "Int", "Dim": self = .integer
    case "Float": self = .float
    case "Bool": self = .boolean
    case "String": self = .string
    default: self = ConfigKind(field.value, known: known)
    }
  }

  private init(_ expression: Expression, known: [String: ConfigKind]) {
    switch expression.kind {
    case .integer: self = .integer
    case .float, .infinity: self = .float
    case .boolean: self = .boolean
    case .string: self = .string
    case .list: self = .list
    case .name(let name): self = known[name] ?? .any
    case .parenthesized(let inner), .unary(.negate, let inner):
      self = ConfigKind(inner, known: known)
    case .binary(let symbol, let left, let right):
      let kinds = [ConfigKind(left, known: known), ConfigKind(right, known: known)]
      if symbol.isComparison || symbol == .and || symbol == .or {
        self = .boolean
      } else if kinds.contains(.float) {
        self = .float
      } else {
        self = kinds.contains(.integer) ? .integer : .any
      }
    default: self = .any
    }
  }

  func value(of node: JSONNode) -> StaticValue? {
    switch self {
    case .integer: node.integer.map { .literal($0) }
    case .float: node.double.map { .float($0) }
    case .boolean: node.bool.map { .boolean($0) }
    // Of a list of texts, such as `architectures`, the first is meant.
    case .string: (node.string ?? node.elements?.first?.string).map { .string($0) }
    case .list: node.elements.flatMap(Self.list)
    case .any: Self.anything(node)
    }
  }

  /// Whether a text spells a value of this kind.
  func accepts(_ text: String) -> Bool {
    switch self {
    case .integer: Int(text) != nil
    case .float: Double(text)?.isFinite == true
    case .boolean: text == "true" || text == "false"
    case .string, .list, .any: false
    }
  }

  private static func list(_ elements: [JSONNode]) -> StaticValue? {
    let values = elements.compactMap(anything)
    return values.count == elements.count ? .list(values) : nil
  }

  private static func anything(_ node: JSONNode) -> StaticValue? {
    switch node.value {
    case .null: StaticValue.none
    case .bool(let value): .boolean(value)
    case .number(_, let double, let integer): integer.map { .literal($0) } ?? .float(double)
    case .string(let text): .string(text)
    case .array(let elements): list(elements)
    case .object: nil
    }
  }
}

extension Expression {
  /// Whether the default is a negative number, so that a negative one is no surprise.
  fileprivate var isNegated: Bool {
    if case .unary(.negate, _) = kind { true } else { false }
  }
}
