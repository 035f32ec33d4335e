// DiagnosticPage: what `explain` says of the id of a diagnostic.
// The words come from the manual; which operations raise it comes from the catalogue.
import Operations
import PlumblineKit

/// The explanation of an id.
struct DiagnosticPage {
  private let entry: DiagnosticManual.Entry

  init?(_ id: String) {
    guard let entry = DiagnosticManual.entry(for: id) else { return nil }
    self.entry = entry
  }

  var text: String {
    var lines = ["diagnostic \(entry.id)"]
    lines += TextColumns.wrapped(entry.meaning, indentation: 2)
    lines += ["", "example:"] + entry.example.split(separator: "\n").map { "  " + $0 }
    lines += ["", "remedy:"] + TextColumns.wrapped(entry.remedy, indentation: 2)
    if let catalogue = entry.catalogue { lines += ["", "catalogue: \(catalogue)"] }
    let raised = Catalogue.all.compactMap { operation in
      operation.schema.faults[entry.id].map { (operation.schema.name, $0) }
    }
    if !raised.isEmpty { lines += ["", "raised by:"] + TextColumns.lines(raised) }
    return lines.joined(separator: "\n") + "\n"
  }
}
