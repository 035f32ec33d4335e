// GGUFDecoderTests: blocks of ggml's formats are the floats that the gguf package makes of them.
// What llama.cpp's converter did to the order of rows is undone, seen on numbers that can be counted.

import Foundation
import Testing

@testable import Interchange

@Suite struct GGUFDecoderTests {
  /// Random blocks and what gguf 0.19 for Python reads from them; see Fixtures/gguf/README.md.
  private func blocks() throws -> SafetensorsReader {
    try SafetensorsReader(
      path: Fixture.numeric.deletingLastPathComponent()
        .appendingPathComponent("gguf/blocks.safetensors").path)
  }

  @Test(
    "every format that is read gives the numbers of the gguf package",
    arguments: GGUFDecoder.readable.filter { ![.f32, .f64].contains($0) })
  func formats(_ type: GGUFType) throws {
    let reader = try blocks()
    let bytes = try reader.integers(type.name + "/bytes").map { UInt8(truncatingIfNeeded: $0) }
    let expected = try reader.floats(type.name + "/values")
    let found = try #require(
      bytes.withUnsafeBytes { GGUFDecoder(type: type, bytes: $0).floats() })
    #expect(found.count == expected.count)
    // The order of two multiplications may differ: an ulp or two of the largest of a block.
    let largest = expected.reduce(0) { max($0, abs($1)) }
    for (index, pair) in zip(found, expected).enumerated() {
      #expect(abs(pair.0 - pair.1) <= 4e-7 * largest, "element \(index): \(pair)")
    }
  }

  @Test("formats that are not read say so")
  func unread() {
    let bytes = [UInt8](repeating: 0, count: GGUFType.iq4nl.blockBytes)
    #expect(bytes.withUnsafeBytes { GGUFDecoder(type: .iq4nl, bytes: $0).floats() } == nil)
  }

  /// A file with these tensors of f32, filled with 0, 1, 2 and so on.
  private func counted(
    _ architecture: String, heads: UInt32, keyHeads: UInt32, _ tensors: [(String, [Int])],
    _ body: (borrowing MappedGGUF) throws -> Void
  ) throws {
    var builder = GGUFBuilder()
    builder.set("general.architecture", architecture)
    builder.set("\(architecture).attention.head_count", heads)
    builder.set("\(architecture).attention.head_count_kv", keyHeads)
    builder.set("\(architecture).expert_count", 2 as UInt32)
    for (name, shape) in tensors { builder.add(name, .f32, shape) }
    var bytes = builder.bytes(data: 0)
    for (_, shape) in tensors {
      let count = shape.reduce(1, *)
      bytes += (0..<count).flatMap { GGUFBuilder.number(Float($0).bitPattern) }
      bytes += [UInt8](repeating: 0, count: (32 - count * 4 % 32) % 32)
    }
    try withTemporaryDirectory { directory in
      let path = directory.appendingPathComponent("m.gguf").path
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      try body(MappedGGUF(path: path))
    }
  }

  @Test("rows of Llama's queries and keys go back to where Hugging Face has them")
  func heads() throws {
    try counted(
      "llama", heads: 2, keyHeads: 1,
      [
        ("blk.0.attn_q.weight", [8, 1]), ("blk.0.attn_k.weight", [4, 2]),
        ("blk.0.attn_v.weight", [4, 2]),
        ("blk.0.ffn_gate_exps.weight", [2, 3, 1]),
      ]
    ) { file in
      var found: [Float]
      found = try file.floats("model.layers.0.self_attn.q_proj.weight")
      #expect(found == [0, 2, 1, 3, 4, 6, 5, 7])
      found = try file.floats("model.layers.0.self_attn.k_proj.weight")
      #expect(found == [0, 1, 4, 5, 2, 3, 6, 7])
      found = try file.floats("model.layers.0.self_attn.v_proj.weight")
      #expect(found == [0, 1, 2, 3, 4, 5, 6, 7])
      let untouched = try file.place("model.layers.0.self_attn.v_proj.weight")
      #expect(untouched?.count == 8)
      let moved = try file.place("model.layers.0.self_attn.q_proj.weight")
      #expect(moved == nil)
      // Experts that stand in one piece have a tensor each.
      found = try file.floats("model.layers.0.block_sparse_moe.experts.1.w1.weight")
      #expect(found == [3, 4, 5])
    }
  }

  @Test("GPT-2's matrices are turned back, and BLOOM's heads are joined again")
  func others() throws {
    try counted("gpt2", heads: 1, keyHeads: 1, [("blk.0.ffn_up.weight", [3, 2])]) { file in
      var found: [Float]
      let shape = file.tensors.first?.shape
      #expect(shape == [2, 3])
      found = try file.floats("transformer.h.0.mlp.c_fc.weight")
      #expect(found == [0, 2, 4, 1, 3, 5])
    }
    try counted("bloom", heads: 2, keyHeads: 2, [("blk.0.attn_qkv.bias", [6])]) { file in
      var found: [Float]
      let name = file.tensors.first?.name ?? "none"
      found = try file.floats(name)
      #expect(found == [0, 2, 4, 1, 3, 5])
    }
    try counted("gemma", heads: 1, keyHeads: 1, [("output_norm.weight", [3])]) { file in
      var found: [Float]
      found = try file.floats("model.norm.weight")
      #expect(found == [-1, 0, 1])
    }
  }
}
