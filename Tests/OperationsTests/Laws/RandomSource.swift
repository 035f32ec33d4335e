// RandomSource: numbers that look random and come again from the same seed.
// The standard library's generator cannot be seeded (Steele et al. 2014: SplitMix64).
import Foundation

/// A seeded generator.
struct RandomSource: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// The seed of this test run: `PLUMBLINE_SEED`, or a fixed one.
  static let seed: UInt64 =
    ProcessInfo.processInfo.environment["PLUMBLINE_SEED"].flatMap { UInt64($0) } ?? 20_261_121
}
