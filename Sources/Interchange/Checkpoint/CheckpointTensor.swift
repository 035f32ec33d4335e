// CheckpointTensor: one stored tensor, whatever the format of its file.
// The one form on which rules work; apart from the readers, which are two.

/// How the elements of a stored tensor are written.
package enum StoredType: Hashable, Sendable {
  case safetensors(SafetensorsType)
  case gguf(GGUFType)

  /// The format's own name: `F16`, `Q4_1`.
  package var name: String {
    switch self {
    case .safetensors(let type): type.rawValue
    case .gguf(let type): type.name
    }
  }

  /// The name in words: `float16`, `Q4_1`.
  package var words: String {
    switch name {
    case "F64": "float64"
    case "F32": "float32"
    case "F16": "float16"
    case "BF16": "bfloat16"
    case "F8_E4M3": "float8_e4m3fn"
    case "F8_E5M2": "float8_e5m2"
    case "BOOL": "bool"
    case "U8": "uint8"
    case "I8": "int8"
    case "I16": "int16"
    case "I32": "int32"
    case "I64": "int64"
    default: name
    }
  }

  /// Whether elements are floating-point numbers of 16 bits or more, each by itself.
  package var isPlainFloat: Bool { ["F64", "F32", "F16", "BF16"].contains(name) }

  /// Whether elements are packed in blocks, or are so narrow that a scale belongs to them.
  package var isQuantised: Bool {
    switch self {
    case .safetensors(let type): type.bits <= 8 && type != .bool
    case .gguf(let type): type.isQuantised
    }
  }

  /// The bytes of a tensor; nil when a number overflows or blocks are cut.
  package func byteCount(of shape: [Int]) -> Int? {
    switch self {
    case .safetensors(let type): type.byteCount(of: shape)
    case .gguf(let type): type.byteCount(of: shape)
    }
  }
}

/// One tensor of a checkpoint.
package struct CheckpointTensor: Hashable, Sendable {
  /// The name in the file.
  package let name: String
  package let type: StoredType
  /// The axes, the fastest one last.
  package let shape: [Int]
  /// Which file of the checkpoint holds it.
  package let file: Int
  /// Its bytes in that file.
  package let bytes: Range<Int>
  /// The bytes of that file that declare it.
  package let place: Range<Int>

  package init(
    name: String, type: StoredType, shape: [Int], file: Int, bytes: Range<Int>,
    place: Range<Int>
  ) {
    self.name = name
    self.type = type
    self.shape = shape
    self.file = file
    self.bytes = bytes
    self.place = place
  }
}
