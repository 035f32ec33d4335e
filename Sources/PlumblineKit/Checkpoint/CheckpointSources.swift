// CheckpointSources: places in weights files as places in texts, so that every format can show them.
// A safetensors header is a text and is shown as one; of other files only the name is.
import Diagnostics
import Interchange

/// Puts findings about a checkpoint into a map of sources.
struct CheckpointSources {
  /// A longer header isn't shown; its bytes are named all the same.
  private static let longest = 1 << 20
  /// As many findings of one kind are told one by one.
  private static let most = 8

  let checkpoint: Checkpoint
  private var sources: [Int: (id: SourceID, start: Int, count: Int)] = [:]
  private var names: [Int: SourceID] = [:]

  init(_ checkpoint: Checkpoint) { self.checkpoint = checkpoint }

  /// The findings as diagnostics, a long row of one kind cut short.
  mutating func diagnostics(
    _ findings: [CheckpointFinding], in map: inout SourceMap
  ) -> [Diagnostic] {
    var result: [Diagnostic] = []
    var counts: [Kind: Int] = [:]
    var last: [Kind: Int] = [:]
    var others: [Kind: [String]] = [:]
    for finding in findings {
      let kind = Kind(id: finding.diagnostic.id, file: finding.file)
      counts[kind, default: 0] += 1
      guard counts[kind, default: 0] <= Self.most else {
        others[kind, default: []].append(finding.tensor ?? "")
        continue
      }
      last[kind] = result.count
      result.append(diagnostic(finding, in: &map))
    }
    for (kind, place) in last {
      guard let names = others[kind] else { continue }
      let shown = names.prefix(3).filter { !$0.isEmpty }.map { "`\($0)`" }
      result[place].facts.append(
        .line(
          "and \(names.count) more like it"
            + (shown.isEmpty ? "" : ": \(shown.joined(separator: ", "))")
            + (names.count > shown.count ? ", …" : "")))
    }
    return result
  }

  private struct Kind: Hashable {
    let id: String
    let file: Int
  }

  private mutating func diagnostic(
    _ finding: CheckpointFinding, in map: inout SourceMap
  ) -> Diagnostic {
    var diagnostic = finding.diagnostic
    guard checkpoint.files.indices.contains(finding.file) else { return diagnostic }
    guard finding.place != nil || checkpoint.files[finding.file].format == .index else {
      // About the file and no place in it: the name is shown, and nothing of the header.
      diagnostic.range = SourceRange(source: nameOnly(finding.file, in: &map), lower: 0, upper: 0)
      return diagnostic
    }
    let source = source(of: finding.file, in: &map)
    let isIndex = checkpoint.files[finding.file].format == .index
    if let place = finding.place, !isIndex {
      diagnostic.facts.append(
        .line("at byte \(place.lowerBound) of `\(checkpoint.files[finding.file].name)`"))
    }
    let place = finding.place.map { range in
      func moved(_ offset: Int) -> Int { min(max(offset - source.start, 0), source.count) }
      return moved(range.lowerBound)..<moved(range.upperBound)
    }
    diagnostic.range = SourceRange(
      source: source.id, lower: place?.lowerBound ?? 0, upper: place?.upperBound ?? 0)
    return diagnostic
  }

  private mutating func nameOnly(_ file: Int, in map: inout SourceMap) -> SourceID {
    if let known = names[file] { return known }
    let id = map.add(
      SourceFile(path: checkpoint.files[file].path, text: "", isText: false))
    names[file] = id
    return id
  }

  /// The source of a file, read once more for those that have something to show.
  private mutating func source(
    of file: Int, in map: inout SourceMap
  ) -> (id: SourceID, start: Int, count: Int) {
    if let known = sources[file] { return known }
    let described = checkpoint.files[file]
    var text = ""
    var start = 0
    switch described.format {
    case .index: text = Self.text(of: described.path, from: 0, count: described.size) ?? ""
    case .safetensors:
      start = 8
      if let length = Self.headerLength(of: described.path) {
        text = Self.text(of: described.path, from: 8, count: length) ?? ""
      }
    case .gguf: break
    }
    let id = map.add(SourceFile(path: described.path, text: text, isText: !text.isEmpty))
    sources[file] = (id, start, text.utf8.count)
    return (id, start, text.utf8.count)
  }

  private static func headerLength(of path: String) -> Int? {
    guard var file = try? HeaderFile(path: path),
      let prefix = (try? file.bytes(at: 0, count: 8)) ?? nil
    else { return nil }
    let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return length <= UInt64(max(file.size - 8, 0)) ? Int(length) : nil
  }

  /// The text, unless it is long or no UTF-8, so that offsets stay what they are.
  private static func text(of path: String, from start: Int, count: Int) -> String? {
    guard count <= longest, var file = try? HeaderFile(path: path),
      let bytes = (try? file.bytes(at: start, count: count)) ?? nil
    else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }
}
