// ExpectationChecker+Explanations: how a number comes about that is no sum of parameters.
// Apart from the reports because each kind of claim has its own arithmetic.
import Analysis
import Diagnostics
import Dimensions
import IR
import Language

extension ExpectationChecker {
  /// The arithmetic behind a value, in the words of the plan or the model.
  func explanation(of failure: Failure) -> [Fact] {
    let claim = failure.claim
    if claim.syntax.subjectPath != nil { return staticExplanation(claim) }
    switch claim.syntax.words.map(\.text).joined(separator: " ") {
    case "trainable parameters":
      let sums = ParameterSums(model.program)[model.program.root]
      let frozen = sums.elements - sums.trainable
      return [
        .line(
          "\(grouped(sums.elements)) parameters, of which \(grouped(frozen)) are frozen"
            + " and \(grouped(sums.trainable)) are trained")
      ]
    case "active parameters": return activeExplanation(failure)
    case "optimizer state":
      let trained = ParameterSums(model.program)[model.program.root].trainable
      let moments = model.plan?.optimizer?.moments ?? 2
      return [
        .line(
          "\(grouped(trained)) trained parameters × \(moments) moment\(moments == 1 ? "" : "s")"
            + " × 4 bytes")
      ] + frozenExplanation(failure)
    case "kv cache": return cacheExplanation(failure)
    case "tokens per step":
      guard let plan = model.plan else { return [] }
      var factors = plan.batch.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
      if plan.accumulate != 1 { factors.append("accumulate \(plan.accumulate)") }
      return [.line("the product of " + factors.joined(separator: ", "))]
    case "rate": return rateExplanation(claim)
    case "steps": return shareExplanation(claim)
    case "adapter parameters", "adapted parameters": return adapterExplanation(failure)
    case "flops": return workExplanation(failure)
    default: return []
    }
  }

  /// The place that binds the static name of a claim.
  func definingPlace(of claim: ElaboratedExpectation) -> Note? {
    guard let (name, binding) = staticBinding(claim), let range = binding.range else { return nil }
    return Note(message: "`\(name)` is set here", range: range)
  }

  private func staticExplanation(_ claim: ElaboratedExpectation) -> [Fact] {
    guard let (name, binding) = staticBinding(claim),
      case .expression(let text, .some(let expansion), _) = binding.origin
    else { return [] }
    let head = text == name ? "" : "\(text) = "
    return [.line("\(binding.value.text) = \(head)\(expansion)")]
  }

  private func staticBinding(_ claim: ElaboratedExpectation) -> (String, StaticBinding)? {
    guard let path = claim.syntax.subjectPath, let name = claim.syntax.words.first?.text,
      let place = try? ClaimMeter(model).definition(at: path),
      model.statics.indices.contains(place.definition.index),
      let binding = model.statics[place.definition.index][name]
    else { return nil }
    return (name, binding)
  }

  /// State is kept of what is trained alone.
  private func frozenExplanation(_ failure: Failure) -> [Fact] {
    let sums = ParameterSums(model.program)[model.program.root]
    guard let all = (sums.elements * Dimension(4 * (model.plan?.optimizer?.moments ?? 2))).constant,
      all == failure.claimed,
      sums.trainable != sums.elements
    else { return [] }
    return [
      .line(
        "the claim counts the \(grouped(sums.elements - sums.trainable)) frozen parameters too")
    ]
  }

  /// What is kept of each layer, and the two factors that are forgotten.
  private func cacheExplanation(_ failure: Failure) -> [Fact] {
    guard let cache = KeyValueCache(model.program) else { return [] }
    var facts = cache.derivation.map { Fact.line($0) }
    guard case .count(let count, _) = failure.value, let found = count.constant,
      let claimed = failure.claimed
    else { return facts }
    func isClaim(_ factor: Int) -> Bool {
      found.multipliedReportingOverflow(by: factor) == (claimed, false)
    }
    let sharing = cache.layers.map(\.sharing).max() ?? 1
    if found % 2 == 0, found / 2 == claimed {
      facts.append(.line("the claim counts keys or values, and both are kept"))
    } else if sharing > 1, isClaim(sharing) {
      facts.append(
        .line("the claim counts the heads of the queries, of which \(sharing) share one"))
    } else if claimed > 0, found % 2 == 0, sharing > 1, claimed == found / 2 * sharing {
      facts.append(
        .line("the claim counts the heads of the queries, and keys or values instead of both"))
    }
    return facts
  }

  /// A factor of two between the sides is the usual misunderstanding.
  private func workExplanation(_ failure: Failure) -> [Fact] {
    guard case .count(let count, _) = failure.value, let found = count.constant,
      let claimed = failure.claimed
    else { return [] }
    if found.dividedReportingOverflow(by: 2) == (claimed, false), found % 2 == 0 {
      return [.line("the claim is half of it: one multiply-add counts as two FLOPs")]
    }
    if found.multipliedReportingOverflow(by: 2) == (claimed, false) {
      return [.line("the claim is twice that: one multiply-add counts as two FLOPs")]
    }
    return []
  }

  private func shareExplanation(_ claim: ElaboratedExpectation) -> [Fact] {
    guard let plan = model.plan, let steps = plan.optimizerSteps(in: model.program) else {
      return []
    }
    var facts: [Fact] = []
    if let tokens = plan.tokens, tokens < 1e18, let each = plan.tokensPerStep {
      facts.append(
        .line(
          "\(grouped(Dimension(Int(tokens)))) tokens / \(grouped(Dimension(each))) a step"
            + " = \(Figures.fixed(steps, places: 2))"
        ))
    }
    guard let share = claim.syntax.arguments?.first?.value.number else { return facts }
    facts.append(
      .line(
        "\(share) × \(Figures.fixed(steps, places: 2)) = \(Figures.fixed(share * steps, places: 2))"
      ))
    if let claimed = claim.value.asDouble, (claimed - steps).magnitude < 1 {
      facts.append(.line("the claim is the whole run"))
    }
    return facts
  }

  /// What a wrong count of an adapter could be: the number alone does not decide.
  private func adapterExplanation(_ failure: Failure) -> [Fact] {
    guard let claimed = failure.claimed, let inventory = try? ModuleInventory(model.program)
    else { return [] }
    let search = TotalSearch(claimed, in: inventory)
    let answers = search.singles + search.pairs
    guard !answers.isEmpty else { return [.line("no adapter of any rank gives \(claimed)")] }
    var facts: [Fact] = [
      .line(
        "\(grouped(Dimension(claimed))) could be, on \(grouped(Dimension(search.base))) weights:"
      )
    ]
    facts += answers.prefix(12).map { .continuation($0.line) }
    if answers.count > 12 || search.hasMorePairs {
      facts.append(
        .continuation("and \(answers.count - 12) more: plumbline lora --explain-total \(claimed)"))
    }
    return facts
  }

  private func rateExplanation(_ claim: ElaboratedExpectation) -> [Fact] {
    guard let argument = claim.syntax.arguments?.first(where: { $0.label?.text == "at" }),
      case .integer(.some(let step), _) = argument.value.kind,
      let phase = model.plan?.schedule.first(where: { $0.end.map { step < $0 } ?? true })
    else { return [] }
    let end = phase.end.map { ", until step \($0)" } ?? ""
    return [.line("step \(step) is in `\(phase.kind)`, from step \(phase.start)\(end)")]
  }

  private func grouped(_ count: Dimension) -> String { Figures.grouped(count, by: "_") }
}
