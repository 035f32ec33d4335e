// ModelInliner: one file in the place of a file and all that it imports.
// Works on texts: what a person wrote, comments and all, is moved and not printed anew.
import Diagnostics
import Language

/// Writes a model without imports and without a base.
///
/// The members of the models that it derives from are merged as the elaborator merges them, and the
/// blocks that any of them reaches are put before it. Where two files give one name to two blocks
/// that are both reached, there is no such file.
struct ModelInliner {
  private let library: ModuleLibrary
  private let file: Int
  /// Whether a loss that the model has from a base is written into its `train` section.
  private let keepsLoss: Bool

  init(_ library: ModuleLibrary, file: Int, keepsLoss: Bool = false) {
    self.library = library
    self.file = file
    self.keepsLoss = keepsLoss
  }

  /// The text in the standard layout; `nil` when names collide or there is no model.
  var text: String? {
    let own = library.files[file].syntax.declarations
    let imports = own.contains { if case .importFile = $0 { true } else { false } }
    let source = library.sources[library.files[file].syntax.source]
    guard imports else { return source.text }
    guard let chain, let last = chain.last else { return nil }
    let members = merged(chain)
    guard let blocks = reached(from: members, chain) else { return nil }
    var parts = [heading(of: source.text)]
    parts += blocks.map { documented(library[$0]) }
    let documentation = last.model.documentation.map { "//" + ($0.isEmpty ? "" : " " + $0) }
    parts.append(
      (documentation + ["model \(last.model.name.text) {"] + members.map(\.text) + ["}"])
        .joined(separator: "\n"))
    let name = last.model.name.text
    let plan = own.lazy.compactMap { declaration -> TrainDeclaration? in
      guard case .train(let plan) = declaration, plan.model.text == name else { return nil }
      return plan
    }.first
    let loss = keepsLoss && plan?.loss == nil ? inheritedLoss(chain) : nil
    if let plan {
      let text = library.sources.text(in: plan.range)
      parts.append(loss.map { text.dropLast() + "  loss \($0.text)\n}" } ?? text)
    } else if let loss {
      parts.append("train \(name) {\n  loss \(loss.text)\n}")
    }
    return formatted(parts.joined(separator: "\n\n") + "\n")
  }

  // MARK: The model

  private typealias Level = (model: ModelDeclaration, file: Int)

  /// A member as text, and the file whose names it uses.
  private struct Piece {
    var name: String?
    var text: String
    var file: Int
  }

  /// The last model and those that it derives from, the outermost base first.
  private var chain: [Level]? {
    var next = library.files[file].syntax.declarations.indices.last { index in
      if case .model = library.files[file].syntax.declarations[index] { true } else { false }
    }.map { DeclarationReference(file: file, index: $0) }
    var chain: [Level] = []
    while let reference = next, case .model(let model) = library[reference], chain.count < 64 {
      chain.insert((model, reference.file), at: 0)
      next = model.base.flatMap { library.files[reference.file].names[$0.text] }
    }
    return chain.isEmpty ? nil : chain
  }

  private func merged(_ chain: [Level]) -> [Piece] {
    var head: [Piece] = []
    var pieces: [Piece] = []
    var policies: [Piece] = []
    for level in chain {
      for member in level.model.members {
        let piece = Piece(
          name: nil, text: library.sources.text(in: member.range), file: level.file)
        switch member {
        case .config, .dim, .expect: continue
        case .family: replace("family", in: &head, with: piece)
        case .dtype: replace("dtype", in: &head, with: piece)
        case .forward:
          pieces.removeAll { $0.name == "forward" }
          pieces.append(Piece(name: "forward", text: piece.text, file: level.file))
        case .binding(let binding): replace("let " + binding.name.text, in: &pieces, with: piece)
        case .policy: policies.append(piece)
        default: pieces.append(piece)
        }
      }
    }
    let expectations = (chain.last?.model.members ?? []).filter {
      if case .expect = $0 { true } else { false }
    }.map {
      Piece(name: nil, text: library.sources.text(in: $0.range), file: chain.last?.file ?? file)
    }
    return head + [config(chain), dimensions(chain)].compactMap { $0 } + policies + pieces
      + expectations
  }

  private func replace(_ name: String, in pieces: inout [Piece], with piece: Piece) {
    let named = Piece(name: name, text: piece.text, file: piece.file)
    if let known = pieces.firstIndex(where: { $0.name == name }) {
      pieces[known] = named
    } else {
      pieces.append(named)
    }
  }

  private func config(_ chain: [Level]) -> Piece? {
    var fields: [ConfigField] = []
    for level in chain {
      for case .config(let list, _) in level.model.members {
        for var field in list {
          guard let known = fields.firstIndex(where: { $0.name.text == field.name.text }) else {
            fields.append(field)
            continue
          }
          if field.keys.isEmpty, !field.acceptsNone {
            field.keys = fields[known].keys
            field.acceptsNone = fields[known].acceptsNone
          }
          if field.type == nil { field.type = fields[known].type }
          fields[known] = field
        }
      }
    }
    let lines = fields.map { field in
      let keys = field.keys.map { "\"\($0.text)\"" } + (field.acceptsNone ? ["none"] : [])
      return field.name.text + (field.type.map { ": " + $0.text } ?? "") + " = "
        + library.sources.text(in: field.value.range)
        + (keys.isEmpty ? "" : " from " + keys.joined(separator: " | "))
    }
    return lines.isEmpty
      ? nil : Piece(name: nil, text: "config " + lines.joined(separator: ",\n"), file: file)
  }

