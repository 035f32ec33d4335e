// SIMDLevel: the instruction sets for which the fast kernels are compiled.
// The lowest that every machine has is always there; the others are chosen when the program starts.

/// An instruction set.
package enum SIMDLevel: String, CaseIterable, Comparable, Sendable {
  /// SSE2 on x86-64, NEON on arm64.
  case baseline
  /// AVX2 with FMA.
  case avx2
  /// AVX-512 with F, BW, DQ and VL.
  case avx512

  package static func < (left: SIMDLevel, right: SIMDLevel) -> Bool {
    left.order < right.order
  }

  private var order: Int {
    switch self {
    case .baseline: 0
    case .avx2: 1
    case .avx512: 2
    }
  }
}
