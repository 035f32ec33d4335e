// GitHubRenderer: diagnostics as workflow commands, which GitHub shows beside the changed lines.
// One line a diagnostic; the rest of its text travels escaped within that line.

/// Renders diagnostics as GitHub workflow commands.
package enum GitHubRenderer {
  /// One command a line, ending in a newline.
  package static func render(_ diagnostics: [Diagnostic], in sources: SourceMap) -> String {
    diagnostics.map { render($0, in: sources) + "\n" }.joined()
  }

  private static func render(_ diagnostic: Diagnostic, in sources: SourceMap) -> String {
    let command =
      switch diagnostic.severity {
      case .error: "error"
      case .warning: "warning"
      case .note: "notice"
      }
    var properties: [String] = []
    if let place = diagnostic.range.flatMap({ Location($0, in: sources) }) {
      properties += [
        "file=" + escaped(place.path, property: true),
        "line=\(place.line)", "col=\(place.column)",
        "endLine=\(place.endLine)", "endColumn=\(place.endColumn)",
      ]
    }
    properties.append("title=" + escaped(diagnostic.id, property: true))
    let first = diagnostic.label.map { "\(diagnostic.message): \($0)" } ?? diagnostic.message
    let lines = [first] + PlainDetails.lines(of: diagnostic, in: sources)
    let message = escaped(lines.joined(separator: "\n"), property: false)
    return "::\(command) \(properties.joined(separator: ","))::\(message)"
  }

  /// The text with the characters replaced that end a command or a property.
  private static func escaped(_ text: String, property: Bool) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "%": result += "%25"
      case "\r": result += "%0D"
      case "\n": result += "%0A"
      case ":" where property: result += "%3A"
      case "," where property: result += "%2C"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
