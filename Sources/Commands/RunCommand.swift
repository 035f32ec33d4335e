// RunCommand: `plumbline run`, which computes a model on weights and inputs from files.
// The work is PlumblineKit's Runner; here are its options and what is printed about it.
import Diagnostics
import Execution
import Kernels
import PlumblineKit

extension Command {
  /// `plumbline run FILE|DIR`.
  static var run: Command {
    Command(
      CommandSpecification(
        name: "run", summary: "Run a model: logits, loss, gradients, AdamW steps",
        operand: .model,
        options: [
          .set,
          OptionSpecification(
            "weights", .text("W.safetensors"),
            summary: "the weights; a directory's own model.safetensors unless given"),
          OptionSpecification("inputs", .text("IO.safetensors"), summary: "inputs and labels"),
          OptionSpecification(
            "prefix", .text("PREFIX"),
            summary: "what stands before the names of the inputs, as in `batch0/`"),
          OptionSpecification(
            "input", .text("NAME=TENSOR"), isRepeatable: true,
            summary: "which tensor an input reads, where the names differ"),
          OptionSpecification("gradients", summary: "write the gradient of every trained weight"),
          OptionSpecification("steps", .integer("N"), summary: "make N steps of the optimiser"),
          OptionSpecification(
            "optimizer", .choice("WHICH", ["adamw", "plan"]),
            summary: "AdamW unless given, or what the `train` section says, with its numbers"),
          OptionSpecification("rate", .text("R"), summary: "the learning rate, 1e-3 unless given"),
          OptionSpecification(
            "betas", .text("A,B"), summary: "AdamW's betas, 0.9,0.999 unless given"),
          OptionSpecification(
            "epsilon", .text("E"), summary: "AdamW's epsilon, 1e-8 unless given"),
          OptionSpecification(
            "weight-decay", .text("W"), summary: "AdamW's decay, 0.01 unless given"),
          OptionSpecification(
            "decay", .choice("WHICH", ["all", "matrices"]), summary: "the weights that decay"),
          OptionSpecification(
            "clip", .text("C"), summary: "scale gradients whose global norm is beyond C"),
          OptionSpecification(
            "accumulate", .integer("N"), summary: "cut each batch into N micro-batches"),
          OptionSpecification(
            "accumulate-mode", .choice("MODE", ["tokens", "mean"]),
            summary: "weigh micro-batches by their targets, or all alike"),
          OptionSpecification(
            "dtype", .choice("TYPE", ["f32", "f64"]), summary: "the type of all numbers"),
          OptionSpecification(
            "seed", .integer("N"), summary: "for weights that no file gives, 0 unless given"),
          .threads,
          OptionSpecification(
            "output", .text("OUT.safetensors"), summary: "where the results are written"),
        ],
        details: [
          "The output holds every result of the model by its name, `loss`, `grads/NAME`,",
          "`losses` (one before each step) and `parameters/stepN/NAME`, under the names of the",
          "weights file. Steps cycle through the batches: after `--prefix batch0/` come `batch1/`,",
          "`batch2/` and so on, as far as the inputs have them, and then `batch0/` again.",
        ],
        example: "plumbline run Fixtures/numeric/1_gpt2"
          + " --inputs Fixtures/numeric/1_gpt2/io.safetensors --prefix batch0/"
          + " --gradients --output out.safetensors")
    ) { (invocation: Invocation) throws(CommandFailure) -> Outcome in
      var options = try invocation.runOptions()
      guard let target = invocation.arguments.value("output") else {
        throw .usage(UsageError("`--output OUT.safetensors` says where the results go"))
      }
      let path = invocation.arguments.operands.first ?? "-"
      let check = FileCheck(path, settings: try invocation.settings(), invocation)
      if let file = check.unreadable { throw .unreadable(file) }
      // A false claim is a mistake of the text: the model runs all the same.
      guard let loaded = check.loaded, let model = loaded.model, !loaded.isUnsound else {
        return Outcome(.findings, output: check.text(color: invocation.surroundings.color) ?? "")
      }
      if invocation.arguments.value("optimizer") == "plan" {
        guard let optimizer = model.plan?.optimizer else {
          throw .usage(UsageError("`--optimizer plan` needs a `train` section with an optimizer"))
        }
        options.optimiser = OptimiserSettings(optimizer)
        try invocation.readNumbers(into: &options.optimiser)
      }
      let renderer = TerminalRenderer(color: invocation.surroundings.color)
      do throws(RunFailure) {
        let report = try Runner.run(model, options)
        try report.write(to: target)
        let title = "\(model.program.name) on \(options.inputs) \(options.prefix)"
        return Outcome(
          output: RunSummary(report, title: title, target: target).text,
          errors: renderer.render(loaded.modelFindings + report.warnings, in: loaded.sources)
            + (loaded.claimNote.map { "note: \($0)\n" } ?? ""))
      } catch {
        return Outcome(.findings, output: renderer.render(error.diagnostics, in: loaded.sources))
      }
    }
  }
}

