// ClaimValue+Plans: claims about parts of a run and about adapters that a study makes.
// Apart from the meter, which measures the model as it is.
import Diagnostics
import Dimensions
import Language

extension ClaimMeter {
  /// `steps(share: 0.1)`: a part of the run, as one of the whole numbers next to it.
  func share(_ claim: ElaboratedExpectation, _ plan: TrainingPlan) throws(ClaimFault) -> ClaimValue
  {
    guard let argument = claim.syntax.arguments?.first(where: { $0.label?.text == "share" }),
      claim.syntax.arguments?.count == 1, let share = argument.value.number, (0...1) ~= share
    else {
      throw ClaimFault(
        id: "unknown-claim",
        message: "`steps` takes a share of the run from 0 to 1, as in `steps(share: 0.1)`",
        range: claim.syntax.subjectRange)
    }
    guard let steps = plan.optimizerSteps(in: model.program) else {
      throw ClaimFault(
        id: "claim-undecided",
        message: "`steps` needs `batch` and `data … tokens`, or `steps`, in the train section",
        range: claim.syntax.subjectRange)
    }
    let part = steps * share
    // A run has whole steps: people round a share down, up or to the nearest.
    if let claimed = claim.value.integerValue, (Double(claimed) - part).magnitude < 1 {
      return .count(Dimension(claimed), derivation: nil)
    }
    return .number(part)
  }

  /// `adapter parameters(rank: 4, targets: "attn.c_attn, attn.c_proj")`, by PEFT's rules.
  func adapter(
    _ claim: ElaboratedExpectation, counts: KeyPath<AdapterCounts, Int>
  ) throws(ClaimFault) -> ClaimValue {
    var description = AdapterDescription()
    for argument in claim.syntax.arguments ?? [] {
      switch (argument.label?.text, argument.value.kind) {
      case ("rank", .integer(.some(let rank), _)):
        description.rank = Placed(rank, argument.value.range)
      case ("targets", .string(let text)):
        let names = text.split(separator: ",").map { $0.filter { $0 != " " } }
        description.targets = .names(.suffixes(names.map { Placed($0, argument.value.range) }))
      default:
        throw ClaimFault(
          id: "unknown-claim",
          message: "an adapter is given by `rank` and `targets`, as in"
            + " `(rank: 4, targets: \"c_attn, c_proj\")`", range: argument.value.range)
      }
    }
    guard let inventory = try? ModuleInventory(model.program),
      let subject = try? AdapterSubject(description, on: inventory), let found = subject.counts
    else {
      throw ClaimFault(
        id: "claim-undecided", message: "these targets name no layer that can be adapted",
        range: claim.syntax.subjectRange)
    }
    return .count(Dimension(found[keyPath: counts]), derivation: nil)
  }
}