  private func dimensions(_ chain: [Level]) -> Piece? {
    var bounds: [DimensionBound] = []
    for level in chain {
      for case .dim(let list, _) in level.model.members {
        let names = Set(list.map(\.name.text))
        bounds.removeAll { names.contains($0.name.text) }
        bounds += list
      }
    }
    let text = bounds.map { library.sources.text(in: $0.range) }.joined(separator: ", ")
    return bounds.isEmpty ? nil : Piece(name: nil, text: "dim " + text, file: file)
  }

  /// The loss that the nearest base writes, as text and the file whose names it uses.
  private func inheritedLoss(_ chain: [Level]) -> Piece? {
    for level in chain.dropLast().reversed() {
      guard let reference = library.files[level.file].trains[level.model.name.text],
        case .train(let plan) = library[reference], let loss = plan.loss
      else { continue }
      return Piece(
        name: nil, text: library.sources.text(in: loss.range), file: reference.file)
    }
    return nil
  }

  // MARK: The blocks

  /// The blocks that are reached, imported ones first; `nil` when two have one name.
  private func reached(from members: [Piece], _ chain: [Level]) -> [DeclarationReference]? {
    var found: Set<DeclarationReference> = []
    var pending: [(words: Set<Substring>, file: Int)] = members.map {
      (words(of: $0.text), $0.file)
    }
    if keepsLoss, let loss = inheritedLoss(chain) {
      pending.append((words(of: loss.text), loss.file))
    }
    // Config and dimensions of a base use names of its file; blocks are never among them.
    while let (words, file) = pending.popLast() {
      for word in words {
        guard let reference = library.files[file].names[String(word)],
          reference.file != library.preludeFile, !found.contains(reference)
        else { continue }
        if case .model = library[reference] { continue }
        found.insert(reference)
        let text = library.sources.text(in: library[reference].range)
        pending.append((self.words(of: text), reference.file))
      }
    }
    let names = found.compactMap { library[$0].name?.text }
    guard Set(names).count == names.count else { return nil }
    // Files are numbered as they are met, the importing one first.
    return found.sorted { ($1.file, $0.index) < ($0.file, $1.index) }
  }

  /// The words of a text that may name a block: what is called or stands as a type.
  ///
  /// A layer often has the name of its block: `let norm = norm(width)` names the block, and
  /// `norm(x)` below it the layer.
  private func words(of text: String) -> Set<Substring> {
    let lines = text.split(separator: "\n").map { line in
      line.range(ofComment: "//").map { line[..<$0] } ?? line
    }
    let layers = Set(lines.compactMap(\.boundName))
    return lines.reduce(into: []) { words, line in
      let isBinding = line.boundName != nil
      for (word, isMentioned) in line.names
      where isMentioned && (isBinding || !layers.contains(word)) {
        words.insert(word)
      }
    }
  }

  // MARK: The text

  private func documented(_ declaration: Declaration) -> String {
    let comment = declaration.documentation.map { "//" + ($0.isEmpty ? "" : " " + $0) }
    return (comment + [library.sources.text(in: declaration.range)]).joined(separator: "\n")
  }

  /// The comment at the top of the file.
  private func heading(of text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).prefix { $0.hasPrefix("//") }
      .joined(separator: "\n")
  }

  private func formatted(_ text: String) -> String? {
    var map = SourceMap()
    let source = map.add(path: "own.model", text: text)
    let (syntax, found) = Parser.parse(source, in: map)
    guard !found.contains(where: { $0.severity == .error }) else { return nil }
    return Formatter.format(syntax, map)
  }
}

extension TrainDeclaration {
  /// The last loss that is written.
  var loss: Expression? {
    for case .loss(let expression, _) in members.reversed() { return expression }
    return nil
  }
}

extension Substring {
  /// The name that a line binds with `let`.
  fileprivate var boundName: Substring? {
    let words = split(separator: " ", maxSplits: 2)
    guard words.count == 3, words[0] == "let" else { return nil }
    return words[1]
  }

  /// The words of a line, and whether each is called or stands behind a colon.
  fileprivate var names: [(word: Substring, isMentioned: Bool)] {
    func isPart(_ character: Character) -> Bool {
      character.isLetter || character.isNumber || character == "_"
    }
    var found: [(Substring, Bool)] = []
    var index = startIndex
    while let start = self[index...].firstIndex(where: isPart) {
      let end = self[start...].firstIndex { !isPart($0) } ?? endIndex
      let before = self[..<start].last { $0 != " " }
      found.append((self[start..<end], before == ":" || (end < endIndex && self[end] == "(")))
      index = end
    }
    return found
  }

  /// Where a comment begins, outside of strings.
  fileprivate func range(ofComment sign: String) -> Index? {
    var inString = false
    var index = startIndex
    while index < endIndex {
      if self[index] == "\"" { inString.toggle() }
      if !inString, self[index...].hasPrefix(sign) { return index }
      index = self.index(after: index)
    }
    return nil
  }
}
