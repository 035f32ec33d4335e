// FixDiff: the whole lines that the edits of a fix take away and put in.
// Apart from the terminal renderer so that other renderers can show the same lines.

/// A stretch of neighbouring lines that edits change.
package struct DiffHunk: Hashable, Sendable {
  /// The 1-based number of the first old line.
  package var oldStart: Int
  package var oldLines: [String]
  /// The 1-based number of the first new line, counting what earlier hunks added.
  package var newStart: Int
  package var newLines: [String]
}

/// The computation of changed lines from edits.
package enum FixDiff {
  /// The changed stretches of one file in order; empty when the edits do not fit it.
  package static func hunks(of edits: [Edit], in file: SourceFile) -> [DiffHunk] {
    guard let ordered = try? FixApplier.arranged(edits, for: file) else { return [] }
    var result: [DiffHunk] = []
    var shift = 0
    var pending = ordered[...]
    while let first = pending.popFirst() {
      let firstLine = file.lineNumber(ofUTF8Offset: first.range.lower)
      var lastLine = file.lineNumber(ofUTF8Offset: first.range.upper)
      var group = [first]
      while let next = pending.first,
        file.lineNumber(ofUTF8Offset: next.range.lower) <= lastLine
      {
        lastLine = max(lastLine, file.lineNumber(ofUTF8Offset: next.range.upper))
        group.append(next)
        pending.removeFirst()
      }
      let old = (firstLine...lastLine).map { file.line($0) }
      let new = lines(of: group, from: firstLine, through: lastLine, in: file)
      if var hunk = trimmed(old, new, reachesEnd: lastLine == file.lineCount) {
        hunk.oldStart += firstLine
        hunk.newStart += firstLine + shift
        shift += hunk.newLines.count - hunk.oldLines.count
        result.append(hunk)
      }
    }
    return result
  }

  private static func lines(
    of edits: [Edit], from firstLine: Int, through lastLine: Int, in file: SourceFile
  ) -> [String] {
    let end = file.contentRange(ofLine: lastLine).upperBound
    var position = file.contentRange(ofLine: firstLine).lowerBound
    var text = ""
    for edit in edits {
      text += file.text(in: position..<edit.range.lower) + edit.replacement
      position = edit.range.upper
    }
    if position < end { text += file.text(in: position..<end) }
    let changed = SourceFile(path: "", text: text)
    return (1...changed.lineCount).map { changed.line($0) }
  }

  /// The hunk between the lines that both sides begin and end with, its starts relative.
  private static func trimmed(
    _ old: [String], _ new: [String], reachesEnd: Bool
  ) -> DiffHunk? {
    var (old, new) = (old[...], new[...])
    // The empty line after a final newline is no line of the file.
    if reachesEnd, old.last == "" { old.removeLast() }
    if reachesEnd, old.count < new.count, new.last == "" { new.removeLast() }
    while let first = old.first, first == new.first {
      old.removeFirst()
      new.removeFirst()
    }
    while let last = old.last, last == new.last {
      old.removeLast()
      new.removeLast()
    }
    if old.isEmpty, new.isEmpty { return nil }
    return DiffHunk(
      oldStart: old.startIndex, oldLines: Array(old), newStart: new.startIndex,
      newLines: Array(new))
  }
}