extension Invocation {
  /// The options as the library takes them.
  fileprivate func runOptions() throws(CommandFailure) -> RunOptions {
    guard let inputs = arguments.value("inputs") else {
      throw .usage(UsageError("`--inputs IO.safetensors` says what the model runs on"))
    }
    var options = RunOptions(inputs: inputs, weights: weights)
    options.prefix = arguments.value("prefix") ?? ""
    for text in arguments.all("input") {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else {
        throw .usage(UsageError("`--input` needs NAME=TENSOR, found `\(text)`"))
      }
      options.renamed[parts[0]] = parts[1]
    }
    options.gradients = arguments.has("gradients")
    options.steps = try count("steps", least: 0) ?? 0
    options.accumulate = try count("accumulate", least: 1) ?? 1
    options.accumulation =
      arguments.value("accumulate-mode") == "mean" ? .meanOfMeans : .tokenWeighted
    options.decay = arguments.value("decay") == "matrices" ? .matrices : .all
    options.precision = arguments.value("dtype") == "f64" ? .double : .single
    options.seed = UInt64(try count("seed", least: 0) ?? 0)
    options.engine = .planned(threads: try threads() ?? ProcessorCount.available())
    options.clip = try number("clip")
    try readNumbers(into: &options.optimiser)
    return options
  }

  /// The numbers of an optimiser that are given one by one.
  fileprivate func readNumbers(into optimiser: inout OptimiserSettings) throws(CommandFailure) {
    optimiser.rate = try number("rate") ?? optimiser.rate
    optimiser.epsilon = try number("epsilon") ?? optimiser.epsilon
    optimiser.decay = try number("weight-decay") ?? optimiser.decay
    if let text = arguments.value("betas") {
      let betas = text.split(separator: ",").compactMap { Double($0) }
      guard betas.count == 2 else {
        throw .usage(UsageError("`--betas` needs two numbers, as in 0.9,0.95, found `\(text)`"))
      }
      (optimiser.beta1, optimiser.beta2) = (betas[0], betas[1])
    }
  }

  /// The weights file: the one given, or the one that lies in the model's directory.
  private var weights: String? {
    arguments.value("weights")
      ?? arguments.operands.first.flatMap { Workspace.weights(beside: $0) }
  }

  private func number(_ option: String) throws(CommandFailure) -> Double? {
    guard let text = arguments.value(option) else { return nil }
    guard let value = Double(text), value.isFinite else {
      throw .usage(UsageError("`--\(option)` needs a number, found `\(text)`"))
    }
    return value
  }

  private func count(_ option: String, least: Int) throws(CommandFailure) -> Int? {
    guard let value = arguments.integer(option) else { return nil }
    guard value >= least else {
      throw .usage(UsageError("`--\(option)` must be at least \(least), found \(value)"))
    }
    return value
  }
}

/// What is printed about a run.
private struct RunSummary {
  private let report: RunReport
  private let title: String
  private let target: String

  init(_ report: RunReport, title: String, target: String) {
    self.report = report
    self.title = title
    self.target = target
  }

  var text: String {
    var rows: [(String, String)] = []
    for tensor in report.tensors where !tensor.name.contains("/") && tensor.doubles != nil {
      if tensor.name == "loss" || tensor.name == "losses" { continue }
      rows.append((tensor.name, "\(tensor.shape)"))
    }
    if let loss = report.loss { rows.append(("loss", "\(loss)")) }
    let gradients = report.tensors.filter { $0.name.hasPrefix("grads/") }.count
    if gradients > 0 { rows.append(("gradients", "\(gradients) tensors")) }
    for (step, pair) in zip(report.losses, report.norms).enumerated() {
      rows.append(("step \(step + 1)", "loss \(pair.0), gradient norm \(pair.1)"))
    }
    if report.mappedWeights > 0 {
      rows.append(("weights", "\(report.mappedWeights) read where they lie in their file"))
    }
    rows.append(("written", "\(target), \(report.tensors.count) tensors"))
    return DisplayText.safe(title) + "\n"
      + TextColumns.lines(rows).map { DisplayText.safe($0) + "\n" }.joined()
  }
}
