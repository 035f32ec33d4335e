// ReductionPlan: how a reduction is cut into pieces, from extents and strides alone.
// Apart from the loops, because the workspace must be known before memory exists.
import Kernels

/// A walk over the kept axes for each block of a walk over the reduced ones.
struct ReductionPlan: Sendable {
  /// Arrays: the result or its partial sums, then the operand.
  let kept: RunWalk
  /// Arrays: the operand.
  let reduced: RunWalk
  /// From the partial sums to the result.
  let joined: RunWalk
  /// The elements of the result, and of what is reduced to each.
  let keptCount: Int
  let reducedCount: Int
  /// The blocks of the reduced elements; a single one needs no partial sums.
  let blocks: Int

  /// - Parameters:
  ///   - extents: of the operand.
  ///   - strides: of the operand.
  ///   - axes: those that are reduced.
  ///   - target: the strides of the result, `nil` when only the workspace is asked for.
  init(_ extents: [Int], _ strides: [Int], axes: Set<Int>, target: [Int]?) {
    let keptAxes = extents.indices.filter { !axes.contains($0) }
    let reducedAxes = extents.indices.filter { axes.contains($0) }
    let keptExtents = keptAxes.map { extents[$0] }
    let keptStrides = keptAxes.map { strides[$0] }
    let reducedExtents = reducedAxes.map { extents[$0] }
    keptCount = keptExtents.reduce(1, *)
    reducedCount = reducedExtents.reduce(1, *)
    // Columns side by side are summed row by row, anything else one result at a time.
    let inner = Array(zip(keptExtents, keptStrides)).last { $0.0 != 1 }
    let byColumns = inner?.1 == 1
    let keptBlock = byColumns ? 512 : max(1, 2 * RunWalk.blockSize / max(1, reducedCount))
    let wanted = byColumns ? 128 : RunWalk.blockSize
    let pieces = (keptCount + keptBlock - 1) / keptBlock
    let block = pieces >= 16 ? reducedCount : max(wanted, (reducedCount + 63) / 64)
    reduced = RunWalk(
      reducedExtents, strides: [reducedAxes.map { strides[$0] }], block: max(1, block))
    blocks = max(1, reduced.pieces)
    let dense = ReductionPlan.dense(keptExtents)
    let target = target ?? dense
    kept = RunWalk(
      keptExtents, strides: [blocks == 1 ? target : dense, keptStrides], block: keptBlock)
    joined = RunWalk(keptExtents, strides: [target, dense], block: 1024)
  }

  /// The partial results in elements.
  var partials: Int { blocks == 1 ? 0 : blocks * keptCount }

  private static func dense(_ extents: [Int]) -> [Int] {
    var strides = Array(repeating: 1, count: extents.count)
    var stride = 1
    for axis in extents.indices.reversed() {
      strides[axis] = stride
      stride *= max(1, extents[axis])
    }
    return strides
  }
}
