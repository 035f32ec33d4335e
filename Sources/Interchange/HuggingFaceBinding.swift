// HuggingFaceBinding: the values that a `config.json` gives to the config fields of a model file.
// Apart from HuggingFaceConfig because here types are judged, and misspelt keys are found.
import Diagnostics
import Language

/// Overrides from a config, each pointing at its value, and what is wrong with the config.
package struct HuggingFaceBinding: Sendable {
  /// A key of the config and the field that it fills.
  package struct Reading: Hashable, Sendable {
    /// The path that the model file names.
    package let key: Name
    package let field: ConfigField
    package let value: SourceRange
  }

  package private(set) var overrides: [ConfigOverride] = []
  package private(set) var diagnostics: [Diagnostic] = []
  /// What was read, in the order of the fields.
  package private(set) var readings: [Reading] = []
  /// Whether some value is of no use, so that its field is not what the config means.
  package private(set) var lacksValues = false
  /// The keys of the config's own object that a field could be filled from.
  package let keys: Set<String>

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
    keys = Set(fields.flatMap { $0.keys.map { HuggingFaceConfig.outermost(of: $0.text) } })
    var kinds: [String: ConfigKind] = [:]
    var unfilled: [ConfigField] = []
    for field in fields {
      let kind = ConfigKind(field, known: kinds)
      kinds[field.name.text] = kind
      let found = field.keys.lazy.compactMap { key in
        config.member(at: key.text).map { (key, $0) }
      }
      guard let (key, member) = found.first else {
        unfilled.append(field)
        continue
      }
      readings.append(
        Reading(key: key, field: field, value: config.range(member.node.range)))
      bind(field, kind, member)
    }
    reportMisspelt(unfilled, kinds, family: family)
    reportDuplicates(known: keys)
  }

  private mutating func bind(_ field: ConfigField, _ kind: ConfigKind, _ member: JSONMember) {
    let range = config.range(member.node.range)
    if member.node.isNull {
      if field.acceptsNone {
        overrides.append(ConfigOverride(name: field.name.text, value: .none, range: range))
      } else if field.type == nil, kind.needsValue(field.value) {
        refuse(member, kind)
      }
      return
    }
    if case .number(let text, _, nil) = member.node.value, kind == .integer,
      !text.contains(where: { ".eE".contains($0) })
    {
      refuse(member, "`\(member.key)` does not fit a 64-bit number")
      return
    }
    guard let value = kind.value(of: member.node) else { return refuse(member, kind) }
    if case .integer(let number, _) = value, number < 0, !field.value.isNegated {
      let zero = "no size or count is below zero"
      refuse(member, "`\(member.key)` is \(number), but \(zero)")
      return
    }
    overrides.append(ConfigOverride(name: field.name.text, value: value, range: range))
  }

  /// A number that no model could have.
  private mutating func refuse(_ member: JSONMember, _ message: String) {
    lacksValues = true
    diagnostics.append(
      Diagnostic(
        id: "config-out-of-range", message: message, range: config.range(member.node.range),
        notes: [readingNote].compactMap { $0 }))
  }

  /// A value of another kind than the field's.
  private mutating func refuse(_ member: JSONMember, _ kind: ConfigKind) {
    let range = config.range(member.node.range)
    var diagnostic = Diagnostic(
      id: "config-wrong-type",
      message: "`\(member.key)` must be \(kind.rawValue), found \(member.node.kind)",
      range: range, notes: [readingNote].compactMap { $0 })
    let meant = kind.meant(by: member.node)
    lacksValues = lacksValues || meant == nil
    if let text = member.node.string, kind.accepts(text) {
      diagnostic.fixes = [
        FixIt(
          message: "write \(text) without quotes (\(FixEffect.model.summary))",
          edits: [Edit(range: range, replacement: text)], effect: .model)
      ]
    } else if kind == .integer, let whole = member.node.double.flatMap({ Int(exactly: $0) }) {
      // `12.0` reaches Python as a float, of which no layer can be made.
      diagnostic.fixes = [
        FixIt(
          message: "write \(whole) without a fraction (\(FixEffect.model.summary))",
          edits: [Edit(range: range, replacement: "\(whole)")], effect: .model)
      ]
    } else if member.node.isNull {
      diagnostic.fixes = [
        FixIt(
          message: "leave the key out, so that the default is taken, or write \(kind.rawValue)",
          effect: .none)
      ]
    }
    diagnostics.append(diagnostic)
    // What else is wrong is found with the value that the fix writes.
    if let meant, let field = readings.last?.field {
      overrides.append(ConfigOverride(name: field.name.text, value: meant, range: range))
    }
  }

  /// Which line of the model file reads the value at hand.
  private var readingNote: Note? {
    guard let reading = readings.last else { return nil }
    return Note(
      message: "the architecture reads it into `\(reading.field.name.text)` here",
      range: reading.key.range)
  }

  /// A key that nothing reads, next to one that is missing: the reader would silently take the
  /// default for it.
  ///
  /// The field is filled all the same, as it was meant: what else is wrong shall be found too.
  private mutating func reportMisspelt(
    _ unfilled: [ConfigField], _ kinds: [String: ConfigKind], family: String
  ) {
    var filled: Set<String> = []
    let missing = unfilled.flatMap { field in
      field.keys.map { key in
        (key: key, outermost: HuggingFaceConfig.outermost(of: key.text), field: field.name.text)
      }
    }
    guard !missing.isEmpty else { return }
    let candidates = NearKey(missing.map(\.outermost))
    for member in config.members where !keys.contains(member.key) {
      guard let near = candidates.match(member.key),
        let (key, _, field) = missing.first(where: { $0.outermost == near })
      else { continue }
      let range = config.range(member.keyRange)
      diagnostics.append(
        Diagnostic(
          id: "misspelt-config-key",
          message: "`\(member.key)` is no key of `\(family)`; did you mean `\(near)`?",
          range: range,
          facts: [.line("without `\(near)`, the field `\(field)` keeps its default")],
          notes: [Note(message: "the architecture reads `\(near)` here", range: key.range)],
          fixes: [
            FixIt(
              message: "write `\(near)` (\(FixEffect.model.summary))",
              edits: [Edit(range: range, replacement: JSONText.quoted(near))], effect: .model)
          ]))
      guard let meant = unfilled.first(where: { $0.name.text == field }), key.text == near,
        !member.node.isNull, filled.insert(field).inserted
      else { continue }
      readings.append(
        Reading(key: key, field: meant, value: config.range(member.node.range)))
      bind(meant, kinds[field] ?? .any, member)
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

  /// Whether `null` can't stand for this default of a field without a declared type.
  ///
  /// A class replaces `null` only where it works the default out; a plain number or word stays away
  /// and is missed when the layers are made. A model file says that `null` means its plain default
  /// by declaring the field's type.
  func needsValue(_ preset: Expression) -> Bool {
    switch preset.kind {
    case .integer, .float, .boolean, .string: true
    case .parenthesized(let inner), .unary(.negate, let inner): needsValue(inner)
    default: false
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

  /// The value that a number in quotes, or with a fraction of zero, was written for.
  func meant(by node: JSONNode) -> StaticValue? {
    switch self {
    case .integer:
      (node.string.flatMap { Int($0) } ?? node.double.flatMap { Int(exactly: $0) })
        .map { .literal($0) }
    case .float: node.string.flatMap { Double($0) }.flatMap { $0.isFinite ? .float($0) : nil }
    case .boolean: node.string.flatMap { Bool($0) }.map { .boolean($0) }
    case .string, .list, .any: nil
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
