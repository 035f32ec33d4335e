// Command: what a command declares and how it is run.
// Every command is a value in a file of its own; the table in CommandLineTool.swift lists them.
import PlumblineKit

/// The name, options and documentation of a command.
package struct CommandSpecification: Hashable, Sendable {
  package var name: String
  /// One line: what the command does, with a capital letter and without a full stop.
  package var summary: String
  package var operand: OperandSpecification?
  package var options: [OptionSpecification]
  /// More lines for `--help`.
  package var details: [String]
  /// A command line that works from the package's directory.
  package var example: String

  package init(
    name: String, summary: String, operand: OperandSpecification? = nil,
    options: [OptionSpecification] = [], details: [String] = [], example: String
  ) {
    self.name = name
    self.summary = summary
    self.operand = operand
    self.options = options
    self.details = details
    self.example = example
  }
}

/// Why a command stopped before it had an outcome; the tool then exits with 2.
package enum CommandFailure: Error, Hashable, Sendable {
  case usage(UsageError)
  case unreadable(UnreadableFile)
}

/// One command of the tool.
package struct Command: Sendable {
  package typealias Body = @Sendable (Invocation) throws(CommandFailure) -> Outcome

  package var specification: CommandSpecification
  package var run: Body

  package init(_ specification: CommandSpecification, run: @escaping Body) {
    self.specification = specification
    self.run = run
  }
}

/// One use of a command.
package struct Invocation: Sendable {
  package var arguments: ParsedArguments
  package var surroundings: Surroundings
}

/// What the tool sees of the world beside files.
package struct Surroundings: Sendable {
  /// Whether the output goes to a terminal that shows colours.
  package var color: Bool
  /// Whether nothing else runs in this process, so that its memory is the command's.
  package var isAlone = false
  /// The variables of the environment that commands look at.
  package var environment: [String: String]
  /// All of standard input.
  package var standardInput: @Sendable () throws(UnreadableFile) -> String
  /// Shows what a long command is doing, in place of what was shown before; empty clears it.
  package var progress: @Sendable (String) -> Void
  /// Whether somebody sees that, so that no lines are needed beside it.
  package var showsProgress = false
  /// Prints a text at once, for commands that go on for minutes.
  package var announce: @Sendable (String) -> Void = { _ in }
  /// Calls back with the number of a signal that asks the process to end, which then goes on.
  package var onSignal: @Sendable (@escaping @Sendable (Int32) -> Void) -> Void = { _ in }

  package init(
    color: Bool, environment: [String: String] = [:],
    progress: @escaping @Sendable (String) -> Void = { _ in },
    standardInput: @escaping @Sendable () throws(UnreadableFile) -> String
  ) {
    self.color = color
    self.environment = environment
    self.progress = progress
    self.standardInput = standardInput
  }
}
