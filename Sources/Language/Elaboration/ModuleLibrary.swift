// ModuleLibrary: parsed files, what they import, and which declaration a name means in each.
// Apart from the elaborator, which never opens a file.
import Diagnostics

/// A declaration: which file, which position in it.
package struct DeclarationReference: Hashable, Sendable {
  package var file: Int
  package var index: Int

  package init(file: Int, index: Int) {
    self.file = file
    self.index = index
  }
}

/// One loaded file and the names that it sees.
package struct LoadedFile: Sendable {
  package var path: String
  package var syntax: SyntaxFile
  /// Blocks, adapters and models by name: its own, then those of its imports, then the prelude's.
  package var names: [String: DeclarationReference]
  /// The `train` sections by the model's name.
  package var trains: [String: DeclarationReference]

  package init(path: String, syntax: SyntaxFile) {
    self.path = path
    self.syntax = syntax
    self.names = [:]
    self.trains = [:]
  }
}

/// All files of one run.
package struct ModuleLibrary: Sendable {
  /// Finds the text of an import; `nil` when there is no such file.
  package typealias Reader = @Sendable (_ path: String, _ importer: String) -> ImportedText?

  /// The files that an import could have meant, for near misses.
  package typealias Neighbours = @Sendable (_ path: String, _ importer: String) -> [String]

  /// A file found for an import.
  package struct ImportedText: Sendable {
    package var path: String
    package var text: String

    package init(path: String, text: String) {
      self.path = path
      self.text = text
    }
  }

  package private(set) var files: [LoadedFile] = []
  package var sources: SourceMap
  package private(set) var diagnostics: [Diagnostic] = []
  package private(set) var preludeFile = 0
  private let reader: Reader
  private let neighbours: Neighbours
  private var indices: [String: Int] = [:]

  /// A library that holds the prelude.
  package init(
    sources: SourceMap = SourceMap(), reader: @escaping Reader,
    neighbours: @escaping Neighbours = { _, _ in [] }
  ) {
    self.sources = sources
    self.reader = reader
    self.neighbours = neighbours
    preludeFile = load(path: Prelude.path, text: Prelude.text, loading: [])
  }

  /// Parses a file and everything it imports.
  ///
  /// - Returns: the index of the file.
  package mutating func load(path: String, text: String) -> Int {
    load(path: path, text: text, loading: [])
  }

  /// The declaration behind a reference.
  package subscript(_ reference: DeclarationReference) -> Declaration {
    files[reference.file].syntax.declarations[reference.index]
  }

  private mutating func load(path: String, text: String, loading: [String]) -> Int {
    let source = sources.add(path: path, text: text)
    let (syntax, found) = Parser.parse(source, in: sources)
    diagnostics += found
    let index = files.count
    files.append(LoadedFile(path: path, syntax: syntax))
    indices[path] = index
    var names: [String: DeclarationReference] = [:]
    var trains: [String: DeclarationReference] = [:]
    if index != preludeFile { names = files[preludeFile].names }
    for case .importFile(let declaration) in syntax.declarations {
      guard let imported = resolve(declaration, from: path, loading: loading + [path]) else {
        continue
      }
      names.merge(files[imported].names) { _, new in new }
      trains.merge(files[imported].trains) { _, new in new }
    }
    var own: [String: Name] = [:]
    for (position, declaration) in syntax.declarations.enumerated() {
      let reference = DeclarationReference(file: index, index: position)
      if case .train(let train) = declaration {
        trains[train.model.text] = reference
        continue
      }
      guard let name = declaration.name else { continue }
      if let first = own[name.text] {
        diagnostics.append(
          Diagnostic(
            id: "duplicate-declaration", severity: .error,
            message: "`\(name.text)` is declared twice in this file", range: name.range,
            notes: [Note(message: "the first declaration stands here", range: first.range)]))
        continue
      }
      own[name.text] = name
      names[name.text] = reference
    }
    files[index].names = names
    files[index].trains = trains
    return index
  }

  private mutating func resolve(
    _ declaration: ImportDeclaration, from path: String, loading: [String]
  ) -> Int? {
    guard let found = reader(declaration.path, path) else {
      let near = Nearest.match(declaration.path, in: neighbours(declaration.path, path))
      diagnostics.append(
        Diagnostic(
          id: "import-not-found", severity: .error,
          message: "there is no file `\(declaration.path)`"
            + (near.map { "; did you mean `\($0)`?" } ?? ""), range: declaration.pathRange,
          facts: [.line("looked beside \(path) and among the embedded models")],
          fixes: near.map { [FixIt.renaming(declaration.pathRange, to: "\"\($0)\"")] } ?? []))
      return nil
    }
    if let start = loading.firstIndex(of: found.path) {
      let cycle = (loading[start...] + [found.path]).joined(separator: " -> ")
      diagnostics.append(
        Diagnostic(
          id: "cyclic-import", severity: .error, message: "this import comes back to its own file",
          range: declaration.pathRange, facts: [.line(cycle)]))
      return nil
    }
    if let known = indices[found.path] { return known }
    guard loading.count < 64 else {
      diagnostics.append(
        Diagnostic(
          id: "nested-too-deeply", severity: .error,
          message: "imports are nested more than 64 files deep", range: declaration.pathRange))
      return nil
    }
    return load(path: found.path, text: found.text, loading: loading)
  }
}

extension Declaration {
  /// The declared name; `nil` for imports and `train` sections.
  package var name: Name? {
    switch self {
    case .importFile, .train: nil
    case .block(let block): block.name
    case .adapter(let adapter): adapter.block.name
    case .model(let model): model.name
    }
  }
}
