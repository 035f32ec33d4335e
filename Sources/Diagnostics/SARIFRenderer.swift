// SARIFRenderer: diagnostics as a SARIF 2.1.0 log, for code scanning services.
// Maps our values to the standard's; what the standard looks like stands in SARIFLog.

/// Renders diagnostics as a SARIF log.
package struct SARIFRenderer: Hashable, Sendable {
  /// The version of the tool that the log names, if any.
  package let toolVersion: String?

  package init(toolVersion: String? = nil) { self.toolVersion = toolVersion }

  /// The log as JSON, ending in a newline.
  package func render(_ diagnostics: [Diagnostic], in sources: SourceMap) -> String {
    let ids = Set(diagnostics.map(\.id)).sorted()
    let indices = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
    let driver = SARIFLog.Driver(
      name: "plumbline", version: toolVersion,
      rules: ids.map { id in
        let words = id.split(separator: "-").joined(separator: " ")
        return SARIFLog.Rule(id: id, shortDescription: SARIFLog.Message(text: words))
      })
    let results = diagnostics.map { result($0, ruleIndex: indices[$0.id] ?? -1, in: sources) }
    return JSONRenderer.encode(
      SARIFLog(runs: [SARIFLog.Run(tool: SARIFLog.Tool(driver: driver), results: results)]))
  }

  private func result(
    _ diagnostic: Diagnostic, ruleIndex: Int, in sources: SourceMap
  ) -> SARIFLog.Result {
    let lines = [diagnostic.message] + PlainDetails.lines(of: diagnostic, in: sources)
    let label = diagnostic.label.map { SARIFLog.Message(text: $0) }
    let place = place(diagnostic.range, message: label, in: sources)
    let related = diagnostic.notes.enumerated().compactMap { index, note in
      self.place(
        note.range, id: index + 1, message: SARIFLog.Message(text: note.message), in: sources)
    }
    return SARIFLog.Result(
      ruleId: diagnostic.id, ruleIndex: ruleIndex, level: diagnostic.severity.rawValue,
      message: SARIFLog.Message(text: lines.joined(separator: "\n")),
      locations: place.map { [$0] } ?? [], relatedLocations: related,
      fixes: diagnostic.fixes.compactMap { fix($0, in: sources) })
  }

  private func place(
    _ range: SourceRange?, id: Int? = nil, message: SARIFLog.Message?, in sources: SourceMap
  ) -> SARIFLog.Place? {
    guard let location = range.flatMap({ Location($0, in: sources) }) else { return nil }
    return SARIFLog.Place(
      id: id, message: message,
      physicalLocation: SARIFLog.PhysicalLocation(
        artifactLocation: artifact(location.path), region: region(location)))
  }

  /// The fix, or nil for mere advice: the standard asks for at least one change.
  private func fix(_ fix: FixIt, in sources: SourceMap) -> SARIFLog.Fix? {
    var order: [SARIFLog.ArtifactLocation] = []
    var replacements: [SARIFLog.ArtifactLocation: [SARIFLog.Replacement]] = [:]
    for edit in fix.edits {
      guard let location = Location(edit.range, in: sources) else { continue }
      let artifact = artifact(location.path)
      if replacements[artifact] == nil { order.append(artifact) }
      replacements[artifact, default: []].append(
        SARIFLog.Replacement(
          deletedRegion: region(location),
          insertedContent: SARIFLog.Message(text: edit.replacement)))
    }
    guard !order.isEmpty else { return nil }
    return SARIFLog.Fix(
      description: SARIFLog.Message(text: fix.message),
      artifactChanges: order.map {
        SARIFLog.ArtifactChange(artifactLocation: $0, replacements: replacements[$0] ?? [])
      })
  }

  private func region(_ location: Location) -> SARIFLog.Region {
    SARIFLog.Region(
      startLine: location.line, startColumn: location.column, endLine: location.endLine,
      endColumn: location.endColumn)
  }

  private func artifact(_ path: String) -> SARIFLog.ArtifactLocation {
    SARIFLog.ArtifactLocation(uri: Self.uri(path))
  }

  /// The path as a URI reference; an absolute path becomes a `file` URI.
  static func uri(_ path: String) -> String {
    let plain = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
    let kept = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/".utf8)
    let hex = Array("0123456789ABCDEF")
    var result = plain.hasPrefix("/") ? "file://" : ""
    for byte in plain.utf8 {
      if kept.contains(byte) {
        result.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        result += "%\(hex[Int(byte >> 4)])\(hex[Int(byte & 15)])"
      }
    }
    return result
  }
}
