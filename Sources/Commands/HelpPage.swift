// HelpPage: the text of `--help`, from what a command declares.
// Apart from the commands so that all of them look alike.
import PlumblineKit

/// Prints help.
package enum HelpPage {
  /// The page of one command.
  package static func text(of command: CommandSpecification) -> String {
    var lines = [command.summary + ".", "", "usage: " + usage(of: command), ""]
    if let operand = command.operand {
      lines += TextColumns.lines([(operand.name, operand.summary)]) + [""]
    }
    let rows =
      command.options.map { ($0.usage, summary(of: $0)) } + [("--help", "print this text")]
    lines += ["options:"] + TextColumns.lines(rows)
    if !command.details.isEmpty { lines += [""] + command.details }
    lines += ["", "example:", "  " + command.example]
    return lines.joined(separator: "\n") + "\n"
  }

  /// The page of the tool.
  package static func overview(of commands: [CommandSpecification]) -> String {
    var lines = [
      "Plumbline proves the shapes of a transformer, counts it, and says what is wrong with it.",
      "",
      "usage: plumbline COMMAND …", "", "commands:",
    ]
    lines += TextColumns.lines(commands.map { ($0.name, $0.summary) })
    lines += ["", "options:"]
    lines += TextColumns.lines([
      ("--help", "print this text; `plumbline help COMMAND` explains a command"),
      ("--version", "print the version"),
    ])
    lines += [
      "", "exit status: 0 clean, 1 findings, 2 usage or unreadable input, 3 failed verification",
    ]
    lines += ["", "example:", "  plumbline check models/gpt2.model"]
    return lines.joined(separator: "\n") + "\n"
  }

  /// `plumbline check FILE… [options]`.
  package static func usage(of command: CommandSpecification) -> String {
    var words = ["plumbline", command.name]
    if let operand = command.operand { words.append(operand.usage) }
    if !command.options.isEmpty { words.append("[options]") }
    return words.joined(separator: " ")
  }

  private static func summary(of option: OptionSpecification) -> String {
    var text = option.summary
    if case .choice(_, let words) = option.value, let first = words.first {
      let others = words.dropFirst().joined(separator: ", ")
      text += ": \(first) (the default), \(others)"
    }
    return option.isRepeatable ? text + "; may be repeated" : text
  }
}
