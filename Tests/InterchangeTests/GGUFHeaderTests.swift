// GGUFHeaderTests: a GGUF header is read exactly, and every lie in it is told with its byte.
// Each case differs from a good file in one thing; random damage must never trap.

import Foundation
import Testing

@testable import Interchange

@Suite struct GGUFHeaderTests {
  static func problems(_ change: (inout GGUFBuilder) -> Void) -> [GGUFError] {
    var builder = GGUFBuilder()
    change(&builder)
    return GGUFBuilder.scan(builder.bytes()).problems
  }

  @Test("a good header gives its tensors with axes in row-major order, places and metadata")
  func good() throws {
    let (read, problems) = GGUFBuilder.scan(GGUFBuilder.llama.bytes())
    #expect(problems.isEmpty)
    let header = try #require(read)
    #expect(header.tensors.count == 11)
    #expect(header["blk.0.attn_k.weight"]?.shape == [32, 64])
    #expect(header["blk.0.attn_k.weight"]?.type == .q4x1)
    // 96 × 64 elements of Q8_0 take 34 bytes for 32 of them.
    #expect(header["token_embd.weight"]?.range == 0..<6528)
    #expect(header["blk.0.attn_norm.weight"]?.range == 6528..<6784)
    #expect(header.metadata["llama.block_count"]?.integer == 1)
    #expect(header.metadata["tokenizer.ggml.tokens"]?.count == 3)
    #expect(header.metadata["tokenizer.ggml.tokens"]?.elements?[1].text == "a")
    #expect(header.dataOffset % 32 == 0)
  }

  @Test("a file on disk reads as it does in memory, in windows")
  func file() throws {
    try withTemporaryDirectory { directory in
      var builder = GGUFBuilder.llama
      // Longer than a window, so that reading has to move on in the middle of texts.
      builder.set("tokenizer.ggml.merges", (0..<20_000).map { "merge \($0)" })
      let path = directory.appendingPathComponent("m.gguf").path
      try Data(builder.bytes()).write(to: URL(fileURLWithPath: path))
      let header = try GGUFHeader(path: path)
      #expect(header == GGUFBuilder.scan(builder.bytes()).header)
      #expect(header.metadata["tokenizer.ggml.merges"]?.count == 20_000)
      #expect(header.metadata["tokenizer.ggml.merges"]?.elements == nil)
    }
  }

  @Test("what is no file is refused with the system's words")
  func noFile() {
    #expect(throws: GGUFError.self) { try GGUFHeader(path: "/nowhere/at/all.gguf") }
    #expect(throws: GGUFError.self) { try GGUFHeader(path: "/") }
  }

