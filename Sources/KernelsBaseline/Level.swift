// Level: what the shared kernels need to know about the baseline instruction set.
// The files in `Shared` are compiled once for each level; only this one and the tile differ.
import Kernels

/// The widest vector that fits a register.
typealias Vector = SIMD4<Float>

/// The kernels compiled for what every machine of the architecture has.
package enum SIMDKernels: KernelSet {
  package static let level = SIMDLevel.baseline
}
