// FlopsCommand: `plumbline flops`, the FLOPs of a model as tools and papers count them.
// The counting is Analysis's; here the backward pass is asked for and the report printed.
import Analysis
import Autodiff
import Dimensions
import IR
import PlumblineKit

extension Command {
  /// `plumbline flops FILE`.
  static var flops: Command {
    Command(
      CommandSpecification(
        name: "flops", summary: "Count the FLOPs of a model by operator, as tools count them",
        operand: .model,
        options: [
          .set,
          OptionSpecification(
            "backward", summary: "count the backward pass of the loss, or of the first result"),
          OptionSpecification(
            "convention", .choice("NAME", CountingConvention.names),
            summary: "who counts; others than torch are explained against it"),
          OptionSpecification(
            "attention", .choice("FORM", AttentionForm.allCases.map(\.rawValue)),
            summary: "two products, or the fused call of a processor or a kernel"),
          OptionSpecification(
            "by", .choice("VIEW", FlopsReport.View.allCases.map(\.rawValue)),
            summary: "divide the total"),
          .reportFormat,
        ],
        details: [
          "torch is FlopCounterMode: 2 for each multiply-add of products of matrices alone.",
          "Sizes stay symbolic unless `--set` gives them: `--set B=2 --set T=128`.",
          "Experts count for the words that choose them, so the sum is the same for any choice.",
        ],
        example: "plumbline flops models/gpt2.model --backward --set B=2 --set T=128")
    ) { (invocation: Invocation) throws(CommandFailure) -> Outcome in
      let arguments = invocation.arguments
      let form = arguments.value("attention").flatMap(AttentionForm.init(rawValue:)) ?? .eager
      let name = arguments.value("convention") ?? "torch"
      let view = arguments.value("by").flatMap(FlopsReport.View.init(rawValue:)) ?? .operator
      return try invocation.report { loaded, model in
        let options = FlopsOptions(
          convention: .named(name, attention: form), attention: form,
          sizes: loaded.sizes.mapValues { Dimension($0) })
        let report = try FlopsReport(
          counting: model.program, backward: arguments.has("backward"), options: options)
        return invocation.wantsJSON ? try report.json() : report.text(by: view)
      }
    }
  }
}
