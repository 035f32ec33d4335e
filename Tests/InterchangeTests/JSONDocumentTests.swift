// JSONDocumentTests: what the reader accepts and refuses, and where it says things stand.
// The cases follow RFC 8259; refusals are checked with their byte offsets.

import Testing

@testable import Interchange

@Suite struct JSONDocumentTests {
  @Test(
    "a valid text has the value that it spells",
    arguments: [
      ("null", JSONValue.null),
      (" true\n", .bool(true)),
      ("\t\rfalse", .bool(false)),
      ("0", .number(text: "0", double: 0, integer: 0)),
      ("-0", .number(text: "-0", double: -0.0, integer: 0)),
      ("768", .number(text: "768", double: 768, integer: 768)),
      ("1e-05", .number(text: "1e-05", double: 1e-5, integer: nil)),
      ("-1.50E+2", .number(text: "-1.50E+2", double: -150, integer: nil)),
      (
        "9223372036854775807",
        .number(text: "9223372036854775807", double: 0x1p63, integer: Int.max)
      ),
      (
        "9223372036854775808",
        .number(text: "9223372036854775808", double: 0x1p63, integer: nil)
      ),
      ("1e-400", .number(text: "1e-400", double: 0, integer: nil)),
      ("\"\"", .string("")),
      (#""a\"\\\/\b\f\n\r\t""#, .string("a\"\\/\u{8}\u{C}\n\r\t")),
      (#""\u0041\u00e9\u0000""#, .string("A\u{e9}\0")),
      (#""\ud83d\uDE00!""#, .string("😀!")),
      ("\"é😀\u{7f}\"", .string("é😀\u{7f}")),
      ("[ ]", .array([])),
      ("{ }", .object([])),
    ])
  func valid(_ text: String, _ value: JSONValue) throws {
    try #expect(JSONDocument(text).root.value == value)
  }

  @Test(
    "an invalid text is refused at the byte where it goes wrong",
    arguments: [
      ("", 0, "a value"),
      ("  ", 2, "a value"),
      ("[1,]", 3, "a value after the comma"),
      ("{\"a\":1,}", 7, "a key after the comma"),
      ("[,1]", 1, "a value"),
      ("[1 2]", 3, "`,` or `]`"),
      ("{\"a\":1 \"b\":2}", 7, "`,` or `}`"),
      ("{\"a\" 1}", 5, "`:` after the key"),
      ("{a:1}", 1, "a key or `}`"),
      ("{1:1}", 1, "a key or `}`"),
      ("[1}", 2, "`,` or `]`"),
      ("{\"a\":1]", 6, "`,` or `}`"),
      ("]", 0, "a value"),
      ("1 1", 2, "the end of the text"),
      ("{}{", 2, "the end of the text"),
      ("[", 1, "a value"),
      ("[1", 2, "`,` or `]`"),
      ("{\"a\":", 5, "a value"),
      ("{\"a", 3, "the closing quote of the string that starts at byte 1"),
      ("NaN", 0, "a value"),
      ("-Infinity", 1, "a digit"),
      ("Infinity", 0, "a value"),
      ("nul", 0, "a value"),
      ("nullx", 0, "a value"),
      ("True", 0, "a value"),
      ("'a'", 0, "a value"),
      ("// x\n1", 0, "a value"),
      ("01", 1, "no digit after a leading zero"),
      ("-01", 2, "no digit after a leading zero"),
      ("+1", 0, "a value"),
      (".5", 0, "a value"),
      ("1.", 2, "a digit after the point"),
      ("1.e3", 2, "a digit after the point"),
      ("1e", 2, "a digit of the exponent"),
      ("1e+", 3, "a digit of the exponent"),
      ("-", 1, "a digit"),
      ("0x10", 1, "the end of the text"),
      ("1e999", 0, "a number that a double can hold"),
      (#""\x""#, 2, "one of `\"`, `\\`, `/`, `b`, `f`, `n`, `r`, `t`, `u` after the backslash"),
      (#""\u12g4""#, 5, "four hexadecimal digits after \\u"),
      (#""\u12"#, 5, "four hexadecimal digits after \\u"),
      (#""\ud800""#, 1, "a low surrogate after a high one"),
      (#""\ud800\u0041""#, 1, "a low surrogate after a high one"),
      (#""a\udc00""#, 2, "a high surrogate first"),
      ("\"a\nb\"", 2, "a character of the string or its closing quote"),
      ("\u{FEFF}1", 0, "a value"),
      ("é", 0, "a value"),
    ])
  func invalid(_ text: String, offset: Int, expected: String) {
    let error = #expect(throws: JSONError.self) { try JSONDocument(text) }
    #expect(error?.offset == offset)
    #expect(error?.expected == expected)
  }

  @Test(
    "bytes that are not UTF-8 are refused, whatever is wrong with them",
    arguments: [
      ([0xFF], 0), ([0xC0, 0xAF], 0), ([0x61, 0xE9], 1), ([0xED, 0xA0, 0x80], 0),
      ([0xF4, 0x90, 0x80, 0x80], 0), ([0xE2, 0x82], 0), ([0x80], 0),
      ([0xC3, 0xA9, 0xF0, 0x80, 0x80, 0x80], 2),
    ] as [([UInt8], Int)])
  func invalidBytes(_ bytes: [UInt8], offset: Int) {
    let quoted = [UInt8(ascii: "\"")] + bytes + [UInt8(ascii: "\"")]
    let error = #expect(throws: JSONError.self) { try JSONDocument(utf8: quoted) }
    #expect(error?.offset == offset + 1)
    #expect(error?.expected == "UTF-8")
    #expect(throws: JSONError.self) { try JSONDocument(utf8: bytes) }
  }

  @Test("every key and value keeps the bytes that it stands on")
  func positions() throws {
    let text = "{ \"é\" : [ 12, \"x\\n\", {} ],\n  \"b\":-1.5e3 }"
    let bytes = Array(text.utf8)
    let root = try JSONDocument(text).root
    func slice(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    #expect(slice(root.range) == text)
    let members = try #require(root.members)
    #expect(members.map { slice($0.keyRange) } == ["\"é\"", "\"b\""])
    #expect(slice(members[0].node.range) == "[ 12, \"x\\n\", {} ]")
    let elements = try #require(members[0].node.elements)
    #expect(elements.map { slice($0.range) } == ["12", "\"x\\n\"", "{}"])
    #expect(slice(members[1].node.range) == "-1.5e3")
  }

  @Test("a duplicate key is kept and listed with both places, at any depth")
  func duplicates() throws {
    let document = try JSONDocument(#"{"a":1,"b":{"c":1,"c":2},"\u0061":3,"a":4}"#)
    #expect(document.duplicates.map(\.key) == ["c", "a", "a"])
    #expect(document.duplicates.map(\.first) == [12..<15, 1..<4, 1..<4])
    #expect(document.duplicates.map(\.second) == [18..<21, 25..<33, 36..<39])
    #expect(document.root.members?.count == 4)
    #expect(document.root["a"]?.integer == 4)
  }

  @Test("accessors answer only for their own kind")
  func accessors() throws {
    let root = try JSONDocument(#"{"n":1,"d":1.0,"s":"t","b":true,"z":null,"l":[1]}"#).root
    #expect(root["n"]?.integer == 1)
    #expect(root["n"]?.double == 1)
    #expect(root["d"]?.integer == nil)
    #expect(root["s"]?.string == "t")
    #expect(root["b"]?.bool == true)
    #expect(root["z"]?.isNull == true)
    #expect(root["l"]?.elements?.count == 1)
    #expect(root["l"]?["n"] == nil)
    #expect(root["missing"] == nil)
    #expect(root["s"]?.integer == nil)
  }

  @Test("nesting stops at the limit, far from the end of any stack", arguments: ["[", "{\"a\":"])
  func nesting(_ opening: String) throws {
    let closing = opening == "[" ? "]" : "}"
    func nested(_ depth: Int) -> String {
      String(repeating: opening, count: depth) + (opening == "[" ? "" : "1")
        + String(repeating: closing, count: depth)
    }
    #expect(throws: Never.self) { try JSONDocument(nested(512)) }
    let deep = #expect(throws: JSONError.self) { try JSONDocument(nested(513)) }
    #expect(deep?.expected == "at most 512 nested arrays and objects")
    #expect(deep?.offset == 512 * opening.utf8.count)
    #expect(throws: JSONError.self) { try JSONDocument(nested(100_000)) }
    #expect(throws: JSONError.self) {
      try JSONDocument(String(repeating: opening, count: 100_000))
    }
  }

  @Test("a document over a limit is refused before it costs memory")
  func limits() {
    var limits = JSONLimits()
    limits.values = 10
    #expect(throws: Never.self) { try JSONDocument("[1,2,3,4,5,6,7,8,9]", limits: limits) }
    let many = #expect(throws: JSONError.self) {
      try JSONDocument("[1,2,3,4,5,6,7,8,9,10]", limits: limits)
    }
    #expect(many?.expected == "at most 10 values and keys")
    let digits = String(repeating: "1", count: 5_000)
    let long = #expect(throws: JSONError.self) { try JSONDocument("0.\(digits)") }
    #expect(long?.expected == "a number of at most 4096 bytes")
  }

  @Test("ten megabytes of garbage end in an error, whatever its bytes")
  func garbage() {
    for seed in 1...3 as ClosedRange<UInt64> {
      var state = seed
      let bytes = (0..<10_000_000).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt8(truncatingIfNeeded: state >> 33)
      }
      #expect(throws: JSONError.self, "seed \(seed)") { try JSONDocument(utf8: bytes) }
      #expect(throws: JSONError.self, "seed \(seed)") {
        try JSONDocument(utf8: [UInt8(ascii: "\"")] + bytes)
      }
    }
    #expect(throws: JSONError.self) {
      try JSONDocument(utf8: [UInt8](repeating: UInt8(ascii: " "), count: 10_000_000))
    }
  }

  @Test("every prefix of a document and every one-byte change of it is read or refused, not both")
  func mutations() throws {
    let text = #"{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00é"],"b":{"c":null,"d":true}}"#
    let bytes = Array(text.utf8)
    for end in 0..<bytes.count {
      #expect(throws: JSONError.self, "prefix \(end)") {
        try JSONDocument(utf8: Array(bytes[..<end]))
      }
    }
    for index in bytes.indices {
      for byte in 0...255 as ClosedRange<UInt8> {
        var changed = bytes
        changed[index] = byte
        do {
          let document = try JSONDocument(utf8: changed)
          #expect(document.root.range == 0..<bytes.count || byte == 0x20)
        } catch {
          #expect(0...bytes.count ~= error.offset)
        }
      }
    }
  }

  @Test("a message says what was expected and what stands there")
  func messages() {
    func message(_ text: String) -> String? {
      do { _ = try JSONDocument(text) } catch { return error.description }
      return nil
    }
    #expect(message("[1,]") == "expected a value after the comma, found `]` at byte 3")
    #expect(message("NaN") == "expected a value, found `NaN` at byte 0")
    #expect(message("\"\u{1}\"")?.contains("control byte 0x01") == true)
    #expect(message("[1") == "expected `,` or `]`, found the end of the text at byte 2")
    #expect(message("[é]") == "expected a value, found `é` at byte 1")
  }
}
