// GGUFType: the number formats of ggml, each with the elements and bytes of one block.
// Apart from the header, because whoever reads values asks for the same sizes.

/// The format of a tensor in a GGUF file: elements are packed in blocks that share a scale.
/// - Source: `GGML_QUANT_SIZES` of the gguf package, version 0.19, and `ggml.h`.
package enum GGUFType: UInt32, Hashable, Sendable, CaseIterable {
  case f32 = 0
  case f16 = 1
  case q4x0 = 2
  case q4x1 = 3
  case q5x0 = 6
  case q5x1 = 7
  case q8x0 = 8
  case q8x1 = 9
  case q2k = 10
  case q3k = 11
  case q4k = 12
  case q5k = 13
  case q6k = 14
  case q8k = 15
  case iq2xxs = 16
  case iq2xs = 17
  case iq3xxs = 18
  case iq1s = 19
  case iq4nl = 20
  case iq3s = 21
  case iq2s = 22
  case iq4xs = 23
  case i8 = 24
  case i16 = 25
  case i32 = 26
  case i64 = 27
  case f64 = 28
  case iq1m = 29
  case bf16 = 30
  case tq1x0 = 34
  case tq2x0 = 35
  case mxfp4 = 39
  case nvfp4 = 40
  case q1x0 = 41

  /// Formats that ggml had once and took back, by number.
  package static let removed: [UInt32: String] = [
    4: "Q4_2", 5: "Q4_3", 31: "Q4_0_4_4", 32: "Q4_0_4_8", 33: "Q4_0_8_8", 36: "IQ4_NL_4_4",
    37: "IQ4_NL_4_8", 38: "IQ4_NL_8_8",
  ]

  /// The name that ggml prints: `Q4_1`.
  package var name: String { form.name }

  /// How many elements one block holds; the first axis as GGUF writes it is a multiple of it.
  package var blockElements: Int { form.elements }

  /// How many bytes one block takes.
  package var blockBytes: Int { form.bytes }

  /// Whether blocks hold a scale and small integers rather than numbers one by one.
  package var isQuantised: Bool { form.elements > 1 }

  /// The bytes of a tensor.
  ///
  /// - Parameter shape: the axes, the fastest one last.
  /// - Returns: nil when a number overflows, or when rows are no whole number of blocks.
  package func byteCount(of shape: [Int]) -> Int? {
    guard (shape.last ?? 1) % blockElements == 0,
      let elements = SafetensorsEntry.elementCount(of: shape)
    else { return nil }
    let (bytes, overflow) = (elements / blockElements).multipliedReportingOverflow(by: blockBytes)
    return overflow ? nil : bytes
  }

  private var form: (name: String, elements: Int, bytes: Int) {
    switch self {
    case .f32: ("F32", 1, 4)
    case .f16: ("F16", 1, 2)
    case .bf16: ("BF16", 1, 2)
    case .f64: ("F64", 1, 8)
    case .i8: ("I8", 1, 1)
    case .i16: ("I16", 1, 2)
    case .i32: ("I32", 1, 4)
    case .i64: ("I64", 1, 8)
    case .q4x0: ("Q4_0", 32, 18)
    case .q4x1: ("Q4_1", 32, 20)
    case .q5x0: ("Q5_0", 32, 22)
    case .q5x1: ("Q5_1", 32, 24)
    case .q8x0: ("Q8_0", 32, 34)
    case .q8x1: ("Q8_1", 32, 40)
    case .q2k: ("Q2_K", 256, 84)
    case .q3k: ("Q3_K", 256, 110)
    case .q4k: ("Q4_K", 256, 144)
    case .q5k: ("Q5_K", 256, 176)
    case .q6k: ("Q6_K", 256, 210)
    case .q8k: ("Q8_K", 256, 292)
    case .iq2xxs: ("IQ2_XXS", 256, 66)
    case .iq2xs: ("IQ2_XS", 256, 74)
    case .iq3xxs: ("IQ3_XXS", 256, 98)
    case .iq1s: ("IQ1_S", 256, 50)
    case .iq4nl: ("IQ4_NL", 32, 18)
    case .iq3s: ("IQ3_S", 256, 110)
    case .iq2s: ("IQ2_S", 256, 82)
    case .iq4xs: ("IQ4_XS", 256, 136)
    case .iq1m: ("IQ1_M", 256, 56)
    case .tq1x0: ("TQ1_0", 256, 54)
    case .tq2x0: ("TQ2_0", 256, 66)
    case .mxfp4: ("MXFP4", 32, 17)
    case .nvfp4: ("NVFP4", 64, 36)
    case .q1x0: ("Q1_0", 128, 18)
    }
  }
}
