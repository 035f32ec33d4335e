// GGUFDecoder: the blocks of ggml's number formats as floats.
// Apart from the header, which needs only their sizes; the formulas are those of `ggml-quants.c`.

/// One tensor's bytes and the format that they are in.
struct GGUFDecoder {
  let type: GGUFType
  /// Whole blocks, aligned to nothing.
  let bytes: UnsafeRawBufferPointer

  /// The formats that are decoded.
  static let readable: [GGUFType] = [
    .f32, .f16, .bf16, .f64, .q4x0, .q4x1, .q5x0, .q5x1, .q8x0, .q2k, .q3k, .q4k, .q5k, .q6k,
  ]

  /// Every element in order.
  ///
  /// - Returns: nil for a format that is not among ``readable``.
  func floats() -> [Float]? {
    switch type {
    case .f32: return single(4) { Float(bitPattern: word($0)) }
    case .f64: return single(8) { Float(Double(bitPattern: word($0))) }
    case .f16: return single(2) { half($0) }
    case .bf16: return single(2) { Float(bitPattern: UInt32(word($0) as UInt16) << 16) }
    case .q4x0: return blocks { $1.nibbles(at: $0 + 2, scale: half($0), shift: -8) }
    case .q4x1: return blocks { $1.nibbles(at: $0 + 4, scale: half($0), least: half($0 + 2)) }
    case .q5x0:
      return blocks { $1.nibbles(at: $0 + 6, high: word($0 + 2), scale: half($0), shift: -16) }
    case .q5x1:
      return blocks {
        $1.nibbles(at: $0 + 8, high: word($0 + 4), scale: half($0), least: half($0 + 2))
      }
    case .q8x0:
      return blocks { start, block in
        let scale = half(start)
        for index in 0..<32 { block[index] = scale * Float(signed(start + 2 + index)) }
      }
    case .q2k: return blocks(GGUFDecoder.twoBits)
    case .q3k: return blocks(GGUFDecoder.threeBits)
    case .q4k: return blocks { fourBits($0, $1, high: nil, at: $0 + 16) }
    case .q5k: return blocks { fourBits($0, $1, high: $0 + 16, at: $0 + 48) }
    case .q6k: return blocks(GGUFDecoder.sixBits)
    default: return nil
    }
  }

  // MARK: Walking

  /// A block of the result that is being filled.
  struct Block {
    let decoder: GGUFDecoder
    let place: UnsafeMutablePointer<Float>

    subscript(index: Int) -> Float {
      get { place[index] }
      nonmutating set { place[index] = newValue }
    }

    /// 32 numbers in 16 bytes, the low halves first; `high` holds a fifth bit of each.
    func nibbles(
      at start: Int, high: UInt32 = 0, scale: Float, shift: Int = 0, least: Float = 0
    ) {
      for index in 0..<16 {
        let byte = Int(decoder.bytes[start + index])
        let low = byte & 15 | Int(high >> UInt32(index) & 1) << 4
        let top = byte >> 4 | Int(high >> UInt32(index + 16) & 1) << 4
        place[index] = scale * Float(low + shift) + least
        place[index + 16] = scale * Float(top + shift) + least
      }
    }
  }

  private func single(_ size: Int, _ read: (Int) -> Float) -> [Float] {
    (0..<bytes.count / size).map { read($0 * size) }
  }

  private func blocks(_ fill: (GGUFDecoder) -> (Int, Block) -> Void) -> [Float] {
    blocks { start, block in fill(self)(start, block) }
  }

  private func blocks(_ fill: (Int, Block) -> Void) -> [Float] {
    let count = bytes.count / type.blockBytes
    let size = type.blockElements
    return [Float](unsafeUninitializedCapacity: count * size) { target, filled in
      guard let start = target.baseAddress else { return }
      target.initialize(repeating: 0)
      for index in 0..<count {
        fill(index * type.blockBytes, Block(decoder: self, place: start + index * size))
      }
      filled = count * size
    }
  }

  // MARK: Blocks of 256

