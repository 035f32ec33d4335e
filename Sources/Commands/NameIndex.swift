// NameIndex: every name that `explain` explains, with a line each: the page of the tool's words.
// Apart from the pages because nobody guesses the name of an operation.
import Diagnostics
import Language
import Operations
import PlumblineKit

/// The list of blocks, operations and diagnostics.
struct NameIndex {
  private let library: ModuleLibrary
  private let file: Int

  init(_ library: ModuleLibrary, file: Int) {
    self.library = library
    self.file = file
  }

  var text: String {
    let operations = Catalogue.all.map { ($0.schema.name, $0.schema.summary) }
      .filter { !$0.0.hasSuffix("_gradient") }
    var lines = ["blocks that every file sees, and those of `--in FILE`:"]
    lines += TextColumns.lines(blocks)
    lines += ["", "operations:"]
    lines += TextColumns.lines(operations.sorted { $0.0 < $1.0 })
    lines += ["", "diagnostics:"]
    let ids = DiagnosticManual.entries.map(\.id).sorted().joined(separator: ", ")
    lines += TextColumns.wrapped(ids, indentation: 2)
    return lines.map { DisplayText.safe($0) + "\n" }.joined()
  }

  private var blocks: [(String, String)] {
    library.files[file].names.sorted { $0.key < $1.key }.map { name, reference in
      let words = library[reference].documentation.joined(separator: " ")
      return (name, words.isEmpty ? "(no description)" : words)
    }
  }
}
