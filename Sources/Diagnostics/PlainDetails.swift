// PlainDetails: what a diagnostic says beyond its first line, as lines without layout.
// Shared by the formats that have one text for everything.

/// The facts, notes and fixes of a diagnostic as plain lines.
enum PlainDetails {
  /// The lines in reading order.
  static func lines(of diagnostic: Diagnostic, in sources: SourceMap) -> [String] {
    var lines = Fact.plainLines(diagnostic.facts)
    for note in diagnostic.notes {
      lines.append("note: " + note.message + place(of: note.range, in: sources))
      lines += Fact.plainLines(note.facts)
    }
    lines += diagnostic.fixes.map { "help: " + $0.message }
    return lines
  }

  private static func place(of range: SourceRange?, in sources: SourceMap) -> String {
    guard let range, let place = Location(range, in: sources) else { return "" }
    return " (\(place.path):\(place.line):\(place.column))"
  }
}
