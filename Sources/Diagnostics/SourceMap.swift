// SourceMap: every file of one run, and the identity that ranges carry instead of a path.
// Diagnostics stay small values; only a renderer needs the texts.

/// The identity of a file within one `SourceMap`.
package struct SourceID: Hashable, Sendable, Comparable {
  /// The position of the file in `SourceMap.files`.
  package let index: Int

  /// Names the file at `index`; usually `SourceMap.add` does this.
  package init(index: Int) { self.index = index }

  package static func < (left: SourceID, right: SourceID) -> Bool { left.index < right.index }
}

/// The files that ranges point into, in the order in which they were added.
package struct SourceMap: Hashable, Sendable {
  /// The files; a `SourceID` is an index into them.
  package private(set) var files: [SourceFile] = []

  /// Makes a map without files.
  package init() {}

  /// Adds a text under the path it is shown as, and names it.
  package mutating func add(path: String, text: String) -> SourceID {
    add(SourceFile(path: path, text: text))
  }

  /// Adds a file that is already indexed, and names it.
  package mutating func add(_ file: SourceFile) -> SourceID {
    files.append(file)
    return SourceID(index: files.count - 1)
  }

  /// The file named by an identity that this map gave out.
  package subscript(id: SourceID) -> SourceFile {
    guard let file = file(id) else {
      preconditionFailure("source \(id.index) is not one of \(files.count) files")
    }
    return file
  }

  /// The file of an identity, or nil when another map gave it out.
  package func file(_ id: SourceID) -> SourceFile? {
    files.indices.contains(id.index) ? files[id.index] : nil
  }

  /// The text that a range covers.
  package func text(in range: SourceRange) -> String {
    file(range.source)?.text(in: range.lower..<range.upper) ?? ""
  }
}
