// TerminalRenderer: diagnostics as text for people, with source lines, carets and diffs.
// Pure and free of Foundation: starting the tool must stay cheap.

/// Renders diagnostics for a terminal.
package struct TerminalRenderer: Hashable, Sendable {
  /// Whether ANSI colours are used.
  package let color: Bool

  /// The most lines of one side of a diff that are shown.
  private static let longestDiff = 30

  package init(color: Bool) { self.color = color }

  /// The diagnostics one after the other with an empty line between them.
  package func render(_ diagnostics: [Diagnostic], in sources: SourceMap) -> String {
    diagnostics.map { render($0, in: sources) }.joined(separator: "\n")
  }

  /// Diagnostics with one cause, as one block under a title: what is shown once is not repeated.
  package func render(
    group diagnostics: [Diagnostic], titled title: String, in sources: SourceMap
  ) -> String {
    var text = title
    if let range = diagnostics.lazy.compactMap(\.range).first, let file = sources.file(range.source)
    {
      text += ", \(file.path):\(file.position(ofUTF8Offset: range.lower).line)"
    }
    text = DisplayText.safe(text)
    text = color ? "\u{1B}[1m\(text)\u{1B}[0m\n" : text + "\n"
    var shown: Set<SourceRange> = []
    var told: Set<Note> = []
    for diagnostic in diagnostics {
      var rest = diagnostic
      rest.notes.removeAll { !told.insert($0).inserted }
      let isShown = diagnostic.range.map { !shown.insert($0).inserted } ?? false
      text += render(rest, in: sources, showsSource: !isShown || diagnostic.label != nil)
    }
    return text
  }

  /// One diagnostic, ending in a newline.
  package func render(_ diagnostic: Diagnostic, in sources: SourceMap) -> String {
    render(diagnostic, in: sources, showsSource: true)
  }

  private func render(
    _ diagnostic: Diagnostic, in sources: SourceMap, showsSource: Bool
  ) -> String {
    let changes = diagnostic.fixes.map { FixChanges($0, in: sources) }
    var page = Page(
      color: color, digits: String(lastLine(of: diagnostic, changes, in: sources)).count)
    let style = Style(of: diagnostic.severity)
    page.heading(
      "\(diagnostic.severity.rawValue)[\(DisplayText.safe(diagnostic.id))]", style,
      diagnostic.message)
    if showsSource, let range = diagnostic.range, let file = sources.file(range.source) {
      page.place(range, in: file)
      if file.isText {
        page.source(range, in: file, mark: "^", label: diagnostic.label, style)
      }
    }
    page.facts(diagnostic.facts)
    for note in diagnostic.notes {
      page.heading("note", .note, note.message)
      if let range = note.range, let file = sources.file(range.source) {
        page.place(range, in: file)
        if note.showsSource {
          page.source(range, in: file, mark: "-", label: note.label, .note)
        }
      }
      page.facts(note.facts)
    }
    for (fix, changes) in zip(diagnostic.fixes, changes) {
      page.heading("help", .help, fix.message)
      for (source, hunks) in changes.files {
        if source != diagnostic.range?.source, let file = sources.file(source) {
          page.place(line: hunks[0].oldStart, in: file)
        }
        page.gutter("|", "")
        for hunk in hunks { self.hunk(hunk, on: &page) }
      }
    }
    return page.text
  }

  private func hunk(_ hunk: DiffHunk, on page: inout Page) {
    let sides = [
      (hunk.oldStart, hunk.oldLines, "-", Style.removed),
      (hunk.newStart, hunk.newLines, "+", Style.added),
    ]
    let change = firstDifference(hunk.oldLines.first ?? "", hunk.newLines.first ?? "")
    for (start, lines, sign, style) in sides {
      for (index, line) in lines.prefix(Self.longestDiff).enumerated() {
        let shown = SourceExcerpt.window(line, around: index == 0 ? change : 0)
        page.diff(number: start + index, sign, shown, style)
      }
      if lines.count > Self.longestDiff {
        page.gutter(sign, " ... \(lines.count - Self.longestDiff) more lines")
      }
    }
  }

  private func firstDifference(_ left: String, _ right: String) -> Int {
    zip(left.utf8, right.utf8).prefix { $0 == $1 }.count
  }

  /// The highest line number that the diagnostic prints, which decides the gutter's width.
  private func lastLine(
    of diagnostic: Diagnostic, _ changes: [FixChanges], in sources: SourceMap
  ) -> Int {
    let ranges = [diagnostic.range] + diagnostic.notes.map { $0.showsSource ? $0.range : nil }
    let shown = ranges.compactMap { range in
      range.flatMap { sources.file($0.source)?.lineNumber(ofUTF8Offset: $0.lower) }
    }
    let changed = changes.flatMap(\.files).flatMap(\.hunks).flatMap { hunk in
      [
        hunk.oldStart + min(hunk.oldLines.count, Self.longestDiff) - 1,
        hunk.newStart + min(hunk.newLines.count, Self.longestDiff) - 1,
      ]
    }
    return (shown + changed).max() ?? 1
  }
}

/// The changed lines of one fix, file by file in the order of its edits.
private struct FixChanges {
  var files: [(source: SourceID, hunks: [DiffHunk])] = []

  init(_ fix: FixIt, in sources: SourceMap) {
    var known: Set<SourceID> = []
    for source in fix.edits.map(\.range.source) where known.insert(source).inserted {
      guard let file = sources.file(source) else { continue }
      let hunks = FixDiff.hunks(of: fix.edits.filter { $0.range.source == source }, in: file)
      if !hunks.isEmpty { files.append((source, hunks)) }
    }
  }
}
