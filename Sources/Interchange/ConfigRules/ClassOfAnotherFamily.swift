// ClassOfAnotherFamily: a config whose class and whose `model_type` speak of two architectures.
// Relies on how transformers names its classes; see ModelClass.
import Diagnostics
import Language

/// `architectures` names a class of another family than `model_type`.
///
/// Loaders disagree about which of the two to believe: the automatic classes of transformers go by
/// `model_type`, servers and converters by the class. Mostly one of the two was edited and the other
/// left. Only classes of families that are known here are judged; any other class may be somebody's
/// own.
///
/// - Example: "model_type": "llama" with "architectures": ["GPT2LMHeadModel"]
/// - Remedy: Correct the one that does not belong to the weights.
/// - Catalogue: beyond it
enum ClassOfAnotherFamily: ConfigRule {
  static let id = "class-of-another-family"

  static func findings(in subject: ConfigSubject) -> [Diagnostic] {
    guard let type = subject.config.member("model_type"), let own = type.node.string,
      let classes = subject.config.member("architectures")?.node.elements
    else { return [] }
    return classes.compactMap { node in
      guard let name = node.string else { return nil }
      let plain = ModelClass.plain(own)
      let stem = ModelClass(name).stem
      // `Gemma3ForCausalLM` belongs to `gemma3_text`.
      guard !stem.isEmpty, !plain.hasPrefix(stem),
        let other = ModelClass(name).family(among: subject.families())
      else { return nil }
      return Diagnostic(
        id: id, severity: .warning,
        message: "`\(name)` is a class of `\(other)`, but `model_type` is `\(own)`",
        range: subject.config.range(node.range),
        notes: [
          Note(
            message: "the family is read from here", range: subject.config.range(type.node.range))
        ])
    }
  }
}
