// CorpusTests: texts and files of tokens as data to train on, and what is said of those that fail.
// Files are written here byte by byte, as other programs write them.
import Foundation
import Testing
import Training

/// The ids as a `.bin` of nanoGPT.
func tokenBytes(_ ids: [Int], wide: Bool = false) -> Data {
  Data(
    ids.flatMap { id in
      (0..<(wide ? 4 : 2)).map { UInt8(truncatingIfNeeded: id >> (8 * $0)) }
    })
}

/// The fault of an expression that must fail.
func fault<Value>(_ body: () throws(DataFault) -> Value) -> DataFault? {
  do throws(DataFault) {
    _ = try body()
    return nil
  } catch {
    return error
  }
}

@Suite struct CorpusTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
  }

  private func write(_ name: String, _ data: Data) throws -> CorpusRequest {
    let path = folder.path + "/" + name
    try FileManager.default.createDirectory(
      atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
    try data.write(to: URL(fileURLWithPath: path))
    return CorpusRequest(path: path)
  }

  private func ids(_ tokens: TokenSequence?) -> [Int] {
    guard let tokens else { return [] }
    return (0..<tokens.count).map { tokens[$0] }
  }

  @Test("a text's last tenth is for validation, as nanoGPT cuts it")
  func characters() throws {
    let text = String(repeating: "hello, wörld\n", count: 9)
    let corpus = try Corpus(write("text.txt", Data(text.utf8)))
    let vocabulary = try #require(corpus.vocabulary)
    // sorted(set(text)) in Python.
    #expect(vocabulary.decode(0..<vocabulary.count) == "\n ,dehlorwö")
    #expect(corpus.training.count == 105 && corpus.validation?.count == 12)
    let all = ids(corpus.training) + ids(corpus.validation)
    #expect(vocabulary.decode(all) == text)
    #expect(try vocabulary.encode(text) == all)
  }

  @Test("bytes are their own ids, whatever they are")
  func bytes() throws {
    var request = try write("any.dat", Data([0, 255, 10, 0xC3]))
    request.level = .byte
    request.validationShare = 0
    let corpus = try Corpus(request)
    #expect(ids(corpus.training) == [0, 255, 10, 0xC3])
    #expect(corpus.validation == nil && corpus.vocabulary == .bytes)
    #expect(Vocabulary.bytes.decode([0xC3, 0xB6, 0x41]) == "öA")
    #expect(Vocabulary.bytes.bytes(of: 0xC3) == [0xC3])
  }

  @Test("a vocabulary survives its file, whatever its symbols are")
  func vocabularyFile() throws {
    for vocabulary in [
      Vocabulary(charactersOf: ["a\"\\/\u{0}\n\u{301}\u{2028}🙂ß\u{FEFF}\r"]), .bytes,
    ] {
      let read = try Vocabulary(json: vocabulary.json, path: "vocabulary.json")
      #expect(read == vocabulary)
    }
    #expect(
      Vocabulary(charactersOf: ["ba\n"]).json == #"{"kind":"character","symbols":["\n","a","b"]}"#
        + "\n")
  }

  @Test(
    "a vocabulary that is none is refused",
    arguments: [
      "", "[]", #"{"kind":"character"}"#, #"{"kind":"word","symbols":["a"]}"#,
      #"{"kind":"character","symbols":["ab"]}"#, #"{"kind":"character","symbols":["a","a"]}"#,
      #"{"kind":"character","symbols":[]}"#, #"{"kind":"byte","symbols":[256]}"#,
      #"{"kind":"byte","symbols":[1, 1]}"#, #"{"kind":"byte","symbols":["a"]}"#,
    ])
  func badVocabulary(_ json: String) throws {
    let fault = try #require(
      fault { () throws(DataFault) in try Vocabulary(json: json, path: "v.json") })
    #expect(fault.diagnostic.id == "invalid-vocabulary")
    #expect(fault.diagnostic.message.hasPrefix("v.json is no vocabulary: "))
  }

  @Test("a symbol that is not in the vocabulary is named with its line and column")
  func unknownSymbol() throws {
    var request = try write("next.txt", Data("ab\na b\nab é".utf8))
    request.vocabulary = Vocabulary(charactersOf: ["ab \n"])
    let found = try #require(fault { () throws(DataFault) in try Corpus(request) })
    #expect(found.diagnostic.id == "symbol-not-in-vocabulary")
    #expect(
      found.diagnostic.message
        == "\(request.path):3:4: `é` (U+00E9) is not among the 4 symbols of the vocabulary")
    let prompt = try #require(
      fault { () throws(DataFault) in try Vocabulary(charactersOf: ["ab"]).encode("a b") })
    #expect(prompt.diagnostic.message.hasPrefix("the prompt:1:2: U+0020 is not"))
  }

  @Test("ids of both widths are read where they lie", arguments: TokenWidth.allCases)
  func tokenFiles(_ width: TokenWidth) throws {
    let ids = (0..<5_000).map { ($0 * 7919) % 50_257 }
    var request = try write("train.bin", tokenBytes(ids, wide: width == .uint32))
    request.width = width
    request.modelVocabulary = 50_257
    let corpus = try Corpus(request)
    #expect(self.ids(corpus.training) == Array(ids[..<4_500]))
    #expect(self.ids(corpus.validation) == Array(ids[4_500...]))
    var copied: [Int32] = []
    corpus.training.append(7..<1_007, to: &copied)
    #expect(copied == ids[7..<1_007].map { Int32($0) })
  }

  @Test("the first id beyond the vocabulary is named, wherever it stands")
  func beyond() throws {
    for width in TokenWidth.allCases {
      for position in [0, 1, 255, 4_095, 4_096, 4_097, 8_191, 8_192, 9_000] {
        var ids = [Int](repeating: 49, count: 9_001)
        ids[position] = 50
        if position + 3 < ids.count { ids[position + 3] = 60 }
        var request = try write("t.bin", tokenBytes(ids, wide: width == .uint32))
        request.width = width
        request.modelVocabulary = 50
        let found = try #require(fault { () throws(DataFault) in try Corpus(request) })
        #expect(found.diagnostic.id == "token-out-of-range")
        #expect(
          found.diagnostic.message.contains(
            "t.bin is beyond the model's vocabulary of 50"))
        let file = try TokenFile(path: request.path, width: width, vocabulary: 50)
        #expect(file.firstPosition(notBelow: 50) == position)
        #expect(file.firstPosition(notBelow: 61) == nil)
        #expect(file.firstPosition(notBelow: 5_000_000_000) == nil)
      }
    }
  }

  @Test("data that can't be used: each fault by its name")
  func faults() throws {
    func id(
      _ name: String, _ data: Data, _ change: (inout CorpusRequest) -> Void = { _ in }
    ) throws -> String? {
      var request = try write(name, data)
      change(&request)
      return fault { () throws(DataFault) in try Corpus(request) }?.diagnostic.id
    }
    let text = Data("A text that somebody took for tokens.\n".utf8)
    #expect(try id("a.txt", Data()) == "data-empty")
    #expect(try id("a.bin", Data()) == "data-empty")
    #expect(try id("b.bin", Data([1, 0, 2])) == "data-partial-token")
    #expect(try id("c.bin", text) == "data-not-tokens")
    #expect(
      try id("c2.bin", Data(String(repeating: "Жил-был кот. ", count: 900).utf8))
        == "data-not-tokens")
    #expect(try id("c3.bin", tokenBytes([300, 400, 500, 600, 700, 800, 900, 1000])) == nil)
    #expect(try id("d.bin", text) { $0.format = .text } == nil)
    #expect(try id("e.txt", tokenBytes([72, 101, 108])) == "data-not-text")
    #expect(try id("f.txt", Data([0x41, 0xFF, 0x41])) == "data-not-text")
    #expect(try id("g.dat", tokenBytes([1, 2, 3])) { $0.format = .tokens } == nil)
    let wide = tokenBytes(Array(1...100), wide: true)
    #expect(try id("h.bin", wide) == "data-not-tokens")
    #expect(try id("h.bin", wide) { $0.width = .uint16 } == nil)
    #expect(try id("h.bin", wide) { $0.width = .uint32 } == nil)
    #expect(try id("h.bin", wide) { $0.modelVocabulary = 70_000 } == nil)
    #expect(
      try id("i.bin", wide) {
        $0.width = .uint16
        $0.modelVocabulary = 70_000
      } == "token-width-too-narrow")
    #expect(try id("j.txt", text) { $0.modelVocabulary = 5 } == "vocabulary-too-large")
    #expect(try id("k.txt", text) { $0.validationShare = .nan } == "training-fault")
    let absent = CorpusRequest(path: folder.path + "/absent.txt")
    let nothing = fault { () throws(DataFault) in try Corpus(absent) }
    #expect(nothing?.diagnostic.id == "unreadable-file")
  }

  @Test("a file read with the wrong width is told the right one")
  func wrongWidth() throws {
    var request = try write("t.bin", tokenBytes((0..<100).map { $0 % 50 }))
    request.width = .uint32
    request.modelVocabulary = 50
    let found = try #require(fault { () throws(DataFault) in try Corpus(request) })
    #expect(found.diagnostic.fixes.first?.message == "say `--tokens uint16`")
  }

  @Test("the fault of a text's end names byte and reason")
  func noText() throws {
    let request = try write("t.txt", Data("héllo".utf8) + Data([0xE2, 0x82]))
    let found = try #require(fault { () throws(DataFault) in try Corpus(request) })
    #expect(found.diagnostic.message.hasSuffix("is no text: no UTF-8 at byte 6 of 8"))
  }

  @Test("a directory brings its own validation split")
  func directories() throws {
    _ = try write("bins/train.bin", tokenBytes(Array(0..<40)))
    _ = try write("bins/val.bin", tokenBytes(Array(40..<50)))
    _ = try write("bins/input.txt", Data("text".utf8))
    var request = CorpusRequest(path: folder.path + "/bins")
    request.modelVocabulary = 50
    var corpus = try Corpus(request)
    #expect(corpus.training.count == 40 && ids(corpus.validation) == Array(40..<50))
    #expect(corpus.vocabulary == nil)
    _ = try write("bins/vocabulary.json", Data(Vocabulary.bytes.json.utf8))
    corpus = try Corpus(request)
    #expect(corpus.vocabulary == .bytes)
    request.modelVocabulary = 45
    let found = try #require(fault { () throws(DataFault) in try Corpus(request) })
    #expect(found.diagnostic.message.contains("id 45 at position 5 of \(folder.path)/bins/val.bin"))

    _ = try write("texts/train.txt", Data("abc".utf8))
    _ = try write("texts/val.txt", Data("bcd".utf8))
    corpus = try Corpus(CorpusRequest(path: folder.path + "/texts"))
    #expect(corpus.vocabulary?.count == 4 && ids(corpus.validation) == [1, 2, 3])

    _ = try write("none/readme.md", Data("abc".utf8))
    let none = CorpusRequest(path: folder.path + "/none")
    let nothing = try #require(fault { () throws(DataFault) in try Corpus(none) })
    #expect(nothing.diagnostic.message.hasSuffix("has no train.bin or train.txt"))
  }

  @Test("a split shorter than a block and a token is refused, and named")
  func tooShort() throws {
    let corpus = try Corpus(write("t.txt", Data(String(repeating: "ab", count: 50).utf8)))
    try corpus.check(block: 9)
    let found = try #require(fault { () throws(DataFault) in try corpus.check(block: 10) })
    #expect(found.diagnostic.id == "data-too-short")
    #expect(
      found.diagnostic.message.hasSuffix(
        "t.txt, its end for validation, has 10 tokens, but a block of 10 needs 11"))
  }

  @Test("what is left of a short file says what the rest is kept for")
  func tooShortToTrain() throws {
    let corpus = try Corpus(write("t.txt", Data("abcdefghi".utf8)))
    let found = try #require(fault { () throws(DataFault) in try corpus.check(block: 8) })
    #expect(found.diagnostic.message.contains("its start to train on, has 8 tokens"))
    #expect(
      found.diagnostic.facts.contains(
        .line("the file has 9 tokens: 8 to train on, 1 for validation")))
    #expect(found.diagnostic.fixes.first?.message.contains("--validation 0") == true)
    // Blocks that nobody asks for need no room.
    try corpus.check(block: 7, validates: false)
    #expect(fault { () throws(DataFault) in try corpus.check(block: 7) } != nil)
  }

  @Test("a byte-order mark is no character of a text")
  func byteOrderMark() throws {
    var request = try write("t.txt", Data([0xEF, 0xBB, 0xBF] + Array("ab\r\nab".utf8)))
    request.validationShare = 0
    let corpus = try Corpus(request)
    #expect(corpus.vocabulary?.symbols == [0x0A, 0x0D, 0x61, 0x62])
    #expect(corpus.training.count == 6)
    let empty = try write("empty.txt", Data([0xEF, 0xBB, 0xBF]))
    #expect(fault { () throws(DataFault) in try Corpus(empty) }?.diagnostic.id == "data-empty")
  }

  @Test("a large file of ids is checked and read without holding it in memory")
  func largeTokens() throws {
    var request = try write("large.bin", Data([1, 0]))
    // A hole: the file is long and takes no room on the disk.
    #expect(truncate(request.path, 128 << 20) == 0)
    request.modelVocabulary = 2
    request.width = .uint16
    let before = try mappedFileBytes()
    let corpus = try Corpus(request)
    var ids: [Int32] = []
    for start in stride(from: 0, to: corpus.training.count - 64, by: 1 << 16) {
      corpus.training.append(start..<start + 64, to: &ids)
    }
    #expect(ids.first == 1 && ids.dropFirst().allSatisfy { $0 == 0 })
    #expect(try mappedFileBytes() - before < 64 << 20)
  }

  /// The bytes of files that are mapped and held in memory by this process.
  private func mappedFileBytes() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssFile:") })
    return try #require(Int(line.filter(\.isNumber))) * 1024
  }
}