  @Test("blocks have the sizes that the gguf package states", arguments: GGUFType.allCases)
  func blocks(_ type: GGUFType) {
    #expect(type.byteCount(of: [3, type.blockElements]) == 3 * type.blockBytes)
    #expect(type.byteCount(of: [2, type.blockElements, Int.max]) == nil)
    if type.isQuantised { #expect(type.byteCount(of: [type.blockElements, 1]) == nil) }
    let problems = Self.problems { $0.add("w", type, [2, type.blockElements]) }
    #expect(problems.isEmpty)
  }

  @Test("the frame is checked before anything is read")
  func frame() {
    #expect(GGUFBuilder.scan([]).problems == [.wrongMagic(found: [])])
    #expect(
      GGUFBuilder.scan(Array("GGML".utf8)).problems == [.wrongMagic(found: Array("GGML".utf8))])
    #expect(Self.problems { $0.version = 1 } == [.unsupportedVersion(1)])
    #expect(Self.problems { $0.version = 3 << 24 } == [.otherByteOrder])
    #expect(
      Self.problems { $0.claimedTensors = .max }
        == [.countBeyondFile(offset: 8, what: "tensors", count: .max, available: 16)])
    #expect(
      Self.problems { $0.claimedKeys = 1 << 60 }
        == [.countBeyondFile(offset: 16, what: "metadata keys", count: 1 << 60, available: 8)])
  }

  @Test("metadata that lies about lengths and types is refused where it does")
  func metadata() {
    let huge = GGUFBuilder.number(UInt64.max)
    #expect(
      Self.problems { $0.setRaw("k", GGUFBuilder.number(UInt32(8)) + huge) }
        == [.endsEarly(offset: 37, reading: "the text of `k`", needed: .max, available: 19)])
    #expect(
      Self.problems { $0.setRaw("k", GGUFBuilder.number(UInt32(13)) + huge) }
        == [.unknownValueType(offset: 33, key: "k", number: 13)])
    let array = GGUFBuilder.number(UInt32(9)) + GGUFBuilder.number(UInt32(0)) + huge
    guard case .countBeyondFile(_, _, .max, _)? = Self.problems({ $0.setRaw("k", array) }).first
    else { return #expect(Bool(false), "an array longer than the file was read") }
    // Each level is an array of one array.
    let level = GGUFBuilder.number(UInt32(9)) + GGUFBuilder.number(UInt64(1))
    let bomb = GGUFBuilder.number(UInt32(9)) + (0..<500).flatMap { _ in level }
    guard case .nestedTooDeep? = Self.problems({ $0.setRaw("k", bomb) }).first else {
      return #expect(Bool(false), "a nest was read")
    }
  }

  @Test("a key or a name that is given twice is told with both places, and the rest is read")
  func twice() {
    let keys = Self.problems {
      $0.set("a", 1 as UInt32)
      $0.set("a", 2 as UInt32)
    }
    #expect(keys == [.duplicateKey(key: "a", first: 24, second: 41)])
    var builder = GGUFBuilder()
    builder.add("w", .f32, [2])
    builder.add("w", .f32, [2])
    builder.add("v", .f32, [2])
    let (header, problems) = GGUFBuilder.scan(builder.bytes())
    guard case .duplicateName("w", 24, _)? = problems.first else {
      return #expect(Bool(false), "\(problems)")
    }
    #expect(header?.tensors.map(\.name) == ["w", "v"])
  }

  @Test("every damaged tensor is told, and the sound ones are still read")
  func damaged() {
    var builder = GGUFBuilder()
    builder.add("good", .f32, [8])
    builder.addRaw("unknown", 99, [8], at: 32)
    builder.addRaw("removed", 4, [8], at: 32)
    builder.addRaw("half", 3, [48, 2], at: 32)
    builder.addRaw("huge", 0, [1 << 40, 1 << 40], at: 32)
    builder.addRaw("odd", 0, [8], at: 33)
    builder.addRaw("far", 0, [8], at: .max - 31)
    builder.addRaw("axis", 0, [.max], at: 32)
    let (header, problems) = GGUFBuilder.scan(builder.bytes())
    #expect(header?.tensors.map(\.name) == ["good"])
    #expect(
      problems.map(\.tensor) == ["unknown", "removed", "half", "huge", "odd", "far", "axis"])
    #expect(problems.allSatisfy { $0.offset != nil })
    #expect("\(problems[1])".contains("Q4_2"))
  }

  @Test("tensors that share bytes, leave some out or end before the file are told")
  func cover() {
    func told(_ places: [UInt64], data: Int) -> [GGUFError] {
      var builder = GGUFBuilder()
      for (index, place) in places.enumerated() { builder.addRaw("t\(index)", 0, [8], at: place) }
      return GGUFBuilder.scan(builder.bytes(data: data)).problems
    }
    #expect(told([0, 32], data: 64).isEmpty)
    guard case .overlap(_, "t1", 0, "t0", 32)? = told([0, 0], data: 32).first else {
      return #expect(Bool(false), "an overlap was not told")
    }
    guard case .hole(_, "t1", 32, 64)? = told([0, 64], data: 96).first else {
      return #expect(Bool(false), "a hole was not told")
    }
    #expect(told([0], data: 96) == [.trailingBytes(count: 64, after: 32)])
    guard case .beyondFile? = told([0, 32], data: 63).first else {
      return #expect(Bool(false), "a file that is cut was not told")
    }
  }

  @Test("damage of any kind is an error or a sound header, never a trap")
  func fuzz() {
    var random = SplitMix(state: 20_261_121)
    let good = GGUFBuilder.llama.bytes()
    let header = good.count - GGUFBuilder.llama.dataSize
    for _ in 0..<4_000 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<header, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: for index in place..<min(place + 8, header) { bytes[index] = 0xFF }
        default: bytes.removeSubrange(place..<min(place + 3, bytes.count))
        }
        if bytes.count <= header { break }
      }
      let result = GGUFBuilder.scan(bytes)
      #expect(result.header != nil || !result.problems.isEmpty)
      for problem in result.problems { #expect(!problem.description.isEmpty) }
      if let read = result.header, let names = GGUFNames(read) {
        _ = read.tensors.map { names.target(of: $0.name) }
        _ = GGUFConfig(read)?.text
      }
    }
  }
}

/// A small generator with a fixed seed: a failure comes back.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
