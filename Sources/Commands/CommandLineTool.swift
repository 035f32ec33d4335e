// CommandLineTool: from the words of a command line to an outcome.
// The executable only prints what this returns, so tests run the whole tool in their own process.
import Diagnostics
import Execution
import Kernels
import PlumblineKit

/// The tool.
package enum CommandLineTool {
  /// The version that `--version` prints and reports carry.
  package static var version: String { "0.1.0" }

  /// Every command, in the order of the help.
  package static var commands: [Command] {
    [
      .check, .shapes, .count, .flops, .memory, .diff, .lora, .schedule, .plan, .audit, .verify,
      .run, .train, .sample, .sweep, .adapter, .review, .plot, .stories, .models, .initialise,
      .format, .explain,
    ]
  }

  /// Runs the tool.
  ///
  /// - Parameters:
  ///   - arguments: the command line without the name of the tool.
  ///   - surroundings: standard input, and whether colours are shown.
  /// - Returns: what to print, and the status to exit with.
  package static func run(_ arguments: [String], in surroundings: Surroundings) -> Outcome {
    let commands = commands
    guard let first = arguments.first else {
      return Outcome(.usage, errors: HelpPage.overview(of: commands.map(\.specification)))
    }
    switch first {
    case "--help", "-h", "help":
      return help(arguments.dropFirst().first { !$0.hasPrefix("-") }, commands)
    case "--version":
      return versionPage(in: surroundings)
    default: break
    }
    guard let command = commands.first(where: { $0.specification.name == first }) else {
      return unknown(first, commands)
    }
    let words = arguments.dropFirst()
    if words.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
      return Outcome(output: HelpPage.text(of: command.specification))
    }
    do throws(CommandFailure) {
      return try command.run(
        Invocation(
          arguments: try parse(words, as: command.specification), surroundings: surroundings))
    } catch {
      return failure(error, of: command.specification)
    }
  }

  private static func versionPage(in surroundings: Surroundings) -> Outcome {
    do throws(KernelChoiceFault) {
      let kernels = try KernelChoice.chosen(environment: surroundings.environment)
      return Outcome(
        output: "plumbline \(version) (\(target), \(kernels.level.rawValue))\n")
    } catch {
      return Outcome(.usage, errors: message(error.description))
    }
  }

  private static func parse(
    _ words: some Collection<String>, as specification: CommandSpecification
  ) throws(CommandFailure) -> ParsedArguments {
    do {
      return try ArgumentParser.parse(words, as: specification)
    } catch {
      throw .usage(error)
    }
  }

  private static func failure(
    _ failure: CommandFailure, of command: CommandSpecification
  ) -> Outcome {
    switch failure {
    case .unreadable(let file): Outcome(.usage, errors: message(file.text))
    case .usage(let error):
      Outcome(
        .usage,
        errors: message(error.text) + "usage: \(HelpPage.usage(of: command))\n"
          + "`plumbline help \(command.name)` lists the options\n")
    }
  }

  private static func help(_ name: String?, _ commands: [Command]) -> Outcome {
    guard let name else {
      return Outcome(output: HelpPage.overview(of: commands.map(\.specification)))
    }
    guard let command = commands.first(where: { $0.specification.name == name }) else {
      return unknown(name, commands)
    }
    return Outcome(output: HelpPage.text(of: command.specification))
  }

  private static func unknown(_ name: String, _ commands: [Command]) -> Outcome {
    let kind = name.hasPrefix("-") ? "option" : "command"
    let known =
      kind == "option"
      ? ["--help", "--version"] : commands.map(\.specification.name) + ["help"]
    let error = UsageError(
      "there is no \(kind) `\(name)`", suggestion: Nearest.match(name, in: known))
    return Outcome(
      .usage,
      errors: message(error.text) + "`plumbline help` lists the commands\n")
  }

  /// An error of the tool itself, safe to print whatever it quotes.
  static func message(_ text: String) -> String {
    "plumbline: " + DisplayText.safe(text) + "\n"
  }

  /// The machine that the tool was built for.
  private static var target: String {
    #if arch(x86_64)
    let architecture = "x86_64"
    #elseif arch(arm64)
    let architecture = "arm64"
    #else
    let architecture = "unknown"
    #endif
    #if os(Linux)
    let system = "linux"
    #elseif os(macOS)
    let system = "macos"
    #else
    let system = "unknown"
    #endif
    return "\(architecture)-\(system)"
  }
}

extension UnreadableFile {
  /// One line that names the file and the reason.
  var text: String { "\(path): \(reason)" }
}
