// InitCommand: `plumbline init`, a model of the program as a file to begin with.
// Prints and writes nothing: the user says where the file goes, and nothing is overwritten unasked.
import Interchange
import PlumblineKit

extension Command {
  /// `plumbline init [NAME]`.
  static var initialise: Command {
    Command(
      CommandSpecification(
        name: "init", summary: "Print a model as a file of your own to start from",
        operand: OperandSpecification(
          "NAME", .atMostOne, summary: "a model such as `gpt2` or `llama`; without, a list"),
        details: [
          "It goes to standard output: `plumbline init gpt2 > my.model`. The file holds every block",
          "that it uses, so it works in an empty directory.",
          "`plumbline models` tells the sizes of what can be started from.",
        ],
        example: "plumbline init gpt2")
    ) { (invocation: Invocation) throws(CommandFailure) -> Outcome in
      guard let asked = invocation.arguments.operands.first else {
        let rows = StartingFile.summaries.map { ($0.name, $0.summary) }
        return Outcome(
          output: "plumbline init NAME > my.model starts from one of these:\n\n"
            + TextColumns.lines(rows).map { $0 + "\n" }.joined())
      }
      let name = asked.hasSuffix(".model") ? String(asked.dropLast(".model".count)) : asked
      guard let file = StartingFile(named: name) else {
        let kin = FamilyKin.names(like: name, among: StartingFile.names)
        throw .usage(
          UsageError(
            "there is no model `\(asked)`"
              + (kin.isEmpty ? "" : "; nearest: \(kin.joined(separator: ", "))")
              + "; `plumbline init` lists all"))
      }
      return Outcome(
        output: file.text,
        errors: file.isSelfContained
          ? "" : "note: this file imports files of the tool, which are found wherever it lies\n")
    }
  }
}
