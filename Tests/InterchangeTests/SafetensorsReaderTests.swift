// SafetensorsReaderTests: files on disk, the values in them, and what happens when a disk fails.
// Real files come from Fixtures/numeric; their numbers were written by PyTorch.

import Foundation
import Testing

@testable import Interchange

@Suite struct SafetensorsReaderTests {
  /// Writes a file, opens it and hands it over for as long as it exists.
  static func reading(
    _ tensors: [SafetensorsTensor], _ body: (SafetensorsReader) throws -> Void
  ) throws {
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("model.safetensors").path
      try SafetensorsWriter(tensors).write(to: path)
      try body(SafetensorsReader(path: path))
    }
  }

  @Test("what is written is read back to the bit, whatever the type")
  func roundTrip() throws {
    let floats: [Float] = [
      0, -0.0, 1.5, .infinity, -.greatestFiniteMagnitude, .leastNonzeroMagnitude,
    ]
    let doubles: [Double] = [.pi, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude]
    try Self.reading([
      SafetensorsTensor(name: "f32", shape: [2, 3], floats: floats),
      SafetensorsTensor(name: "i32", shape: [3], integers: [.min, -1, .max] as [Int32]),
      SafetensorsTensor(name: "f64 \"é\"\n", shape: [4], doubles: doubles),
      SafetensorsTensor(name: "i64", shape: [1, 3], integers: [.min, 7, .max] as [Int64]),
      SafetensorsTensor(name: "scalar", shape: [], floats: [3]),
      SafetensorsTensor(name: "empty", shape: [0, 5], floats: []),
    ]) { reader in
      #expect(
        reader.entries.map(\.name) == ["f32", "i32", "f64 \"é\"\n", "i64", "scalar", "empty"])
      try #expect(reader.floats("f32").map(\.bitPattern) == floats.map(\.bitPattern))
      try #expect(reader.doubles("f64 \"é\"\n").map(\.bitPattern) == doubles.map(\.bitPattern))
      try #expect(reader.integers("i64") == [.min, 7, .max])
      try #expect(reader.integers("i32") == [Int64(Int32.min), -1, Int64(Int32.max)])
      try #expect(reader.floats("scalar") == [3])
      try #expect(reader.floats("empty").isEmpty)
      #expect(reader.header.dataOffset % 8 == 0)
      #expect(reader.header.metadata == ["format": "pt"])
    }
  }

  @Test(
    "every readable type gives its numbers in each of the three kinds",
    arguments: [
      (.f64, [0, 0, 0, 0, 0, 0, 8, 0xC0], -3),
      (.f32, [0, 0, 0x40, 0xC0], -3),
      (.f16, [0x00, 0xC2], -3),
      (.bf16, [0x40, 0xC0], -3),
      (.i64, [0xFD, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF], -3),
      (.i32, [0xFD, 0xFF, 0xFF, 0xFF], -3),
      (.i16, [0xFD, 0xFF], -3),
      (.i8, [0xFD], -3),
      (.u64, [0, 1, 0, 0, 0, 0, 0, 0], 256),
      (.u32, [0xFE, 0xFF, 0xFF, 0xFF], 4_294_967_294),
      (.u16, [0x34, 0x12], 0x1234),
      (.u8, [0xFD], 253),
      (.bool, [1], 1),
    ] as [(SafetensorsType, [UInt8], Int64)])
  func conversions(_ type: SafetensorsType, _ bytes: [UInt8], _ value: Int64) throws {
    let two = SafetensorsTensor(
      name: "x", shape: [2], dtype: type,
      bytes: [UInt8](repeating: 0, count: bytes.count) + bytes)
    try Self.reading([two]) { reader in
      #expect(reader.header["x"]?.dtype == type)
      try #expect(reader.floats("x") == [0, Float(value)])
      try #expect(reader.doubles("x") == [0, Double(value)])
      try #expect(reader.integers("x") == [0, value])
      try #expect(reader.bytes("x").suffix(bytes.count) == bytes[...])
    }
  }

  @Test("half precision agrees with IEEE 754 at its corners")
  func halves() {
    let cases: [(UInt16, Float)] = [
      (0x0000, 0), (0x0001, 0x1p-24), (0x03FF, 0x1.FF8p-15), (0x0400, 0x1p-14), (0x3C00, 1),
      (0x3C01, 1.0009765625), (0x7BFF, 65504), (0x7C00, .infinity), (0xFC00, -.infinity),
      (0xB555, -0.333251953125),
    ]
    for (bits, value) in cases { #expect(SafetensorsDecoder.half(bits) == value) }
    #expect(SafetensorsDecoder.half(0x8000).sign == .minus)
    #expect(SafetensorsDecoder.half(0x7E00).isNaN)
  }

  @Test("a value that cannot be held is an error that names its place")
  func notRepresentable() throws {
    try Self.reading([
      SafetensorsTensor(name: "large", shape: [2], doubles: [1, 1e300]),
      SafetensorsTensor(name: "part", shape: [1], floats: [0.5]),
      SafetensorsTensor(name: "nan", shape: [1], floats: [.nan]),
      SafetensorsTensor(name: "infinite", shape: [1], doubles: [.infinity]),
      SafetensorsTensor(name: "bool", shape: [1], dtype: .bool, bytes: [2]),
      SafetensorsTensor(
        name: "u64", shape: [1], dtype: .u64, bytes: [UInt8](repeating: 0xFF, count: 8)),
      SafetensorsTensor(name: "f8", shape: [1], dtype: .f8e4m3, bytes: [0]),
    ]) { reader in
      #expect(
        throws: SafetensorsError.notRepresentable(
          tensor: "large", element: 1, value: "1e+300", as: "fp32")
      ) { try reader.floats("large") }
      #expect(
        throws: SafetensorsError.notRepresentable(
          tensor: "part", element: 0, value: "0.5", as: "a 64-bit integer")
      ) { try reader.integers("part") }
      #expect(throws: SafetensorsError.self) { try reader.integers("nan") }
      try #expect(reader.doubles("nan")[0].isNaN)
      try #expect(reader.floats("infinite") == [.infinity])
      #expect(throws: SafetensorsError.self) { try reader.floats("bool") }
      #expect(throws: SafetensorsError.self) { try reader.doubles("u64") }
      #expect(throws: SafetensorsError.unsupportedType(tensor: "f8", dtype: .f8e4m3)) {
        try reader.floats("f8")
      }
      #expect(throws: SafetensorsError.noSuchTensor(name: "none")) { try reader.floats("none") }
    }
  }

  @Test("files of PyTorch are read: names, shapes and values")
  func fixtures() throws {
    let model = try Fixture.reader("1_gpt2/model.safetensors")
    #expect(model.entries.count == 28)
    // The count is the one that PyTorch printed into case.json.
    #expect(model.entries.reduce(0) { $0 + $1.elementCount } == 29_600)
    #expect(model.header["transformer.h.1.attn.c_attn.weight"]?.shape == [32, 96])
    #expect(model.header.metadata == ["format": "pt"])

    let single = try Fixture.reader("1_gpt2/expected_f32.safetensors")
    let double = try Fixture.reader("1_gpt2/expected_f64.safetensors")
    // Both losses are the ones in case.json.
    try #expect(single.floats("loss") == [4.692667007446289])
    try #expect(double.doubles("loss") == [4.692666900015255])
    let pairs = try zip(single.doubles("logits"), double.doubles("logits"))
    #expect(pairs.allSatisfy { abs($0 - $1) < 5e-6 })

    let input = try Fixture.reader("1_gpt2/io.safetensors")
    let ids = try input.integers("batch0/input_ids")
    #expect(ids.count == 24)
    #expect(ids.allSatisfy { 0..<97 ~= $0 })
    // Of an untied head and a sum over files nothing is left out.
    for path in ["2_encdec", "6_gpt2_lora", "7a_label_mask", "7b_grad_accum"] {
      for file in ["model", "io", "expected_f32", "expected_f64"] {
        #expect(throws: Never.self) { try Fixture.reader("\(path)/\(file).safetensors") }
      }
    }
  }

  @Test("a file that is not there, a directory and a truncated file are errors")
  func unreadable() throws {
    try withTemporaryDirectory { directory in
      let absent = directory.appendingPathComponent("none").path
      let error = #expect(throws: SafetensorsError.self) { try SafetensorsReader(path: absent) }
      #expect(error?.description == "\(absent): cannot be opened: no such file or directory")
      #expect(error?.diagnostic.id == "unreadable-file")
      #expect(
        throws: SafetensorsError.file(
          path: directory.path, reason: "is not a regular file")
      ) { try SafetensorsReader(path: directory.path) }

      let path = directory.appendingPathComponent("model").path
      try SafetensorsWriter([
        SafetensorsTensor(name: "w", shape: [1000], floats: [Float](repeating: 1, count: 1000))
      ]).write(to: path)
      let link = directory.appendingPathComponent("link").path
      try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
      let reader = try SafetensorsReader(path: link)
      try #expect(reader.floats("w").count == 1000)
      let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
      try handle.truncate(atOffset: 200)
      try handle.close()
      #expect(throws: SafetensorsError.self) { try reader.floats("w") }
      #expect(throws: SafetensorsError.self) { try SafetensorsReader(path: path) }
    }
  }

  @Test("the data starts at a multiple of eight, however long the header is")
  func alignment() throws {
    for length in 1...16 {
      let name = String(repeating: "n", count: length)
      let writer = try SafetensorsWriter([
        SafetensorsTensor(name: name, shape: [1], doubles: [2])
      ])
      #expect(try SafetensorsHeader(file: writer.encoded()).dataOffset % 8 == 0)
    }
  }

  @Test("a writer refuses tensors that make no file")
  func refusals() {
    let good = SafetensorsTensor(name: "w", shape: [2], floats: [1, 2])
    func error(_ tensors: [SafetensorsTensor]) -> SafetensorsError? {
      do throws(SafetensorsError) {
        _ = try SafetensorsWriter(tensors)
        return nil
      } catch { return error }
    }
    #expect(error([good]) == nil)
    #expect(error([good, good]) == .duplicateName(name: "w", first: 0..<0, second: 0..<0))
    #expect(
      error([SafetensorsTensor(name: "__metadata__", shape: [1], floats: [1])])
        == .duplicateName(name: "__metadata__", first: 0..<0, second: 0..<0))
    #expect(
      error([SafetensorsTensor(name: "w", shape: [3], floats: [1, 2])])
        == .valueCountMismatch(tensor: "w", shape: [3], found: 2))
    #expect(
      error([SafetensorsTensor(name: "w", shape: [-1, -2], floats: [1, 2])])
        == .badDimension(tensor: "w", axis: 0, found: "-1"))
    #expect(
      error([SafetensorsTensor(name: "w", shape: [.max, 3], floats: [])])
        == .valueCountMismatch(tensor: "w", shape: [.max, 3], found: 0))
  }

  @Test("a write that fails leaves the old file and no other")
  func failedWrite() throws {
    try withTemporaryDirectory { directory in
      let writer = try SafetensorsWriter([
        SafetensorsTensor(name: "w", shape: [2], floats: [1, 2])
      ])
      let list = { try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted() }
      // A directory cannot be replaced by a file: the rename at the very end fails.
      let occupied = directory.appendingPathComponent("occupied")
      try FileManager.default.createDirectory(at: occupied, withIntermediateDirectories: false)
      #expect(throws: SafetensorsError.self) { try writer.write(to: occupied.path) }
      try #expect(list() == ["occupied"])
      #expect(throws: SafetensorsError.self) {
        try writer.write(to: directory.appendingPathComponent("absent/model").path)
      }
      // An existing file is replaced as a whole, through a link too.
      let path = directory.appendingPathComponent("model")
      try Data("old".utf8).write(to: path)
      let link = directory.appendingPathComponent("link")
      try FileManager.default.createSymbolicLink(at: link, withDestinationURL: path)
      try writer.write(to: link.path)
      try #expect(list() == ["link", "model", "occupied"])
      try #expect([UInt8](Data(contentsOf: path)) == writer.encoded())
      try #expect(SafetensorsReader(path: link.path).floats("w") == [1, 2])
    }
  }
}
