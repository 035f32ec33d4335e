// AdapterCommand: `plumbline adapter`, what a LoRA run learnt as files that others load.
// The run stays as it is; here are the two forms and where they go.
import Diagnostics
import PlumblineKit

extension Command {
  /// `plumbline adapter RUN --out DIR`.
  static var adapter: Command {
    Command(
      CommandSpecification(
        name: "adapter", summary: "Save what a LoRA run learnt for PEFT, or merge it into its base",
        operand: OperandSpecification("RUN", .one, summary: "the folder of a run"),
        options: [
          OptionSpecification(
            "out", .text("DIR"),
            summary: "write adapter_config.json and adapter_model.safetensors there"),
          OptionSpecification(
            "merge", .text("FILE.safetensors"),
            summary: "write the base's weights with the adapters added"),
          OptionSpecification(
            "base", .text("NAME"),
            summary:
              "the base model's name, for loaders that fetch it; or where its weights lie now"),
          OptionSpecification(
            "task", .text("TASK"), summary: "what PEFT calls the task, `CAUSAL_LM` for example"),
        ],
        details: [
          "Whether a block is LoRA, which of its matrices is which and how it scales are found by running",
          "it: any spelling of base(x) + s · x · down · up is saved, and nothing else is.",
          "`plumbline train` writes DIR/adapter at the end of such a run by itself.",
        ],
        example: "plumbline adapter runs/lora --out adapter --merge merged.safetensors")
    ) { (invocation: Invocation) throws(CommandFailure) -> Outcome in
      guard let path = invocation.arguments.operands.first else {
        throw .usage(UsageError("`plumbline adapter` needs the folder of a run"))
      }
      let folder = invocation.arguments.value("out")
      let merged = invocation.arguments.value("merge")
      guard folder != nil || merged != nil else {
        throw .usage(UsageError("say where to: --out DIR, or --merge FILE.safetensors"))
      }
      do throws(RunFailure) {
        let adapters = try RunAdapters(of: RunFolder(path))
        let base = invocation.arguments.value("base")
        var text = ""
        if let folder {
          try adapters.write(
            to: folder, base: base.flatMap { RunBase.isFile($0) ? nil : $0 },
            task: invocation.arguments.value("task"))
          text += "the adapters after step \(adapters.updates) are in \(folder)\n"
        }
        if let merged {
          try adapters.merge(to: merged, base: base.flatMap { RunBase.isPath($0) ? $0 : nil })
          text += "the base with the adapters of step \(adapters.updates) is \(merged)\n"
        }
        return Outcome(output: text)
      } catch {
        let renderer = TerminalRenderer(color: invocation.surroundings.color)
        return Outcome(.findings, output: renderer.render(error.diagnostics, in: error.sources))
      }
    }
  }
}
