// SIMDKernels+Loss: cross-entropy over rows of logits and its gradient, cut into blocks of rows.
// What happens inside one row stands in Loss/LossRow.swift, which the fused head uses as well.
import Kernels

extension SIMDKernels: LossKernels {
  package static func crossEntropy(
    _ logits: PlacedRows, _ targets: LossTargets, statistics: LossStatistics, loss: Place<Float>
  ) -> [KernelJob] {
    lossStatistics(logits, targets, into: statistics)
      + [reduceLoss(targets, statistics, into: loss)]
  }

  package static func lossStatistics(
    _ logits: PlacedRows, _ targets: LossTargets, into statistics: LossStatistics
  ) -> [KernelJob] {
    let blocks = Blocks(of: logits.rows, each: 1 << 14, width: logits.width)
    return [
      countKept(targets, classes: logits.width, into: statistics),
      KernelJob(pieces: blocks.count) { piece, _ in
        let block = blocks[piece]
        var row = block.start
        while row < block.end {
          let elements = logits.place.pointer + row &* logits.stride
          let found = LossRow.measure(elements, count: logits.width)
          let target = LossRow.target(targets, row, classes: logits.width)
          statistics.note(
            row, found, loss: target.map { found.loss(of: elements[$0]) } ?? 0)
          row &+= 1
        }
      },
    ]
  }

  package static func crossEntropyGradient(
    _ logits: PlacedRows, _ targets: LossTargets, statistics: LossStatistics,
    cotangent: Place<Float>, into result: PlacedRows
  ) -> [KernelJob] {
    let blocks = Blocks(of: logits.rows, each: 1 << 14, width: logits.width)
    return [
      KernelJob(pieces: blocks.count) { piece, _ in
        let block = blocks[piece]
        let scale = lossScale(targets, statistics, cotangent)
        var row = block.start
        while row < block.end {
          let elements = logits.place.pointer + row &* logits.stride
          let gradient = result.place.pointer + row &* result.stride
          if let target = LossRow.target(targets, row, classes: logits.width) {
            LossRow.differentiate(
              elements, into: gradient, count: logits.width, target: target,
              found: statistics.found(row), scale: scale)
          } else {
            gradient.update(repeating: 0, count: logits.width)
          }
          row &+= 1
        }
      }
    ]
  }

  /// Counts the targets that are not ignored, in one piece.
  static func countKept(
    _ targets: LossTargets, classes: Int, into statistics: LossStatistics
  ) -> KernelJob {
    KernelJob(pieces: 1) { _, _ in
      var kept = 0
      var row = 0
      while row < targets.classes.count {
        if LossRow.target(targets, row, classes: classes) != nil { kept &+= 1 }
        row &+= 1
      }
      statistics.kept.pointer.pointee = Float(kept)
    }
  }

  /// Sums the losses of the rows in order; in double precision, because they can be many.
  static func reduceLoss(
    _ targets: LossTargets, _ statistics: LossStatistics, into loss: Place<Float>
  ) -> KernelJob {
    KernelJob(pieces: 1) { _, _ in
      var total = 0.0
      var row = 0
      while row < statistics.rows {
        total += Double(statistics.loss.pointer[row])
        row &+= 1
      }
      if targets.reduction == .mean { total /= Double(statistics.kept.pointer.pointee) }
      loss.pointer.pointee = Float(total)
    }
  }

  /// What the gradient of each counting row is multiplied by.
  @inline(__always) static func lossScale(
    _ targets: LossTargets, _ statistics: LossStatistics, _ cotangent: Place<Float>
  ) -> Float {
    let arriving = cotangent.pointer.pointee
    return targets.reduction == .mean
      ? arriving / statistics.kept.pointer.pointee : arriving
  }
}

extension LossStatistics {
  @inline(__always) func note(_ row: Int, _ found: LossRow, loss: Float) {
    largest.pointer[row] = found.largest
    sum.pointer[row] = found.sum
    self.loss.pointer[row] = loss
  }

  @inline(__always) func found(_ row: Int) -> LossRow {
    LossRow(largest: largest.pointer[row], sum: sum.pointer[row])
  }
}
