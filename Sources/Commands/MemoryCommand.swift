// MemoryCommand: `plumbline memory`, the bytes of a training step before anything is allocated.
// The plan is the compiled executor's own; the report and the picture are made in Analysis.
import Analysis
import Diagnostics
import Dimensions
import PlumblineKit

extension OptionSpecification {
  /// `--threads N`.
  static var threads: OptionSpecification {
    OptionSpecification(
      "threads", .integer("N"), summary: "worker threads; all processors unless told")
  }
}

extension Invocation {
  /// The value of `--threads`; `nil` when it is not given.
  func threads() throws(CommandFailure) -> Int? {
    guard let threads = arguments.integer("threads") else { return nil }
    guard (1...1024).contains(threads) else {
      throw .usage(UsageError("`--threads` must be from 1 to 1024, found \(threads)"))
    }
    return threads
  }
}

extension Command {
  /// `plumbline memory FILE`.
  static var memory: Command {
    Command(
      CommandSpecification(
        name: "memory", summary: "Plan a training step and print every byte that it will need",
        operand: .model,
        options: [
          .set, .threads,
          OptionSpecification("forward", summary: "plan the forward pass and the loss alone"),
          OptionSpecification(
            "plot", .text("FILE.svg"), summary: "draw the bytes over the schedule"),
          .reportFormat,
        ],
        details: [
          "The plan is a number before anything runs: one arena with a place for every buffer.",
          "Dimensions without a size get small ones, as in `verify`, which the report says.",
        ],
        example: "plumbline memory models/gpt2.model --set B=4 --set T=64 --plot memory.svg")
    ) { (invocation: Invocation) throws(CommandFailure) -> Outcome in
      let threads = try invocation.threads()
      return try invocation.report { loaded, model in
        let sizes = try SampleSizes(model.program, given: loaded.sizes).sizes
        var step = PlannedStep(model.program, sizes: sizes, plan: StepPlan(model.plan))
        if let threads { step.threads = threads }
        step.isForward = invocation.arguments.has("forward")
        let report = MemoryReport(
          try step.compiled(step.graph()), model: model.program.name,
          notes: chosen(sizes, given: loaded.sizes))
        if let path = invocation.arguments.value("plot") {
          try Workspace.write(MemoryPlot(report).svg, to: path)
        }
        return invocation.wantsJSON ? try report.json() : report.text
      }
    }
  }

  /// Which sizes nobody gave.
  private static func chosen(_ sizes: [Symbol: Int], given: [Symbol: Int]) -> [String] {
    let open = sizes.filter { given[$0.key] == nil }.sorted { $0.key < $1.key }
    guard !open.isEmpty else { return [] }
    let values = open.map { "\($0.key) = \($0.value)" }.joined(separator: ", ")
    let settings = open.map { "--set \($0.key)=…" }.joined(separator: " ")
    return ["\(values) \(open.count == 1 ? "is" : "are") a choice of ours; choose with \(settings)"]
  }
}
