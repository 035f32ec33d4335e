// ExplainCommand: `plumbline explain`, which says what a name means.
// A name may be a block, an operation and a diagnostic at once; then all three are explained.
import Diagnostics
import IR
import Language
import Operations
import PlumblineKit

extension Command {
  /// `plumbline explain NAME`.
  static var explain: Command {
    Command(
      CommandSpecification(
        name: "explain", summary: "Explain a block, an operation or the id of a diagnostic",
        operand: OperandSpecification(
          "NAME", .atMostOne,
          summary: "a block such as `linear`, `softmax`, or `shape-mismatch`; without, a list"),
        options: [
          OptionSpecification("in", .text("FILE"), summary: "look among the blocks of a file too")
        ],
        example: "plumbline explain attention --in models/gpt2.model")
    ) { (invocation: Invocation) throws(CommandFailure) -> Outcome in
      let (library, file) = try library(invocation)
      guard let name = invocation.arguments.operands.first else {
        return Outcome(output: NameIndex(library, file: file).text)
      }
      var pages: [String] = []
      if let reference = library.files[file].names[name],
        let page = DeclarationPage(reference, in: library)
      {
        pages.append(page.text)
      }
      if let operation = Catalogue.operation(named: name) {
        pages.append(OperationPage(operation.schema).text)
      }
      if let page = DiagnosticPage(name) { pages.append(page.text) }
      guard pages.isEmpty else { return Outcome(output: pages.joined(separator: "\n")) }
      let known =
        Array(library.files[file].names.keys) + Catalogue.all.map { $0.schema.name }
        + DiagnosticManual.entries.map(\.id)
      throw .usage(
        UsageError(
          "there is no block, operation or diagnostic `\(name)`",
          suggestion: Nearest.match(name, in: Set(known).sorted())))
    }
  }

  /// The prelude, or the file named by `--in` with all that it sees.
  private static func library(
    _ invocation: Invocation
  ) throws(CommandFailure) -> (ModuleLibrary, Int) {
    guard let path = invocation.arguments.value("in") else {
      let library = ModuleLibrary { _, _ in nil }
      return (library, library.preludeFile)
    }
    do throws(UnreadableFile) {
      let loaded = try invocation.load(path, [])
      return (loaded.library, loaded.file)
    } catch {
      throw .unreadable(error)
    }
  }
}
