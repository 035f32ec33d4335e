// KernelSet: everything that a set of fast kernels for one instruction set must offer.
// Each family has a protocol of its own beside this file; a missing kernel does not compile.

/// The fast kernels of one instruction set.
///
/// Every function returns jobs that are run in order, each once all pieces of the one before are done.
package protocol KernelSet:
  AttentionKernels, ElementwiseKernels, GEMMKernels, HeadLossKernels, IndexingKernels,
  LimitKernels, LossKernels, ReduceKernels, RowKernels, Sendable, UpdateKernels
{
  static var level: SIMDLevel { get }
}
