// CheckReport: the outcome of checking files, in the shape of the JSON document.
// These names and their spelling are a format that other programs read; change them with care.

/// What a check concluded about a file.
package enum FileVerdict: String, Hashable, Sendable, Codable {
  /// Every obligation holds for every admitted size.
  case proved
  /// Some obligation is false.
  case refuted
  /// No obligation is false, but some could not be proved.
  case undecided
}

/// The outcome of a whole run.
package struct CheckReport: Hashable, Sendable, Codable {
  package var files: [FileReport]

  package init(files: [FileReport]) { self.files = files }
}

/// The outcome for one file.
package struct FileReport: Hashable, Sendable, Codable {
  package var path: String
  /// The name of the model that was checked, when there is one.
  package var model: String?
  package var verdict: FileVerdict
  package var findings: [Finding]

  package init(path: String, model: String? = nil, verdict: FileVerdict, findings: [Finding]) {
    self.path = path
    self.model = model
    self.verdict = verdict
    self.findings = findings
  }

  /// Reports diagnostics whose ranges lie in `sources`.
  package init(
    path: String, model: String? = nil, verdict: FileVerdict, diagnostics: [Diagnostic],
    in sources: SourceMap
  ) {
    self.init(
      path: path, model: model, verdict: verdict,
      findings: diagnostics.map { Finding($0, in: sources) })
  }
}

/// One diagnostic with its places resolved; keys without a value are left out.
package struct Finding: Hashable, Sendable, Codable {
  /// A note of a finding.
  package struct Remark: Hashable, Sendable, Codable {
    package var message: String
    package var file: String?
    package var line: Int?
    package var column: Int?
    package var endLine: Int?
    package var endColumn: Int?
    package var label: String?
    package var facts: [String]
  }

  /// A fix of a finding.
  package struct Fix: Hashable, Sendable, Codable {
    package var message: String
    /// One of the names of `FixEffect`.
    package var effect: String
    package var edits: [Replacement]
  }

  /// An edit of a fix.
  package struct Replacement: Hashable, Sendable, Codable {
    package var file: String
    package var line: Int
    package var column: Int
    package var endLine: Int
    package var endColumn: Int
    package var replacement: String
  }

  package var id: String
  package var severity: String
  package var message: String
  package var file: String?
  package var line: Int?
  package var column: Int?
  package var endLine: Int?
  package var endColumn: Int?
  package var label: String?
  package var facts: [String]
  package var notes: [Remark]
  package var fixes: [Fix]

  /// Resolves the places of a diagnostic.
  package init(_ diagnostic: Diagnostic, in sources: SourceMap) {
    let place = diagnostic.range.flatMap { Location($0, in: sources) }
    id = diagnostic.id
    severity = diagnostic.severity.rawValue
    message = diagnostic.message
    file = place?.path
    line = place?.line
    column = place?.column
    endLine = place?.endLine
    endColumn = place?.endColumn
    label = diagnostic.label
    facts = Fact.plainLines(diagnostic.facts)
    notes = diagnostic.notes.map { note in
      let place = note.range.flatMap { Location($0, in: sources) }
      return Remark(
        message: note.message, file: place?.path, line: place?.line, column: place?.column,
        endLine: place?.endLine, endColumn: place?.endColumn, label: note.label,
        facts: Fact.plainLines(note.facts))
    }
    fixes = diagnostic.fixes.map { fix in
      let edits = fix.edits.compactMap { edit -> Replacement? in
        guard let place = Location(edit.range, in: sources) else { return nil }
        return Replacement(
          file: place.path, line: place.line, column: place.column, endLine: place.endLine,
          endColumn: place.endColumn, replacement: edit.replacement)
      }
      return Fix(message: fix.message, effect: fix.effect.rawValue, edits: edits)
    }
  }
}
