// Digest: a fingerprint of 64 bits, to notice a file that is no longer the one it was.
// Against accidents only; here because it is a loop over numbers that has to be fast.

/// XXH64 over a stream of bytes.
///
/// - Source: Collet, "xxHash fast digest algorithm", the specification of XXH64, seed 0.
package struct Digest: Hashable, Sendable {
  private static let primes: (UInt64, UInt64, UInt64, UInt64, UInt64) = (
    0x9E37_79B1_85EB_CA87, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0x85EB_CA77_C2B2_AE63,
    0x27D4_EB2F_1656_67C5
  )

  private var lanes: SIMD4<UInt64> = [
    Digest.primes.0 &+ Digest.primes.1, Digest.primes.1, 0, 0 &- Digest.primes.0,
  ]
  /// Bytes that do not fill a stripe of 32 yet.
  private var rest: [UInt8] = []
  private var total: UInt64 = 0

  package init() {}

  /// The digest of one array.
  package init(of bytes: [UInt8]) {
    update(bytes)
  }

  /// Takes in more bytes; how they are cut makes no difference.
  package mutating func update(_ bytes: [UInt8]) {
    total &+= UInt64(bytes.count)
    bytes.withUnsafeBytes { bytes in
      var offset = 0
      if !rest.isEmpty {
        offset = min(32 - rest.count, bytes.count)
        rest += bytes[..<offset]
        guard rest.count == 32 else { return }
        rest.withUnsafeBytes { take($0, at: 0) }
        rest.removeAll(keepingCapacity: true)
      }
      while offset + 32 <= bytes.count {
        take(bytes, at: offset)
        offset &+= 32
      }
      rest += bytes[offset...]
    }
  }

  /// Of everything taken in so far.
  package var value: UInt64 {
    let (first, second, third, fourth, fifth) = Digest.primes
    var hash: UInt64
    if total >= 32 {
      hash =
        Digest.rotated(lanes[0], 1) &+ Digest.rotated(lanes[1], 7)
        &+ Digest.rotated(lanes[2], 12) &+ Digest.rotated(lanes[3], 18)
      for lane in 0..<4 {
        hash ^= Digest.rotated(lanes[lane] &* second, 31) &* first
        hash = hash &* first &+ fourth
      }
    } else {
      hash = fifth
    }
    hash &+= total
    var tail = rest[...]
    while tail.count >= 8 {
      hash ^= Digest.rotated(Digest.word(tail.prefix(8)) &* second, 31) &* first
      hash = Digest.rotated(hash, 27) &* first &+ fourth
      tail = tail.dropFirst(8)
    }
    if tail.count >= 4 {
      hash ^= Digest.word(tail.prefix(4)) &* first
      hash = Digest.rotated(hash, 23) &* second &+ third
      tail = tail.dropFirst(4)
    }
    for byte in tail {
      hash ^= UInt64(byte) &* fifth
      hash = Digest.rotated(hash, 11) &* first
    }
    hash = (hash ^ (hash >> 33)) &* second
    hash = (hash ^ (hash >> 29)) &* third
    return hash ^ (hash >> 32)
  }

  /// Sixteen hexadecimal digits.
  package var text: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  // The sums and products below are modulo 2⁶⁴ by definition.

  private mutating func take(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
    let words = SIMD4(
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)),
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 16, as: UInt64.self)),
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset + 24, as: UInt64.self)))
    let sums = lanes &+ words &* Digest.primes.1
    lanes = (sums &<< 31 | sums &>> 33) &* Digest.primes.0
  }

  private static func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 {
    value << count | value >> (64 - count)
  }
}
