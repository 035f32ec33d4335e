// GGUFBuilder: GGUF files written in code, good ones and ones that differ in a single thing.
// Apart from the suites, which say what is expected of them.

@testable import Interchange

/// Writes the bytes of a GGUF file.
struct GGUFBuilder {
  var magic = Array("GGUF".utf8)
  var version: UInt32 = 3
  /// What the frame claims, when it isn't the truth.
  var claimedTensors: UInt64?
  var claimedKeys: UInt64?
  var alignment = 32
  private(set) var keys: [[UInt8]] = []
  private(set) var tensors: [[UInt8]] = []
  private(set) var dataSize = 0

  static func number(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  static func text(_ text: String) -> [UInt8] { number(UInt64(text.utf8.count)) + Array(text.utf8) }

  mutating func set(_ key: String, _ value: UInt32) {
    keys.append(Self.text(key) + Self.number(UInt32(4)) + Self.number(value))
  }

  mutating func set(_ key: String, _ value: Float) {
    keys.append(Self.text(key) + Self.number(UInt32(6)) + Self.number(value.bitPattern))
  }

  mutating func set(_ key: String, _ value: String) {
    keys.append(Self.text(key) + Self.number(UInt32(8)) + Self.text(value))
  }

  mutating func set(_ key: String, _ values: [String]) {
    keys.append(
      Self.text(key) + Self.number(UInt32(9)) + Self.number(UInt32(8))
        + Self.number(UInt64(values.count)) + values.flatMap(Self.text))
  }

  /// A key with any bytes behind its name: a type and a value.
  mutating func setRaw(_ key: String, _ bytes: [UInt8]) { keys.append(Self.text(key) + bytes) }

  /// A tensor behind the ones before it; the shape has its fastest axis last.
  mutating func add(_ name: String, _ type: GGUFType, _ shape: [Int]) {
    addRaw(name, type.rawValue, shape.reversed().map(UInt64.init), at: UInt64(dataSize))
    dataSize += type.byteCount(of: shape) ?? 0
    dataSize = (dataSize + alignment - 1) / alignment * alignment
  }

  /// A tensor of any kind; the axes as the file has them.
  mutating func addRaw(_ name: String, _ type: UInt32, _ axes: [UInt64], at place: UInt64) {
    tensors.append(
      Self.text(name) + Self.number(UInt32(axes.count)) + axes.flatMap(Self.number)
        + Self.number(type) + Self.number(place))
  }

  func bytes(data: Int? = nil) -> [UInt8] {
    var bytes = magic + Self.number(version)
    bytes += Self.number(claimedTensors ?? UInt64(tensors.count))
    bytes += Self.number(claimedKeys ?? UInt64(keys.count))
    bytes += keys.flatMap { $0 } + tensors.flatMap { $0 }
    let padding = (alignment - bytes.count % alignment) % alignment
    return bytes + [UInt8](repeating: 0, count: padding + (data ?? dataSize))
  }

  /// A Llama of one layer: width 64, two heads, one key head, as llama.cpp writes it.
  static var llama: GGUFBuilder {
    var builder = GGUFBuilder()
    builder.set("general.architecture", "llama")
    builder.set("llama.block_count", 1 as UInt32)
    builder.set("llama.context_length", 128 as UInt32)
    builder.set("llama.embedding_length", 64 as UInt32)
    builder.set("llama.feed_forward_length", 96 as UInt32)
    builder.set("llama.attention.head_count", 2 as UInt32)
    builder.set("llama.attention.head_count_kv", 1 as UInt32)
    builder.set("llama.rope.freq_base", 10_000 as Float)
    builder.set("llama.attention.layer_norm_rms_epsilon", 1e-5 as Float)
    builder.set("llama.rope.dimension_count", 32 as UInt32)
    builder.set("tokenizer.ggml.tokens", ["<s>", "a", "b"])
    builder.add("token_embd.weight", .q8x0, [96, 64])
    builder.add("blk.0.attn_norm.weight", .f32, [64])
    builder.add("blk.0.attn_q.weight", .q4x1, [64, 64])
    builder.add("blk.0.attn_k.weight", .q4x1, [32, 64])
    builder.add("blk.0.attn_v.weight", .q4x1, [32, 64])
    builder.add("blk.0.attn_output.weight", .q4x1, [64, 64])
    builder.add("blk.0.ffn_norm.weight", .f32, [64])
    builder.add("blk.0.ffn_gate.weight", .q4x1, [96, 64])
    builder.add("blk.0.ffn_up.weight", .q4x1, [96, 64])
    builder.add("blk.0.ffn_down.weight", .q4x1, [64, 96])
    builder.add("output_norm.weight", .f32, [64])
    return builder
  }

  static func scan(_ bytes: [UInt8]) -> (header: GGUFHeader?, problems: [GGUFError]) {
    GGUFHeader.scan(HeaderFile(path: "memory.gguf", bytes: bytes))
  }
}
