// ShapesCommand: `plumbline shapes`, the tree of blocks with what goes in and comes out.
// The report itself is made in Analysis; here it is asked for and printed.
import Analysis
import Autodiff
import Diagnostics
import Dimensions
import IR
import PlumblineKit

extension Command {
  /// `plumbline shapes FILE`.
  static var shapes: Command {
    Command(
      CommandSpecification(
        name: "shapes", summary: "Print the tree of blocks with their shapes and parameters",
        operand: .model,
        options: [
          .set,
          OptionSpecification(
            "depth", .integer("N"), summary: "show N levels of blocks below the model"),
          OptionSpecification("backward", summary: "show the gradients of each block as well"),
          OptionSpecification("all", summary: "show every intermediate value"),
          .reportFormat,
        ],
        details: ["Sizes stay symbolic unless `--set` gives them: `--set B=32 --set T=1024`."],
        example: "plumbline shapes models/gpt2.model --depth 2 --set B=32 --set T=1024")
    ) { (invocation: Invocation) throws(CommandFailure) -> Outcome in
      let depth = invocation.arguments.integer("depth")
      if let depth, depth < 0 {
        throw .usage(UsageError("`--depth` is a number of levels, found \(depth)"))
      }
      return try invocation.report { loaded, model in
        let options = ShapeOptions(
          depth: depth, values: invocation.arguments.has("all"),
          sizes: loaded.sizes.mapValues { Dimension($0) })
        let report = try shapeReport(
          of: model.program, backward: invocation.arguments.has("backward"), options)
        return invocation.wantsJSON ? try report.json() : report.text()
      }
    }
  }

  /// The report on the model's forward, or on forward and backward of its loss.
  private static func shapeReport(
    of program: Program, backward: Bool, _ options: ShapeOptions
  ) throws -> ShapeReport {
    guard backward else {
      return try ShapeReport(program, of: program.entry, options: options)
    }
    guard let loss = program.loss else {
      throw DifferentiationError("the model has no loss: none of its results can be trained on")
    }
    var differentiator = Differentiator(program)
    let derivative = try differentiator.root(of: loss)
    return try ShapeReport(
      differentiator.program, of: loss, backward: derivative, options: options)
  }
}
