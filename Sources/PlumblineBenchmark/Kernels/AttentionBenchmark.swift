// AttentionBenchmark: attention alone, forward and backward, as the models' steps call it.
// Queries, keys and values are thirds of one product's result, so their rows are strided.
import Execution
import Foundation
import Kernels

/// The extents of one attention.
struct AttentionCase: Hashable {
  let batch: Int
  let heads: Int
  let length: Int
  let width: Int
  /// How many times faster than the peer's it has to be, and should.
  let least: Double
  let aim: Double

  static let all = [
    AttentionCase(batch: 4, heads: 16, length: 512, width: 8, least: 5, aim: 8),
    AttentionCase(batch: 8, heads: 6, length: 256, width: 64, least: 1.8, aim: 2.5),
  ]

  var name: String { "B \(batch) H \(heads) T \(length) D \(width)" }
  var rows: Int { batch * heads * length }
}

/// One attention with its memory.
struct AttentionBenchmark {
  private let timer: KernelTimer
  private let forward: [KernelJob]
  private let backward: [KernelJob]
  private let memories: [BenchmarkMemory]

  init(_ sizes: AttentionCase, threads: Int, seconds: Double) {
    let kernels = KernelChoice.best
    let full = sizes.heads * sizes.width
    let tokens = sizes.batch * sizes.length
    let packed = BenchmarkMemory(floats: tokens * 3 * full)
    let packedGradient = BenchmarkMemory(floats: tokens * 3 * full)
    let output = BenchmarkMemory(floats: tokens * full)
    let gradient = BenchmarkMemory(floats: tokens * full)
    let rowSums = BenchmarkMemory(floats: sizes.rows)
    func view(_ memory: BenchmarkMemory, part: Int, of parts: Int) -> PlacedTensor<Float> {
      PlacedTensor(
        memory.place(at: part * full),
        extents: [
          sizes.batch, sizes.heads, sizes.length, sizes.width,
        ], strides: [sizes.length * parts * full, sizes.width, parts * full, 1])
    }
    let operands = AttentionOperands(
      query: view(packed, part: 0, of: 3), key: view(packed, part: 1, of: 3),
      value: view(packed, part: 2, of: 3), options: AttentionOptions(causal: true, scale: nil))
    let extents = operands.sizes()
    let forwardSpace = kernels.attentionWorkspace(extents)
    let backwardSpace = kernels.attentionGradientWorkspace(extents)
    let shared = BenchmarkMemory(floats: max(forwardSpace.shared, backwardSpace.shared) / 4)
    timer = KernelTimer(
      threads: threads, scratchBytes: max(forwardSpace.scratch, backwardSpace.scratch),
      seconds: seconds)
    forward = kernels.attention(
      operands, output: view(output, part: 0, of: 1), rowSums: rowSums.place(at: 0))
    backward = kernels.attentionGradient(
      operands,
      arriving: AttentionArriving(
        output: view(output, part: 0, of: 1), gradient: view(gradient, part: 0, of: 1),
        rowSums: rowSums.place(at: 0)),
      leaving: AttentionLeaving(
        query: view(packedGradient, part: 0, of: 3), key: view(packedGradient, part: 1, of: 3),
        value: view(packedGradient, part: 2, of: 3)),
      shared: UnsafeMutableRawPointer(shared.place(at: 0).pointer))
    memories = [packed, packedGradient, output, gradient, rowSums, shared]
  }

  /// The best times of forward and backward, in seconds.
  func seconds() -> (forward: Double, backward: Double) {
    withExtendedLifetime(memories) { (timer.best(forward), timer.best(backward)) }
  }
}
