// MappedSafetensorsTests: tensors used where they lie in a file, and what can't be used so.
// How much of a mapping is in memory is read from the system, not from our own counts.

import Foundation
import Testing

@testable import Interchange

@Suite struct MappedSafetensorsTests {
  /// Writes bytes to a file, maps it and hands it over for as long as it exists.
  static func mapping(
    _ bytes: [UInt8], _ body: (borrowing MappedSafetensors, String) throws -> Void
  ) throws {
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("model.safetensors").path
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      try body(MappedSafetensors(path: path), path)
    }
  }

  @Test("an fp32 tensor is lent where it lies, to the bit")
  func inPlace() throws {
    let floats: [Float] = [0, -0.0, 1.5, .infinity, .leastNonzeroMagnitude, 7]
    let writer = try SafetensorsWriter([
      SafetensorsTensor(name: "w", shape: [2, 3], floats: floats),
      SafetensorsTensor(name: "empty", shape: [0, 5], floats: []),
      SafetensorsTensor(name: "scalar", shape: [], floats: [3]),
    ])
    try Self.mapping(writer.encoded()) { file, path in
      #expect(file.entries.map(\.name) == ["w", "empty", "scalar"])
      #expect(path == file.path)
      let (place, again) = (try file.place("w"), try file.place("w"))
      #expect(place?.map(\.bitPattern) == floats.map(\.bitPattern))
      #expect(place?.baseAddress != nil)
      #expect(place?.baseAddress == again?.baseAddress)
      try #expect(file.place("scalar")?.first == 3)
      try #expect(file.place("empty")?.count == 0)
      try #expect(file.withFloats("w") { (span) throws(SafetensorsError) in span.count } == 6)
      try #expect(file.floats("w").map(\.bitPattern) == floats.map(\.bitPattern))
      try #expect(file.doubles("scalar") == [3])
      #expect(throws: SafetensorsError.noSuchTensor(name: "none")) { try file.place("none") }
    }
  }

  @Test("what lies askew or has another type is copied, with the same numbers")
  func copied() throws {
    // The bytes of `skewed` begin one byte behind a multiple of four.
    let writer = try SafetensorsWriter([
      SafetensorsTensor(name: "odd", shape: [1], dtype: .u8, bytes: [9]),
      SafetensorsTensor(name: "skewed", shape: [2], floats: [1.25, -3]),
      SafetensorsTensor(name: "wide", shape: [2], doubles: [0.5, 2]),
      SafetensorsTensor(name: "half", shape: [2], dtype: .f16, bytes: [0, 0x3C, 0x00, 0xC2]),
      SafetensorsTensor(name: "brain", shape: [2], dtype: .bf16, bytes: [0x80, 0x3F, 0x40, 0xC0]),
      SafetensorsTensor(name: "large", shape: [2], doubles: [1, 1e300]),
    ])
    try Self.mapping(writer.encoded()) { file, _ in
      let expected: [(String, [Float])] = [
        ("odd", [9]), ("skewed", [1.25, -3]), ("wide", [0.5, 2]), ("half", [1, -3]),
        ("brain", [1, -3]),
      ]
      for (name, values) in expected {
        try #expect(file.place(name) == nil, "\(name)")
        try #expect(file.floats(name) == values)
        let lent = try file.withFloats(name) { (span) throws(SafetensorsError) -> [Float] in
          span.indices.map { span[$0] }
        }
        #expect(lent == values)
        var target = [Float](repeating: .nan, count: values.count)
        try target.withUnsafeMutableBufferPointer { try file.copy(name, to: $0) }
        #expect(target == values)
      }
      #expect(
        throws: SafetensorsError.notRepresentable(
          tensor: "large", element: 1, value: "1e+300", as: "fp32")
      ) { try file.floats("large") }
      var short: [Float] = [0]
      #expect(throws: SafetensorsError.valueCountMismatch(tensor: "half", shape: [2], found: 1)) {
        try short.withUnsafeMutableBufferPointer { try file.copy("half", to: $0) }
      }
    }
  }

  @Test("tied copies are compared by type, shape and bytes")
  func sameBytes() throws {
    let writer = try SafetensorsWriter([
      SafetensorsTensor(name: "a", shape: [2], floats: [1, 2]),
      SafetensorsTensor(name: "b", shape: [2], floats: [1, 2]),
      SafetensorsTensor(name: "c", shape: [2], floats: [1, 3]),
      SafetensorsTensor(name: "d", shape: [1, 2], floats: [1, 2]),
    ])
    try Self.mapping(writer.encoded()) { file, _ in
      try #expect(file.holdsSame("a", "b"))
      try #expect(!file.holdsSame("a", "c"))
      try #expect(!file.holdsSame("a", "d"))
    }
  }

  @Test(
    "a hostile file is an error before anything of it is lent",
    arguments: [
      ([], SafetensorsError.fileTooShort(bytes: 0)),
      ([1, 2, 3], .fileTooShort(bytes: 3)),
      ([UInt8](repeating: 0xFF, count: 64), .headerTooLarge(length: .max, limit: 100_000_000)),
      (safetensors("{}", claiming: 3), .headerBeyondFile(length: 3, available: 2)),
      (
        safetensors(#"{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, data: 7),
        .offsetsBeyondData(tensor: "w", end: 8, available: 7)
      ),
      (
        safetensors(#"{"w":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, data: 8),
        .hole(before: "w", from: 0, to: 4)
      ),
    ] as [([UInt8], SafetensorsError)])
  func hostile(_ bytes: [UInt8], _ expected: SafetensorsError) throws {
    #expect(throws: expected) { try Self.mapping(bytes) { _, _ in } }
  }

  @Test("a file that is absent, a directory or a pipe is an error, and nobody waits for it")
  func unreadable() throws {
    try withTemporaryDirectory { directory in
      let absent = directory.appendingPathComponent("none").path
      #expect(
        throws: SafetensorsError.file(
          path: absent, reason: "cannot be opened: no such file or directory")
      ) { _ = try MappedSafetensors(path: absent) }
      #expect(
        throws: SafetensorsError.file(path: directory.path, reason: "is not a regular file")
      ) { _ = try MappedSafetensors(path: directory.path) }
      let pipe = directory.appendingPathComponent("pipe").path
      #expect(mkfifo(pipe, 0o600) == 0)
      #expect(throws: SafetensorsError.file(path: pipe, reason: "is not a regular file")) {
        _ = try MappedSafetensors(path: pipe)
      }
    }
  }

  @Test("a file that was cut since it was opened is an error, not the end of the process")
  func truncated() throws {
    let writer = try SafetensorsWriter([
      SafetensorsTensor(name: "w", shape: [100_000], floats: .init(repeating: 1, count: 100_000))
    ])
    try Self.mapping(writer.encoded()) { file, path in
      try #expect(file.place("w")?.last == 1)
      #expect(truncate(path, 4096) == 0)
      #expect(throws: SafetensorsError.self) { try file.place("w") }
      #expect(throws: SafetensorsError.self) { try file.floats("w") }
    }
    // A file that takes the place of another leaves the mapping as it was.
    try Self.mapping(writer.encoded()) { file, path in
      try writer.write(to: path)
      try #expect(file.place("w")?.last == 1)
    }
  }

  #if os(Linux)
  @Test("of a hundred megabytes only the tensor that was read is in memory")
  func resident() throws {
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("large.safetensors").path
      let (small, large) = (1_048_576, 99_000_000)
      let (begin, end) = (large / 2, large / 2 + small)
      func entry(_ name: String, _ range: Range<Int>) -> String {
        #""\#(name)":{"dtype":"F32","shape":[\#(range.count / 4)],"#
          + #""data_offsets":[\#(range.lowerBound),\#(range.upperBound)]}"#
      }
      var json =
        "{\(entry("a", 0..<begin)),\(entry("w", begin..<end)),"
        + "\(entry("z", end..<large + small))}"
      while json.utf8.count % 8 != 0 { json += " " }
      let header = safetensors(json)
      try Data(header).write(to: URL(fileURLWithPath: path))
      #expect(truncate(path, header.count + large + small) == 0)
      let file = try MappedSafetensors(path: path)
      let place = try #require(try file.place("w"))
      #expect(place.reduce(0, +) == 0)
      let resident = try #require(Self.residentBytes(at: UInt(bitPattern: place.baseAddress)))
      // The tensor, the header, and what the system maps around a touched page.
      #expect(resident >= small)
      #expect(resident < small + 262_144)
      try #expect(file.place("z")?.count == large / 8)
    }
  }

  /// The bytes of the mapping around an address that are in memory.
  static func residentBytes(at address: UInt) -> Int? {
    // Read piece by piece: a whole-file read stops after the first page of such a file.
    guard let data = try? FileHandle(forReadingAtPath: "/proc/self/smaps")?.readToEnd() else {
      return nil
    }
    let text = String(decoding: data, as: UTF8.self)
    var inside = false
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      let ends = words[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
      if ends.count == 2 {
        inside = ends[0] <= address && address < ends[1]
      } else if inside, words[0] == "Rss:", words.count > 1 {
        return Int(words[1]).map { $0 * 1024 }
      }
    }
    return nil
  }
  #endif
}
