// TokensPerParameterUnusual: the amount of text does not fit the size of the model.
// A rule of thumb and no law: it speaks only ten times beyond it, and only of whole models.
import Diagnostics
import Language

/// The plan reads far more or far fewer tokens than the model's size asks for.
///
/// For a given budget of work the loss is lowest near 20 tokens a parameter (Hoffmann et al. 2022,
/// arXiv 2203.15556). Ten times more is a warning: the model is too small for its text, which may
/// be meant to make it cheap to use. Ten times less is a note, as a model that starts from trained
/// weights needs no more. A plan without `data … tokens`, or with frozen weights, says too little
/// to judge.
///
/// - Example: data 300_000_000_000 tokens for 124_439_808 parameters: 2_411 tokens a parameter
/// - Remedy: Change the data or the model, or allow it with the reason: cheap inference, fine-tuning.
/// - Catalogue: T17
enum TokensPerParameterUnusual: Rule {
  static let id = "tokens-per-parameter-unusual"
  static let usual = 20.0

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let plan = subject.plan, plan.dataUnit == "tokens", var tokens = plan.tokens,
      let parameters = subject.ledger?.totals.total, parameters > 0, subject.trainsEverything
    else { return [] }
    var derivation = "\(subject.grouped(tokens)) tokens"
    if plan.lengthUnit == "steps", let steps = plan.length, let each = plan.tokensPerStep {
      tokens = Double(steps) * Double(each)
      derivation =
        "\(subject.grouped(steps)) steps × \(subject.grouped(each)) tokens"
        + " = \(subject.grouped(tokens)) tokens"
    }
    guard tokens > 0 else { return [] }
    let ratio = tokens / Double(parameters)
    let isHigh = ratio > usual * 10
    guard isHigh || ratio < usual / 10 else { return [] }
    let shown =
      ratio >= 10 ? subject.grouped(ratio.rounded()) : "\((ratio * 1000).rounded() / 1000)"
    var facts = [
      "\(derivation) / \(subject.grouped(parameters)) parameters = \(shown) tokens a parameter"
    ]
    let fitting = Double(parameters) * usual
    var usualText = "20 tokens a parameter are \(subject.grouped(fitting)) tokens"
    if let each = plan.tokensPerStep, each > 0 {
      let steps = (fitting / Double(each)).rounded(.up)
      usualText += ", \(subject.grouped(steps)) steps of \(subject.grouped(each))"
    }
    facts.append(usualText)
    var result = finding(
      "\(shown) tokens a parameter, where about 20 are usual", at: subject.line("data"),
      facts: facts)
    result.severity = isHigh ? .warning : .note
    return [result]
  }
}