  /// Q4_K and Q5_K: eight rows of 32, each with a scale and a least value of six bits.
  private func fourBits(_ start: Int, _ block: Block, high: Int?, at numbers: Int) {
    let (scale, least) = (half(start), half(start + 2))
    for row in 0..<8 {
      let (factor, offset) = sixBitPair(start + 4, row)
      let (d, m) = (scale * Float(factor), least * Float(offset))
      for index in 0..<32 {
        let byte = Int(bytes[numbers + row / 2 * 32 + index])
        var value = row % 2 == 0 ? byte & 15 : byte >> 4
        if let high { value |= ((Int(bytes[high + index]) >> row) & 1) << 4 }
        block[row * 32 + index] = d * Float(value) - m
      }
    }
  }

  /// The scale and the least value of a row, packed in twelve bytes.
  private func sixBitPair(_ start: Int, _ row: Int) -> (Int, Int) {
    func byte(_ index: Int) -> Int { Int(bytes[start + index]) }
    guard row >= 4 else { return (byte(row) & 63, byte(row + 4) & 63) }
    return (
      byte(row + 4) & 15 | (byte(row - 4) >> 6) << 4,
      byte(row + 4) >> 4 | (byte(row) >> 6) << 4
    )
  }

  /// Q6_K: low halves, two high bits, and a scale for each row of 16.
  private func sixBits(_ start: Int, _ block: Block) {
    let scale = half(start + 208)
    for part in 0..<2 {
      for index in 0..<32 {
        let first = Int(bytes[start + part * 64 + index])
        let second = Int(bytes[start + part * 64 + 32 + index])
        let high = Int(bytes[start + 128 + part * 32 + index])
        let values = [
          first & 15 | (high & 3) << 4, second & 15 | (high >> 2 & 3) << 4,
          first >> 4 | (high >> 4 & 3) << 4, second >> 4 | (high >> 6 & 3) << 4,
        ]
        for (row, value) in values.enumerated() {
          let factor = signed(start + 192 + part * 8 + index / 16 + row * 2)
          block[part * 128 + row * 32 + index] = scale * Float(factor) * Float(value - 32)
        }
      }
    }
  }

  /// Q2_K: two bits, with a scale and a least value of four bits for each row of 16.
  private func twoBits(_ start: Int, _ block: Block) {
    let (scale, least) = (half(start + 80), half(start + 82))
    for row in 0..<16 {
      let (part, pair, side) = (row / 8, row % 8 / 2, row % 2)
      let packed = Int(bytes[start + row])
      let (d, m) = (scale * Float(packed & 15), least * Float(packed >> 4))
      for index in 0..<16 {
        let byte = Int(bytes[start + 16 + part * 32 + side * 16 + index])
        block[row * 16 + index] = d * Float(byte >> (2 * pair) & 3) - m
      }
    }
  }

  /// Q3_K: two bits and one apart, with a scale of six bits for each row of 16.
  private func threeBits(_ start: Int, _ block: Block) {
    let scale = half(start + 108)
    for row in 0..<16 {
      let (part, pair, side) = (row / 8, row % 8 / 2, row % 2)
      let packed = Int(bytes[start + 96 + row % 8])
      let low = row < 8 ? packed & 15 : packed >> 4
      let high = Int(bytes[start + 104 + row % 4]) >> (2 * (row / 4)) & 3
      let d = scale * Float((low | high << 4) - 32)
      for index in 0..<16 {
        let place = side * 16 + index
        let value = Int(bytes[start + 32 + part * 32 + place]) >> (2 * pair) & 3
        let isHigh = bytes[start + place] >> UInt8(part * 4 + pair) & 1 == 1
        block[row * 16 + index] = d * Float(value - (isHigh ? 0 : 4))
      }
    }
  }

  // MARK: Words

  private func half(_ start: Int) -> Float { SafetensorsDecoder.half(word(start)) }

  private func signed(_ start: Int) -> Int8 { Int8(bitPattern: bytes[start]) }

  private func word<Word: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    _ start: Int
  ) -> Word {
    Word(littleEndian: bytes.loadUnaligned(fromByteOffset: start, as: Word.self))
  }
}
