// LossKernels: the door to cross-entropy over rows of logits and to its gradient.
// The numbers that the loss finds of each row are kept, so that the gradient reads logits once.

/// The classes that rows of logits should have named.
package struct LossTargets: Sendable {
  package var classes: PlacedIndices
  /// The target of rows that don't count.
  package var ignore: Int
  package var reduction: LossReduction

  package init(_ classes: PlacedIndices, ignore: Int, reduction: LossReduction) {
    self.classes = classes
    self.ignore = ignore
    self.reduction = reduction
  }

  /// The targets of a range of rows.
  package subscript(_ range: Range<Int>) -> LossTargets {
    LossTargets(
      PlacedIndices(classes.place + range.lowerBound, count: range.count), ignore: ignore,
      reduction: reduction)
  }
}

/// What the loss finds of each row: the largest logit, the sum of exponentials above it and the
/// row's loss; and once, how many rows count.
package struct LossStatistics: Sendable {
  package var place: Place<Float>
  package var rows: Int

  package init(_ place: Place<Float>, rows: Int) {
    self.place = place
    self.rows = rows
  }

  /// The floats that the statistics of so many rows take.
  package static func count(rows: Int) -> Int { 3 * rows + 1 }

  package var largest: Place<Float> { place }
  package var sum: Place<Float> { place + rows }
  package var loss: Place<Float> { place + 2 * rows }
  package var kept: Place<Float> { place + 3 * rows }
}

/// Log-softmax, look-up and reduction in one.
///
/// A target that is neither a class nor the ignored one is treated as ignored, so that nothing
/// outside the logits is read; whoever promises a fault asks
/// ``IndexingKernels/firstOutside(_:limit:ignoring:)`` before the jobs run.
package protocol LossKernels {
  /// The loss of all rows as one number: the mean is NaN when none counts.
  ///
  /// - Shapes: `logits [rows, classes]`, `targets [rows]` → `loss []`
  static func crossEntropy(
    _ logits: PlacedRows, _ targets: LossTargets, statistics: LossStatistics, loss: Place<Float>
  ) -> [KernelJob]

  /// What ``crossEntropy(_:_:statistics:loss:)`` finds of the rows, without their sum.
  static func lossStatistics(
    _ logits: PlacedRows, _ targets: LossTargets, into statistics: LossStatistics
  ) -> [KernelJob]

  /// `(softmax - onehot) · cotangent / kept`, zero in the rows that are ignored.
  ///
  /// - Shapes: `logits [rows, classes]` → `result [rows, classes]`, which may be the logits
  static func crossEntropyGradient(
    _ logits: PlacedRows, _ targets: LossTargets, statistics: LossStatistics,
    cotangent: Place<Float>, into result: PlacedRows
  ) -> [KernelJob]
}
