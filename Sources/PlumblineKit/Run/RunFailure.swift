// RunFailure: why a model can't be run on given weights and inputs, as diagnostics.
// The rooms below throw errors of their own; here each gets a name and a sentence.
import Autodiff
import Diagnostics
import Execution
import Foundation
import IR
import Interchange
import Kernels
import Training

/// A run that can't be made; the diagnostics say why.
package struct RunFailure: Error, Hashable, Sendable {
  package var diagnostics: [Diagnostic]
  /// The texts that the diagnostics point into, where they do.
  package var sources = SourceMap()

  package init(_ diagnostics: [Diagnostic]) {
    self.diagnostics = diagnostics
  }

  init(_ diagnostics: [Diagnostic], in sources: SourceMap) {
    self.diagnostics = diagnostics
    self.sources = sources
  }

  init(_ id: String, _ message: String, facts: [Fact] = [], help: String? = nil) {
    let fixes = help.map { [FixIt(message: $0, effect: .none)] } ?? []
    diagnostics = [Diagnostic(id: id, message: message, facts: facts, fixes: fixes)]
  }

  init(_ error: SafetensorsError) {
    diagnostics = [error.diagnostic]
  }

  /// Of a file whose name the error does not give.
  init(_ error: SafetensorsError, in path: String) {
    var diagnostic = error.diagnostic
    if case .file = error {} else { diagnostic.message = "\(path): \(diagnostic.message)" }
    diagnostics = [diagnostic]
  }

  package init(_ error: DataFault) {
    diagnostics = [error.diagnostic]
  }

  init(_ error: DiskFault) {
    let isFull = error.code == ENOSPC || error.code == EDQUOT
    self.init(
      error.reason.contains("written") || error.reason.contains("replaced")
        ? "file-not-written" : "unreadable-file",
      error.description,
      help: isFull ? "make room; what was saved before stands as it was" : nil)
  }

  init(_ error: ExecutionFault) {
    self.init(error.kind, error.description)
  }

  init(_ error: UnfoldingError) {
    self.init("too-large-to-run", error.description)
  }

  init(_ error: DifferentiationError) {
    diagnostics = [
      Diagnostic(id: "no-backward-pass", message: error.description, range: error.range)
    ]
  }

  init(_ error: TrainingFault) {
    if case .execution(let fault) = error {
      self.init(fault)
    } else {
      self.init("training-fault", error.description)
    }
  }
}
