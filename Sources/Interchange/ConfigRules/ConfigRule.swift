// ConfigRule: a validator of a `config.json` as it is written, beside the model that it fills.
// Apart from rules of models, because these keys fill no field of any model file.
import Diagnostics
import Language

/// A validator of a `config.json`.
package protocol ConfigRule: Sendable {
  /// The kebab-case id of its findings.
  static var id: String { get }

  /// Everything that the rule finds.
  static func findings(in subject: ConfigSubject) -> [Diagnostic]
}

/// A config and the fields of the family that it names.
package struct ConfigSubject: Sendable {
  package let config: HuggingFaceConfig
  package let fields: [ConfigField]
  /// The families that are known; asked for only when a class is not of the config's own.
  package let families: @Sendable () -> [String]

  package init(
    _ config: HuggingFaceConfig, fields: [ConfigField], families: @escaping @Sendable () -> [String]
  ) {
    self.config = config
    self.fields = fields
    self.families = families
  }
}

/// All rules of configs.
package enum ConfigRuleBook {
  package static var all: [any ConfigRule.Type] {
    [
      TokenOutsideVocabulary.self, DropoutOutOfRange.self, ConfigKeysConflict.self,
      ClassOfAnotherFamily.self, LayerTypesUnknown.self,
    ]
  }

  package static func findings(in subject: ConfigSubject) -> [Diagnostic] {
    all.flatMap { $0.findings(in: subject) }
  }
}
