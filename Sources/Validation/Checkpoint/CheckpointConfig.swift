// CheckpointConfig: what the rules need to know of the config beside a checkpoint.
// Apart from the subject, because it is made where configs are read and models are elaborated.
import Diagnostics
import Dimensions
import Language

/// The config beside a checkpoint.
package struct CheckpointConfig: Sendable {
  /// A field of the family that a key fills.
  package struct Field: Hashable, Sendable {
    /// The name in the family's file, which is the symbol of its formulas.
    package var name: String
    /// The key that fills it, or would.
    package var key: String
    /// The value of an integer field.
    package var value: Int?
    /// Where the value stands; nil when the config leaves the field its default.
    package var range: SourceRange?

    package init(name: String, key: String, value: Int?, range: SourceRange?) {
      self.name = name
      self.key = key
      self.value = value
      self.range = range
    }
  }

  /// A text of the config and where it stands.
  package struct Text: Hashable, Sendable {
    package var text: String
    package var range: SourceRange?

    package init(text: String, range: SourceRange?) {
      self.text = text
      self.range = range
    }
  }

  /// What to elaborate the family with.
  package enum Variant: Sendable {
    /// The config with other values of some fields.
    case changed([String: StaticValue])
    /// The config with every integer field set to the value that it has, so that formulas are in
    /// its name even where the config leaves it its default.
    case spelled
    /// The family's defaults spelled out, for a config that makes no sound model.
    case defaults
  }

  /// The integer fields that keys fill.
  package var fields: [Field]
  /// The fields that are true or false and that keys fill; 1 is true.
  package var switches: [Field] = []
  /// The present integers of all fields, also of those that no key fills.
  package var values: [Symbol: Int] = [:]
  /// Whether a range lies in a file that a user may edit.
  package var isEditable: Bool
  /// Whether the config makes a sound model.
  package var isSound = true
  /// `torch_dtype`, or `dtype` as newer versions say.
  package var type: Text?
  /// The first of `architectures`.
  package var architecture: Text?
  /// The field that the class fills, and the classes that the family's file speaks of.
  package var classField: String?
  package var classes: [String] = []
  /// `tie_word_embeddings`, when it is given.
  package var tie: Text?
  /// `quant_method` of `quantization_config`.
  package var quantisation: String?
  /// Bits of one quantised element, when the config says.
  package var quantisedBits: Int?
  /// `num_nextn_predict_layers`: layers behind the last that predict further tokens.
  package var furtherLayers = 0
  /// The model of a variant; nil when there is none, or one with errors where it has to be sound.
  package var elaborate: @Sendable (Variant) -> ElaboratedModel?

  package init(
    fields: [Field], isEditable: Bool, elaborate: @escaping @Sendable (Variant) -> ElaboratedModel?
  ) {
    self.fields = fields
    self.isEditable = isEditable
    self.elaborate = elaborate
  }

  package func field(_ name: String) -> Field? { (fields + switches).first { $0.name == name } }

  /// What a user calls a field: its key.
  package func key(_ symbol: Symbol) -> String { field(symbol.name)?.key ?? symbol.name }
}
