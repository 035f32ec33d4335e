// SafetensorsHeaderTests: every way in which a header can lie is refused by its own error.
// The files are made from text; each case differs from a good file in one thing.

import Testing

@testable import Interchange

@Suite struct SafetensorsHeaderTests {
  /// One tensor's entry, by default a good one of 24 bytes.
  static func entry(
    _ name: String = "w", dtype: String = "\"F32\"", shape: String = "[2,3]",
    offsets: String = "[0,24]"
  ) -> String {
    "\"\(name)\":{\"dtype\":\(dtype),\"shape\":\(shape),\"data_offsets\":\(offsets)}"
  }

  static func error(_ json: String, data: Int = 24) -> SafetensorsError? {
    error(safetensors(json, data: data))
  }

  static func error(_ bytes: [UInt8]) -> SafetensorsError? {
    do throws(SafetensorsError) {
      _ = try SafetensorsHeader(file: bytes)
      return nil
    } catch {
      return error
    }
  }

  @Test("a good header gives its tensors in order, with their places")
  func good() throws {
    let json =
      "{\"__metadata__\":{\"format\":\"pt\"},\(Self.entry("b", offsets: "[8,32]")),"
      + "\(Self.entry("a", dtype: "\"I64\"", shape: "[]", offsets: "[0,8]")),"
      + "\(Self.entry("empty", shape: "[0,7]", offsets: "[32,32]"))}   "
    let header = try SafetensorsHeader(file: safetensors(json, data: 32))
    #expect(header.entries.map(\.name) == ["b", "a", "empty"])
    #expect(header.entries.map(\.range) == [8..<32, 0..<8, 32..<32])
    #expect(header.entries.map(\.elementCount) == [6, 1, 0])
    #expect(header["a"]?.dtype == .i64)
    #expect(header["a"]?.shape == [])
    #expect(header["c"] == nil)
    #expect(header.metadata == ["format": "pt"])
    #expect(header.dataOffset == 8 + json.utf8.count)
    #expect(throws: Never.self) { try SafetensorsHeader(file: safetensors("{}")) }
  }

  @Test("every type of the format has its width", arguments: SafetensorsType.allCases)
  func widths(_ type: SafetensorsType) {
    let size = 8 * type.bits / 8
    let entry = Self.entry(
      dtype: "\"\(type.rawValue)\"", shape: "[8]", offsets: "[0,\(size)]")
    #expect(Self.error("{\(entry)}", data: size) == nil)
    #expect(Self.error("{\(entry)}", data: size + 1) == .trailingBytes(count: 1, after: size))
  }

  @Test("the frame of the file is checked before anything is read")
  func frame() {
    #expect(Self.error([]) == .fileTooShort(bytes: 0))
    #expect(Self.error([1, 2, 3]) == .fileTooShort(bytes: 3))
    #expect(
      Self.error(safetensors("{}", claiming: 3)) == .headerBeyondFile(length: 3, available: 2))
    #expect(
      Self.error(safetensors("{}", claiming: 100_000_001))
        == .headerTooLarge(length: 100_000_001, limit: 100_000_000))
    #expect(
      Self.error(safetensors("{}", claiming: .max))
        == .headerTooLarge(length: .max, limit: 100_000_000))
  }

  @Test("a header that is no JSON object is refused, a broken one with its place in the file")
  func malformed() {
    guard case .malformedHeader(let json) = Self.error("{\"a\":,}") else {
      Issue.record("a broken header was read")
      return
    }
    #expect(json.offset == 8 + 5)
    #expect(Self.error("", data: 0) == .headerNotObject(found: "nothing"))
    #expect(Self.error("[]") == .headerNotObject(found: "`[`"))
    #expect(Self.error(" {}") == .headerNotObject(found: "` `"))
    guard case .malformedHeader = Self.error([3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x22, 0xFF]) else {
      Issue.record("a header that is not UTF-8 was read")
      return
    }
  }

  @Test("a name or a field given twice is refused")
  func duplicates() {
    let twice = "{\(Self.entry()),\(Self.entry())}"
    let length = Self.entry().utf8.count
    #expect(
      Self.error(twice)
        == .duplicateName(name: "w", first: 9..<12, second: 10 + length..<13 + length))
    let field = #"{"w":{"dtype":"F32","dtype":"F32","shape":[6],"data_offsets":[0,24]}}"#
    #expect(Self.error(field) == .duplicateName(name: "dtype", first: 14..<21, second: 28..<35))
  }

  @Test("metadata holds texts only")
  func metadata() {
    #expect(
      Self.error("{\"__metadata__\":[]}", data: 0) == .metadataNotText(key: nil, found: "an array"))
    #expect(
      Self.error("{\"__metadata__\":{\"step\":3}}", data: 0)
        == .metadataNotText(key: "step", found: "the number 3"))
  }

  @Test(
    "one wrong thing in an entry has its own error",
    arguments: [
      (
        "\"w\":1",
        .wrongField(
          tensor: "w", field: "entry", expected: "an object", found: "the number 1")
      ),
      (#""w":{"shape":[6],"data_offsets":[0,24]}"#, .missingField(tensor: "w", field: "dtype")),
      (#""w":{"dtype":"F32","data_offsets":[0,24]}"#, .missingField(tensor: "w", field: "shape")),
      (#""w":{"dtype":"F32","shape":[6]}"#, .missingField(tensor: "w", field: "data_offsets")),
      (
        entry(dtype: "32"),
        .wrongField(
          tensor: "w", field: "dtype", expected: "a text", found: "the number 32")
      ),
      (entry(dtype: "\"F48\""), .unknownType(tensor: "w", found: "F48")),
      (entry(dtype: "\"f32\""), .unknownType(tensor: "w", found: "f32")),
      (
        entry(shape: "6"),
        .wrongField(
          tensor: "w", field: "shape", expected: "an array", found: "the number 6")
      ),
      (entry(shape: "[2,-3]"), .badDimension(tensor: "w", axis: 1, found: "the number -3")),
      (entry(shape: "[2,3.0]"), .badDimension(tensor: "w", axis: 1, found: "the number 3.0")),
      (entry(shape: "[\"2\",3]"), .badDimension(tensor: "w", axis: 0, found: "the text \"2\"")),
      (
        entry(shape: "[18446744073709551616]"),
        .badDimension(
          tensor: "w", axis: 0, found: "the number 18446744073709551616")
      ),
      (
        entry(shape: "[4611686018427387904,4]"),
        .shapeTooLarge(
          tensor: "w", shape: [4_611_686_018_427_387_904, 4])
      ),
      (entry(shape: "[9223372036854775807]"), .shapeTooLarge(tensor: "w", shape: [.max])),
      (
        entry(shape: "[2,4]"),
        .sizeMismatch(
          tensor: "w", dtype: .f32, shape: [2, 4], expected: 32, found: 24)
      ),
      (
        entry(dtype: "\"F64\""),
        .sizeMismatch(
          tensor: "w", dtype: .f64, shape: [2, 3], expected: 48, found: 24)
      ),
      (
        entry(dtype: "\"F4\"", shape: "[7]"),
        .sizeMismatch(
          tensor: "w", dtype: .f4, shape: [7], expected: nil, found: 24)
      ),
      (
        entry(offsets: "[0]"),
        .wrongField(
          tensor: "w", field: "data_offsets", expected: "two offsets", found: "1")
      ),
      (
        entry(offsets: "24"),
        .wrongField(
          tensor: "w", field: "data_offsets", expected: "an array", found: "the number 24")
      ),
      (
        entry(offsets: "[-24,0]"),
        .wrongField(
          tensor: "w", field: "data_offsets", expected: "a non-negative integer",
          found: "the number -24")
      ),
      (
        entry(offsets: "[0,1e9]"),
        .wrongField(
          tensor: "w", field: "data_offsets", expected: "a non-negative integer",
          found: "the number 1e9")
      ),
      (entry(offsets: "[24,0]"), .reversedOffsets(tensor: "w", begin: 24, end: 0)),
      (entry(offsets: "[0,25]"), .offsetsBeyondData(tensor: "w", end: 25, available: 24)),
      (
        entry(offsets: "[0,9223372036854775807]"),
        .offsetsBeyondData(
          tensor: "w", end: .max, available: 24)
      ),
    ] as [(String, SafetensorsError)])
  func entries(_ entry: String, _ expected: SafetensorsError) {
    #expect(Self.error("{\(entry)}") == expected)
  }

  @Test("the tensors must cover the data once: no overlap, no hole, no remainder")
  func cover() {
    let first = Self.entry("a")
    func both(_ offsets: String) -> String {
      "{\(first),\(Self.entry("b", offsets: offsets))}"
    }
    #expect(Self.error(both("[24,48]"), data: 48) == nil)
    #expect(
      Self.error(both("[20,44]"), data: 44)
        == .overlap(tensor: "b", begin: 20, other: "a", otherEnd: 24))
    #expect(
      Self.error(both("[0,24]"), data: 24)
        == .overlap(tensor: "b", begin: 0, other: "a", otherEnd: 24))
    #expect(Self.error(both("[28,52]"), data: 52) == .hole(before: "b", from: 24, to: 28))
    #expect(Self.error("{\(first)}", data: 30) == .trailingBytes(count: 6, after: 24))
    #expect(Self.error("{}", data: 1) == .trailingBytes(count: 1, after: 0))
    let inside = "{\(first),\(Self.entry("b", shape: "[0]", offsets: "[12,12]"))}"
    #expect(Self.error(inside) == .overlap(tensor: "b", begin: 12, other: "a", otherEnd: 24))
  }

  @Test("messages name the tensor and the numbers, and stay short for enormous names")
  func messages() {
    #expect(
      Self.error("{\(Self.entry(shape: "[2,4]"))}")?.description
        == "tensor `w`, F32 [2, 4], takes 32 bytes, its offsets span 24")
    let name = String(repeating: "x", count: 1_000_000)
    let message = Self.error("{\(Self.entry(name, dtype: "\"F48\""))}")?.description
    #expect((message?.count ?? .max) < 400)
    #expect(Self.error([])?.diagnostic.id == "invalid-safetensors")
  }

  @Test("no change of one byte of a good file makes the reader trap")
  func mutations() {
    let good = safetensors("{\(Self.entry("a")),\(Self.entry("b", offsets: "[24,48]"))}", data: 48)
    for index in 0..<good.count - 48 {
      for byte in 0...255 as ClosedRange<UInt8> {
        var changed = good
        changed[index] = byte
        if let header = try? SafetensorsHeader(file: changed) {
          let total = header.entries.reduce(0) { $0 + $1.range.count }
          #expect(total == changed.count - header.dataOffset)
        }
      }
    }
    for end in 0..<good.count { #expect(Self.error(Array(good[..<end])) != nil) }
  }
}
