// Reporting: what every command shares that prints a report on one model.
// A model with errors has no report: its findings are printed instead. A false claim is no error
// of the model, so that `--set` may ask about sizes that the file does not speak of.
import Analysis
import Autodiff
import Diagnostics
import Language
import PlumblineKit

extension OptionSpecification {
  /// `--format text|json`.
  static var reportFormat: OptionSpecification {
    OptionSpecification(
      "format", .choice("FORMAT", ["text", "json"]), summary: "how the report is printed")
  }
}

extension Invocation {
  /// Whether `--format json` was given.
  var wantsJSON: Bool { arguments.value("format") == "json" }

  /// Opens the model of the command line and prints a report on it.
  ///
  /// - Throws: ``CommandFailure`` when the file can't be read or a setting is malformed.
  func report(
    _ make: (LoadedModel, ElaboratedModel) throws -> String
  ) throws(CommandFailure) -> Outcome {
    let settings = try settings()
    let check = FileCheck(arguments.operands.first ?? "-", settings: settings, self)
    if let file = check.unreadable { throw .unreadable(file) }
    guard let loaded = check.loaded, let model = loaded.model, !loaded.isUnsound else {
      return findings(check)
    }
    do {
      return Outcome(output: try make(loaded, model), errors: warnings(of: loaded))
    } catch let error as AnalysisError {
      return findings(check.adding(error.diagnostic))
    } catch let error as DifferentiationError {
      return findings(
        check.adding(
          Diagnostic(id: "no-backward-pass", message: error.description, range: error.range)))
    } catch let error as VerificationRefusal {
      return error.outcome
    } catch let error as UnreadableFile {
      throw .unreadable(error)
    } catch {
      // What is left is encoding numbers and names, which can't fail.
      preconditionFailure("no report on \(check.path): \(error)")
    }
  }

  private func findings(_ check: FileCheck) -> Outcome {
    let output =
      wantsJSON
      ? JSONRenderer.render(CheckReport(files: [check.report]))
      : check.text(color: surroundings.color) ?? ""
    return Outcome(.findings, output: output)
  }

  /// Warnings, and word of false claims, do not mix with the report.
  private func warnings(of loaded: LoadedModel) -> String {
    let found = loaded.modelFindings
    let rendered =
      found.isEmpty
      ? "" : TerminalRenderer(color: surroundings.color).render(found, in: loaded.sources)
    return rendered + (loaded.claimNote.map { "note: \($0)\n" } ?? "")
  }
}

extension VerificationRefusal {
  /// Nothing was run or planned, and what would help.
  var outcome: Outcome {
    let help = help.map { "help: " + DisplayText.safe($0) + "\n" } ?? ""
    return Outcome(.usage, errors: CommandLineTool.message(message) + help)
  }
}
