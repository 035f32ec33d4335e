// Level: what the shared kernels need to know about AVX2 with FMA.
// The files in `Shared` are compiled once for each level; only this one and the tile differ.
import Kernels

/// The widest vector that fits a register.
typealias Vector = SIMD8<Float>

/// The kernels compiled for AVX2 with FMA.
package enum SIMDKernels: KernelSet {
  package static let level = SIMDLevel.avx2
}
