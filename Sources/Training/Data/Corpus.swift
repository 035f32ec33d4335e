// Corpus: what `--data` names, as ids to train on and ids to validate with.
// A text gives its vocabulary; token files have theirs elsewhere and are checked against it.
import Foundation

/// How data are to be read.
package struct CorpusRequest: Hashable, Sendable {
  /// What a file holds.
  package enum Format: String, Hashable, Sendable, CaseIterable {
    /// Ids where the name ends in `.bin`, and else text.
    case automatic
    case text
    case tokens
  }

  /// A file, or a directory with `train.bin` and `val.bin`, or with `train.txt` and `val.txt`.
  package var path: String
  package var format = Format.automatic
  package var level = Vocabulary.Level.character
  /// The bytes of an id; as the vocabulary needs them when `nil`.
  package var width: TokenWidth?
  /// The last part of a single file, which is kept for validation; 0 for none.
  package var validationShare = 0.1
  /// The symbols of a text, when they were chosen before, as for a run that goes on.
  package var vocabulary: Vocabulary?
  /// How many ids the model knows.
  package var modelVocabulary: Int?

  package init(path: String) {
    self.path = path
  }
}

/// Data to train on.
package struct Corpus: Sendable {
  package let training: TokenSequence
  /// `nil` when nothing was kept for validation.
  package let validation: TokenSequence?
  /// The symbols of a text; of token files only when a `vocabulary.json` lies beside them.
  package let vocabulary: Vocabulary?

  /// Opens data and checks every id against the model's vocabulary.
  ///
  /// - Throws: ``DataFault`` for what can't be read or does not fit.
  package init(_ request: CorpusRequest) throws(DataFault) {
    guard (0..<1).contains(request.validationShare) else {
      throw DataFault(
        id: "training-fault",
        "the share for validation is \(request.validationShare): expected 0 ..< 1")
    }
    let files = try CorpusFiles(request)
    if files.isTokens {
      (training, validation) = try Self.tokens(files, request)
      vocabulary = try files.vocabulary ?? request.vocabulary
    } else {
      let known = try Self.vocabulary(of: files, request)
      if let size = request.modelVocabulary, known.count > size {
        throw DataFault(
          id: "vocabulary-too-large",
          "\(request.path) has \(DataFault.grouped(known.count)) different symbols, but the model's"
            + " vocabulary has \(DataFault.grouped(size))",
          facts: ["the symbols are \(known.summary)"],
          help: "give the model a vocabulary of at least \(known.count)")
      }
      let texts = try files.texts(request.level, known)
      (training, validation) = Self.split(texts, files, share: request.validationShare)
      vocabulary = known
    }
  }

  /// Whether each split has room for a block and the token after it.
  ///
  /// - Parameters:
  ///   - block: the tokens of a row.
  ///   - validates: whether blocks of the validation split are wanted as well.
  /// - Throws: ``DataFault`` for a split that is too short.
  package func check(block: Int, validates: Bool = true) throws(DataFault) {
    for tokens in [training, validates ? validation : nil].compactMap({ $0 })
    where tokens.count <= block {
      let other = tokens.name == training.name ? validation : training
      var facts = ["the targets of a block are its tokens, moved by one"]
      var help = "give more data, or shorten the block"
      if isCut, let other {
        let (own, rest) =
          tokens.name == training.name
          ? ("to train on", "for validation") : ("for validation", "to train on")
        facts.append(
          "the file has \(DataFault.tokens(tokens.count + other.count)):"
            + " \(DataFault.grouped(tokens.count)) \(own), \(DataFault.grouped(other.count)) \(rest)"
        )
        help =
          tokens.count + other.count <= block
          ? help
          : tokens.name == training.name
            ? "give more data, keep less of them with --validation 0, or shorten the block"
            : "keep a larger share with --validation, or shorten the block"
      }
      throw DataFault(
        id: "data-too-short",
        "\(tokens.name)\(isCut ? "," : "") has \(DataFault.tokens(tokens.count)), but a block of"
          + " \(DataFault.grouped(block)) needs \(DataFault.grouped(block + 1))",
        facts: facts, help: help)
    }
  }

  /// Whether both splits are parts of one file.
  private var isCut: Bool {
    validation?.name.hasSuffix(Self.validationSuffix) ?? false
  }

  private static let trainingSuffix = ", its start to train on"
  private static let validationSuffix = ", its end for validation"

  // MARK: Splits

  /// Both splits of one file or of two.
  private static func split(
    _ sequences: [TokenSequence], _ files: CorpusFiles, share: Double
  ) -> (TokenSequence, TokenSequence?) {
    let first = sequences[0]
    if sequences.count > 1 { return (first, sequences[1]) }
    guard share > 0 else { return (first, nil) }
    // As nanoGPT cuts its characters: `data[:int(n*0.9)]`.
    let cut = min(max(Int(Double(first.count) * (1 - share)), 0), first.count)
    return (
      first.part(0..<cut, name: first.name + trainingSuffix),
      first.part(cut..<first.count, name: first.name + validationSuffix)
    )
  }

  private static func tokens(
    _ files: CorpusFiles, _ request: CorpusRequest
  ) throws(DataFault) -> (TokenSequence, TokenSequence?) {
    var sequences: [TokenSequence] = []
    for path in files.paths {
      let file = try TokenFile(
        path: path, width: request.width, vocabulary: request.modelVocabulary)
      if let size = request.modelVocabulary { try check(file, below: size) }
      sequences.append(TokenSequence(file))
    }
    return split(sequences, files, share: request.validationShare)
  }

  private static func check(_ file: TokenFile, below size: Int) throws(DataFault) {
    guard let position = file.firstPosition(notBelow: size) else { return }
    var facts = [
      "the vocabulary has the ids 0 to \(DataFault.grouped(size - 1)); positions count from 0"
    ]
    var help = "tokenise with the model's own tokeniser, or give the model a larger vocabulary"
    // The commonest reason: the width is not the one that the file was written with.
    if let other = try? TokenFile(path: file.path, width: file.width.other, vocabulary: nil),
      other.firstPosition(notBelow: size) == nil
    {
      facts.append("as \(file.width.other.rawValue), all of its ids fit")
      help = "say `--tokens \(file.width.other.rawValue)`"
    }
    throw DataFault(
      id: "token-out-of-range",
      "id \(DataFault.grouped(file[position])) at position \(DataFault.grouped(position)) of"
        + " \(file.path) is beyond the model's vocabulary of \(DataFault.grouped(size))",
      facts: facts, help: help)
  }

  private static func vocabulary(
    of files: CorpusFiles, _ request: CorpusRequest
  ) throws(DataFault) -> Vocabulary {
    if let given = request.vocabulary { return given }
    if request.level == .byte { return .bytes }
    var texts: [String] = []
    for path in files.paths { texts.append(try DataFile.text(path)) }
    return Vocabulary(charactersOf: texts)
  }
}

