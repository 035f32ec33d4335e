// ExpertIntervalUneven: layers with experts at an interval that does not divide the layers.
// Relies on the names that Hugging Face configs have for such an interval.
import Diagnostics
import Language

/// The layers do not divide by the interval at which they have experts.
///
/// With 13 layers and experts in every second one, a family that begins with a plain layer has 6
/// layers with experts and another has 7; programs differ in where they begin, and so in the number
/// of parameters. The rule goes by the names of configs: `decoder_sparse_step`,
/// `moe_layer_frequency` and their kin, beside the number of layers.
///
/// - Example: "decoder_sparse_step": 2 with "num_hidden_layers": 13
/// - Remedy: Choose a number of layers that the interval divides.
/// - Catalogue: A35
enum ExpertIntervalUneven: ConfigRule {
  static let id = "expert-interval-uneven"

  private static let names = [
    "decoder_sparse_step", "encoder_sparse_step", "sparse_step", "moe_layer_freq",
    "moe_layer_frequency", "moe_frequency", "moe_layer_interval", "expert_interval",
    "moe_interval", "expert_layer_period", "moe_every_n_layers", "interleave_moe_layer_step",
  ]

  static func findings(in subject: ConfigSubject) -> [Diagnostic] {
    if let experts = subject.count(["num_experts", "num_local_experts", "n_routed_experts"]),
      experts.value == 0
    {
      return []
    }
    return names.compactMap { name in
      guard let member = subject.config.member(name), let interval = member.node.integer,
        interval > 1
      else { return nil }
      var keys = KeySynonyms.depth
      if name.hasPrefix("encoder") { keys = ["encoder_layers", "num_layers"] + keys }
      if name.hasPrefix("decoder") { keys = ["decoder_layers", "num_decoder_layers"] + keys }
      guard let layers = subject.count(keys), layers.value > 0, layers.value % interval != 0
      else { return nil }
      let (below, rest) = layers.value.quotientAndRemainder(dividingBy: interval)
      let near = [below * interval, (below + 1) * interval].filter { $0 > 0 }
      return Diagnostic(
        id: id, severity: .warning,
        message: "`\(layers.key)` is \(layers.value), which `\(name)` \(interval) does not divide:"
          + " \(below) or \(below + 1) layers have experts, by where the count begins",
        range: subject.config.range(member.node.range),
        facts: [
          .line("\(layers.value) = \(interval) × \(below) + \(rest)"),
          .line(
            "nearest numbers of layers that \(interval) divides: "
              + near.map(String.init).joined(separator: ", ")),
        ],
        notes: layers.range.map { [Note(message: "the layers are counted here", range: $0)] } ?? [])
    }
  }
}
