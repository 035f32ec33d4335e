// RandomBits: a stream of random bits for one seed and one name.
// Apart from the initialisers because batches of data for a check are drawn from it too.
import Kernels

/// xoshiro256**, seeded by SplitMix64 from a seed and a name.
///
/// The stream depends on nothing else, so a weight gets the same bits wherever its place in the
/// model moves.
/// - Source: Blackman and Vigna 2021, doi:10.1145/3460772; SplitMix64: Steele, Lea and Flood 2014,
///   doi:10.1145/2660193.2660195
package struct RandomBits: RandomNumberGenerator, Sendable {
  private var state: (UInt64, UInt64, UInt64, UInt64)

  package init(seed: UInt64, name: String = "") {
    // FNV-1a: `Hasher` has another seed in every process.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    var mixer = SplitMix(state: seed)
    mixer = SplitMix(state: mixer.next() ^ hash)
    state = (mixer.next(), mixer.next(), mixer.next(), mixer.next())
  }

  package mutating func next() -> UInt64 {
    func rotated(_ x: UInt64, _ distance: UInt64) -> UInt64 {
      x << distance | x >> (64 - distance)
    }
    let result = rotated(state.1 &* 5, 7) &* 9
    let shifted = state.1 << 17
    state.2 ^= state.0
    state.3 ^= state.1
    state.1 ^= state.2
    state.0 ^= state.3
    state.2 ^= shifted
    state.3 = rotated(state.3, 45)
    return result
  }

  /// A number in 0 ..< 1 with 53 random bits.
  package mutating func uniform() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// Two independent standard normal numbers, by Box and Muller's transform.
  package mutating func normals() -> (Double, Double) {
    // One minus, because the logarithm of zero has no value.
    let radius = (-2 * Double.logarithm(1 - uniform())).squareRoot()
    let angle = 2 * Double.pi * uniform()
    return (radius * Double.cosine(angle), radius * Double.sine(angle))
  }
}

/// The generator that spreads a seed over a larger state.
private struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }
}