/// The files that a path stands for.
struct CorpusFiles {
  /// The file to train on, and that for validation where there is one.
  let paths: [String]
  let isTokens: Bool
  private let folder: String?

  init(_ request: CorpusRequest) throws(DataFault) {
    let path = request.path
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw DataFault(
        id: "unreadable-file",
        path.isEmpty ? "the path of the data is empty" : "\(path): there is no such file",
        help: "give a text, a file of ids (.bin), or a directory with train.bin or train.txt")
    }
    guard isFolder.boolValue else {
      paths = [path]
      isTokens =
        request.format == .tokens || request.format == .automatic && path.hasSuffix(".bin")
      folder = nil
      return
    }
    let names = Set((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
    let kinds = [("bin", CorpusRequest.Format.tokens), ("txt", .text)].filter {
      request.format == .automatic || request.format == $0.1
    }
    // A pair before a single file: a folder may hold the text that its ids were made of.
    let found =
      kinds.first { names.isSuperset(of: ["train.\($0.0)", "val.\($0.0)"]) }
      ?? kinds.first { names.contains("train.\($0.0)") }
    guard let (ending, format) = found else {
      let present = names.filter { $0.hasSuffix(".bin") || $0.hasSuffix(".txt") }.sorted()
      throw DataFault(
        id: "unreadable-file", "\(path) has no train.bin or train.txt",
        facts: present.isEmpty ? [] : ["it has \(present.prefix(8).joined(separator: ", "))"],
        help: "give the file itself, or name the parts train and val")
    }
    paths = ["train", "val"].map { "\($0).\(ending)" }.filter(names.contains)
      .map { path + (path.hasSuffix("/") ? "" : "/") + $0 }
    isTokens = format == .tokens
    folder = path
  }

  /// What a `vocabulary.json` beside token files says.
  var vocabulary: Vocabulary? {
    get throws(DataFault) {
      guard let folder, case let path = folder + "/" + Vocabulary.fileName,
        FileManager.default.fileExists(atPath: path)
      else { return nil }
      return try Vocabulary(json: try DataFile.text(path), path: path)
    }
  }

  /// The ids of the texts.
  func texts(
    _ level: Vocabulary.Level, _ vocabulary: Vocabulary
  ) throws(DataFault) -> [TokenSequence] {
    var sequences: [TokenSequence] = []
    for path in paths {
      switch vocabulary.level {
      case .byte:
        let bytes = try DataFile.bytes(path).lazy.map { UInt32($0) }
        sequences.append(
          TokenSequence(try vocabulary.encode(symbols: bytes, path: path) as [UInt16], name: path))
      case .character:
        let values = try DataFile.text(path).unicodeScalars.lazy.map(\.value)
        sequences.append(
          vocabulary.count <= 65_536
            ? TokenSequence(
              try vocabulary.encode(symbols: values, path: path) as [UInt16], name: path)
            : TokenSequence(
              try vocabulary.encode(symbols: values, path: path) as [UInt32], name: path))
      }
    }
    return sequences
  }
}
