// FinalNormMissing: the stream of a pre-norm model goes to the head as it is.
// The reverse, a norm of what was just normalised, is a rule of its own.
import Diagnostics
import Dimensions
import IR

/// The head reads the stream of a model that normalises before each branch, without a last norm.
///
/// In a pre-norm model every branch adds to a stream that nothing normalises, so its variance grows
/// with the number of layers; the norm before the head (`ln_f` in GPT-2) sets it back. Without it
/// logits and loss start far too large. The rule follows the graph back from a layer that makes an
/// output of the model: it reads a sum, one side of which came through a norm and the other not.
/// A model that ends in the stream itself is a part of something, and stays silent.
///
/// - Example: return lm_head(h(x)) where the layers of h compute x + attn(ln_1(x))
/// - Remedy: Normalise before the head: lm_head(ln_f(h(x))).
/// - Catalogue: A27
enum FinalNormMissing: Rule {
  static let id = "final-norm-missing"

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    subject.heads.compactMap { head in
      guard case .sum(isPreNorm: true) = head.operand else { return nil }
      return finding(
        "the head reads the stream without a norm, and each branch before it has one",
        at: head.site.range,
        facts: [
          "every layer adds to the stream after normalising only what its branch reads",
          "so the size of the stream, and of the logits, grows with the number of layers",
        ])
    }
  }
}

extension RuleSubject {
  /// The layers that make an output of the model.
  var heads: [LayerSite] {
    guard let graph else { return [] }
    return graph.outputs.flatMap { output -> [LayerSite] in
      guard case .layer(let layer) = output.maker else { return [] }
      let same = graph.sites.layers.filter { $0.weight == layer.weight }
      let here = same.filter { $0.site.range == layer.place }
      return here.isEmpty ? same : here
    }
  }
}
