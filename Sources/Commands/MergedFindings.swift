// MergedFindings: the diagnostics of several files over one map of sources.
// A log of a whole run needs one numbering of files; each file was checked with its own.
import Diagnostics

/// Diagnostics moved into one source map.
struct MergedFindings {
  private(set) var diagnostics: [Diagnostic] = []
  private(set) var sources = SourceMap()

  mutating func add(_ findings: [Diagnostic], in map: SourceMap) {
    let offset = sources.files.count
    for file in map.files { _ = sources.add(file) }
    diagnostics += findings.map { $0.moved(by: offset) }
  }
}

extension Diagnostic {
  fileprivate func moved(by offset: Int) -> Diagnostic {
    var copy = self
    copy.range = range?.moved(by: offset)
    copy.notes = notes.map { note in
      var note = note
      note.range = note.range?.moved(by: offset)
      return note
    }
    copy.fixes = fixes.map { fix in
      var fix = fix
      fix.edits = fix.edits.map {
        Edit(range: $0.range.moved(by: offset), replacement: $0.replacement)
      }
      return fix
    }
    return copy
  }
}

extension SourceRange {
  fileprivate func moved(by offset: Int) -> SourceRange {
    SourceRange(source: SourceID(index: source.index + offset), lower: lower, upper: upper)
  }
}
