// Plumbline: what a Swift program calls: check a model and ask what was found.
// Everything else is open to the package only, so that it can still change.
import Analysis
import Diagnostics
import Language
import SwiftDSL

/// A model that was checked.
public struct CheckedModel: Sendable {
  private let loaded: LoadedModel

  init(_ loaded: LoadedModel) {
    self.loaded = loaded
  }

  /// The model's name; `nil` when it could not be elaborated.
  public var name: String? { loaded.model?.program.name }

  /// True when nothing was found that must be mended.
  public var isSound: Bool { loaded.model != nil && !loaded.hasErrors }

  /// The number of weights, a tied one counted once; `nil` when there were errors.
  public var parameters: Int? {
    guard isSound, let program = loaded.model?.program else { return nil }
    return try? ParameterLedger(program).totals.total
  }

  /// The ids of everything found, in the order of the source.
  public var findings: [String] { loaded.diagnostics.map(\.id) }

  /// Everything found, as the terminal shows it.
  public var report: String {
    TerminalRenderer(color: false).render(loaded.diagnostics, in: loaded.sources)
  }
}

/// Checks models.
public enum Plumbline {
  /// Checks a text in the model language.
  ///
  /// - Parameters:
  ///   - text: the source.
  ///   - path: the name under which findings show it.
  ///   - settings: values of config fields, by name.
  /// - Returns: the model and what was found.
  public static func check(
    _ text: String, path: String = "model", settings: [String: String] = [:]
  ) -> CheckedModel {
    CheckedModel(Workspace.load(path: path, text: text, settings: sorted(settings)))
  }

  /// Checks a model that was built in Swift.
  public static func check(
    _ source: ModelSource, settings: [String: String] = [:]
  ) -> CheckedModel {
    check(source.text, path: "swift.model", settings: settings)
  }

  /// Checks a `.model` file, a Hugging Face `config.json` or a directory with one.
  ///
  /// - Throws: an error that says why the file can't be read.
  public static func check(
    contentsOf path: String, settings: [String: String] = [:]
  ) throws -> CheckedModel {
    CheckedModel(try Workspace.load(path, settings: sorted(settings)))
  }

  private static func sorted(_ settings: [String: String]) -> [Setting] {
    settings.sorted { $0.key < $1.key }.map { Setting(name: $0.key, value: $0.value) }
  }
}
