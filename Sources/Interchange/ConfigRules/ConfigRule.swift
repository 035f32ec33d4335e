// ConfigRule: a validator of a `config.json` as it is written, beside the model that it fills.
// Apart from rules of models, because these keys fill no field of any model file.
import Diagnostics
import Language

/// A validator of a `config.json`.
package protocol ConfigRule: Sendable {
  /// The kebab-case id of its findings.
  static var id: String { get }

  /// Whether findings advise on what trained weights have settled.
  static var isAdvice: Bool { get }

  /// Everything that the rule finds.
  static func findings(in subject: ConfigSubject) -> [Diagnostic]
}

extension ConfigRule {
  package static var isAdvice: Bool { false }
}

/// A config and the fields of the family that it names.
package struct ConfigSubject: Sendable {
  package let config: HuggingFaceConfig
  package let fields: [ConfigField]
  /// The families that are known; asked for only when a class is not of the config's own.
  package let families: @Sendable () -> [String]
  /// The `generation_config.json` beside the config.
  package let generation: HuggingFaceConfig?
  /// The bytes of another file beside the config; asked for only by rules that need one.
  package let beside: @Sendable (String) -> [UInt8]?

  package init(
    _ config: HuggingFaceConfig, fields: [ConfigField], generation: HuggingFaceConfig? = nil,
    families: @escaping @Sendable () -> [String],
    beside: @escaping @Sendable (String) -> [UInt8]? = { _ in nil }
  ) {
    self.config = config
    self.fields = fields
    self.generation = generation
    self.families = families
    self.beside = beside
  }

  /// The field that reads one of these keys of the config's own object.
  func field(reading keys: [String]) -> ConfigField? {
    fields.first { field in field.keys.contains { keys.contains($0.text) } }
  }

  /// A count under the first of these keys that is there, or else the family's default for it.
  ///
  /// - Returns: the count, and its place when the config gives it.
  func count(_ keys: [String]) -> (value: Int, key: String, range: SourceRange?)? {
    for key in keys {
      guard let member = config.member(key), let value = member.node.integer else { continue }
      return (value, key, config.range(member.node.range))
    }
    guard let field = field(reading: keys), case .integer(.some(let value), _) = field.value.kind,
      let key = field.keys.first?.text
    else { return nil }
    return (value, key, nil)
  }
}

/// All rules of configs.
package enum ConfigRuleBook {
  package static var all: [any ConfigRule.Type] {
    [
      TokenOutsideVocabulary.self, DropoutOutOfRange.self, ConfigKeysConflict.self,
      ClassOfAnotherFamily.self, LayerTypesUnknown.self, KeyOfAnotherFamily.self,
      KeyGroupsUnclear.self, GenerationBeyondPositions.self, RowsWithoutToken.self,
      ExpertIntervalUneven.self, SharedVocabulariesDiffer.self,
    ]
  }

  /// Whether the findings of an id advise on what trained weights have settled.
  package static func isAdvice(_ id: String) -> Bool {
    all.contains { $0.id == id && $0.isAdvice }
  }

  package static func findings(in subject: ConfigSubject) -> [Diagnostic] {
    all.flatMap { $0.findings(in: subject) }
  }
}
