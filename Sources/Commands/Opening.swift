// Opening: how every command that takes a model opens it.
// One place for `-`, for `--set` and for the options that say so in help.
import Diagnostics
import Dimensions
import PlumblineKit

extension OptionSpecification {
  /// `--set NAME=VALUE`.
  static var set: OptionSpecification {
    OptionSpecification(
      "set", .text("NAME=VALUE"), isRepeatable: true,
      summary: "a config field, or a dimension's size (`B=32`)")
  }
}

extension OperandSpecification {
  /// One model.
  static var model: OperandSpecification {
    OperandSpecification("FILE", .one, summary: modelSummary)
  }

  /// Several models.
  static var models: OperandSpecification {
    OperandSpecification("FILE", .atLeastOne, summary: modelSummary)
  }

  private static var modelSummary: String {
    "a model file, a config.json or a directory with one; `-` reads standard input"
  }
}

extension Invocation {
  /// The values of `--set`.
  func settings() throws(CommandFailure) -> [Setting] {
    var settings: [Setting] = []
    for text in arguments.all("set") {
      guard let setting = Setting(parsing: text) else {
        throw .usage(UsageError("`--set` needs NAME=VALUE, found `\(text)`"))
      }
      if setting.isDimension, (setting.integer ?? -1) < 0 {
        throw .usage(
          UsageError("`\(setting.name)` is a dimension and needs a size, found `\(setting.value)`"))
      }
      settings.append(setting)
    }
    return settings
  }

  /// Opens a model; `-` reads standard input.
  func load(_ path: String, _ settings: [Setting]) throws(UnreadableFile) -> LoadedModel {
    var loaded: LoadedModel
    if path == "-" {
      let text = try surroundings.standardInput()
      loaded = Workspace.load(path: "<stdin>", text: text, settings: settings)
    } else {
      loaded = try Workspace.load(path, settings: settings)
    }
    loaded.diagnostics += sizeFindings(of: loaded, settings)
    return loaded
  }

  /// Sizes that the model does not admit.
  private func sizeFindings(of loaded: LoadedModel, _ settings: [Setting]) -> [Diagnostic] {
    guard let program = loaded.model?.program else { return [] }
    var findings: [Diagnostic] = []
    let names = program.dimensions.map(\.symbol.name)
    for setting in settings where setting.isDimension && !names.contains(setting.name) {
      let near = Nearest.match(setting.name, in: names)
      findings.append(
        Diagnostic(
          id: "unknown-dimension",
          message: "there is no dimension `\(setting.name)`"
            + (near.map { "; did you mean `\($0)`?" } ?? ""),
          facts: [.line("known: " + names.joined(separator: ", "))]))
    }
    let values = loaded.sizes.mapValues { Dimension($0) }
    for constraint in program.assumptions.constraints
    where !constraint.symbols.isEmpty && constraint.symbols.allSatisfy({ values[$0] != nil }) {
      guard constraint.evaluate(loaded.sizes) == false else { continue }
      let symbols = constraint.symbols.sorted()
      let sizes = symbols.map { "\($0) = \(values[$0] ?? 0)" }.joined(separator: ", ")
      findings.append(
        Diagnostic(
          id: "size-out-of-range", message: "\(sizes) is not admitted: `\(constraint)` is needed",
          range: program.dimensions.first { $0.symbol == symbols.first }?.range,
          facts: [.line("set by `--set` on the command line")]))
    }
    return findings
  }
}
