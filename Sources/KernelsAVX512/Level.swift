// Level: what the shared kernels need to know about AVX-512.
// The files in `Shared` are compiled once for each level; only this one and the tile differ.
import Kernels

/// The widest vector that fits a register.
typealias Vector = SIMD16<Float>

/// The kernels compiled for AVX-512.
package enum SIMDKernels: KernelSet {
  package static let level = SIMDLevel.avx512
}
