// FormatCommand: `plumbline format`, which lays model files out in the one house way.
// A file is replaced only when the new text is proved to mean the same as the old one.
import Diagnostics
import Language
import PlumblineKit

extension Command {
  /// `plumbline format FILE…`.
  static var format: Command {
    Command(
      CommandSpecification(
        name: "format", summary: "Lay model files out in the one standard way",
        operand: OperandSpecification(
          "FILE", .atLeastOne,
          summary: "a model file, rewritten in place; `-` reads standard input and prints"),
        options: [
          OptionSpecification(
            "check", summary: "write nothing, list the files that would change and exit with 1")
        ],
        example: "plumbline format --check models/gpt2.model")
    ) { (invocation: Invocation) throws(CommandFailure) -> Outcome in
      var result = Outcome()
      for path in invocation.arguments.operands {
        let one = FormattedFile(path, invocation)
        let outcome = one.outcome(
          checkOnly: invocation.arguments.has("check"), color: invocation.surroundings.color)
        result.status = max(result.status, outcome.status)
        result.output += outcome.output
        result.errors += outcome.errors
      }
      return result
    }
  }
}

/// One file of a `format`.
private struct FormattedFile {
  /// What came of reading and parsing it.
  private enum Content {
    case unreadable(UnreadableFile)
    case faulty([Diagnostic], SourceMap)
    case parsed(old: String, new: String, isFaithful: Bool)
  }

  private let path: String
  private let content: Content

  init(_ path: String, _ invocation: Invocation) {
    self.path = path
    content = Self.read(path, invocation)
  }

  private static func read(_ path: String, _ invocation: Invocation) -> Content {
    do throws(UnreadableFile) {
      let text =
        path == "-" ? try invocation.surroundings.standardInput() : try Workspace.read(path)
      // Reading puts this sign where bytes are no UTF-8; writing it back would lose them.
      guard !text.unicodeScalars.contains("\u{FFFD}") else {
        throw UnreadableFile(path: path, reason: "it holds bytes that are not UTF-8")
      }
      var sources = SourceMap()
      let source = sources.add(path: path == "-" ? "<stdin>" : path, text: text)
      let (syntax, diagnostics) = Parser.parse(source, in: sources)
      let errors = diagnostics.filter { $0.severity == .error }
      guard errors.isEmpty else { return .faulty(errors, sources) }
      let formatted = Formatter.format(syntax, sources)
      return .parsed(
        old: text, new: formatted,
        isFaithful: text == formatted || isFaithful(formatted, to: syntax))
    } catch {
      return .unreadable(error)
    }
  }

  /// Whether a formatted text parses to the tree that it came from, with as many comments.
  private static func isFaithful(_ text: String, to syntax: SyntaxFile) -> Bool {
    var sources = SourceMap()
    let source = sources.add(path: "", text: text)
    let (again, diagnostics) = Parser.parse(source, in: sources)
    return diagnostics.allSatisfy { $0.severity != .error }
      && SyntaxDump.text(of: again) == SyntaxDump.text(of: syntax)
      && again.comments.count == syntax.comments.count
  }

  func outcome(checkOnly: Bool, color: Bool) -> Outcome {
    switch content {
    case .unreadable(let file):
      return Outcome(.usage, errors: CommandLineTool.message(file.text))
    case .faulty(let diagnostics, let sources):
      // Standard output belongs to the formatted text.
      return Outcome(
        .findings,
        errors: TerminalRenderer(color: color).render(diagnostics, in: sources)
          + CommandLineTool.message("\(path): not formatted, because it has syntax errors"))
    case .parsed(let old, let new, let isFaithful):
      guard isFaithful else {
        return Outcome(
          .refuted,
          errors: CommandLineTool.message(
            "\(path): not formatted, because the result would mean something else; "
              + "this is a mistake of plumbline's"))
      }
      if checkOnly {
        return old == new ? Outcome() : Outcome(.findings, output: DisplayText.safe(path) + "\n")
      }
      if path == "-" { return Outcome(output: new) }
      return old == new ? Outcome() : replace(with: new)
    }
  }

  private func replace(with text: String) -> Outcome {
    do throws(UnreadableFile) {
      try Workspace.write(text, to: path)
    } catch {
      return Outcome(.usage, errors: CommandLineTool.message(error.text))
    }
    return Outcome(output: "formatted \(DisplayText.safe(path))\n")
  }
}
