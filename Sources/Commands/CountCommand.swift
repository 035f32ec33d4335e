// CountCommand: `plumbline count`, the parameters of a model as tables, formulas or JSON.
// The report itself is made in Analysis; here it is asked for and printed.
import Analysis
import IR
import Language
import PlumblineKit

extension Command {
  /// `plumbline count FILE`.
  static var count: Command {
    Command(
      CommandSpecification(
        name: "count", summary: "Count the parameters of a model, by weight or by group",
        operand: .model,
        options: [
          .set,
          OptionSpecification(
            "by", .choice("GROUP", ParameterView.allCases.map(\.rawValue)),
            summary: "divide the total"),
          OptionSpecification("formula", summary: "print the polynomial and its derivation"),
          .reportFormat,
        ],
        example: "plumbline count models/gpt2.model --by embedding")
    ) { (invocation: Invocation) throws(CommandFailure) -> Outcome in
      let view = invocation.arguments.value("by").flatMap(ParameterView.init(rawValue:))
      if view != nil, invocation.arguments.has("formula") {
        throw .usage(UsageError("`--formula` derives the total, and `--by` divides it: choose one"))
      }
      return try invocation.report { _, model in
        let report = CountReport(try ParameterLedger(model.program))
        let decay = decayRule(of: model.plan)
        if invocation.wantsJSON { return try report.json(by: view, decay: decay) }
        if let view { return try report.text(by: view, decay: decay) }
        return invocation.arguments.has("formula") ? report.formula : report.text
      }
    }
  }

  /// What the training plan says of decay; matrices and tables when it says nothing.
  private static func decayRule(of plan: TrainingPlan?) -> DecayRule {
    guard let decay = plan?.decay else { return .rank(atLeast: 2) }
    return .named { name, _ in decay.includes(name) }
  }
}
