// CrossEntropyKernel: the negative log-likelihood of class indices under logits, and its gradient.
// Log-softmax and look-up in one pass, so that no array of the logits' size is made for the loss.

/// How the losses of the rows become one number.
package enum LossReduction: String, Hashable, Sendable, CaseIterable {
  /// The sum divided by the number of targets that are not ignored: NaN when all are.
  case mean
  case sum
}

extension StandardKernels {
  /// The loss of all rows as one number.
  ///
  /// - Shapes: `logits` with `axis` for the classes, `targets` without it → `[]`
  /// - Throws: ``KernelFault`` for a target that is neither a class nor `ignore`.
  package static func crossEntropy<Scalar: KernelScalar>(
    _ logits: NDArray<Scalar>, targets: NDArray<Scalar>, axis: Int, ignore: Int,
    reduction: LossReduction
  ) throws(KernelFault) -> NDArray<Scalar> {
    let view = try RowView(logits.extents, axis: axis)
    let classes = try checkedTargets(targets, logits.extents, axis, view, ignore: ignore)
    let elements = try logits.checkedReals()
    let kept = classes.count { $0 != nil }
    var total: Scalar = 0
    for row in 0..<view.rows {
      guard let target = classes[row] else { continue }
      let start = view.start(row)
      let (largest, sum) = exponentialSum(elements, start, view)
      total += Scalar.logarithm(sum) - (elements[start + target * view.inner] - largest)
    }
    let loss = reduction == .mean ? total / Scalar(kept) : total
    return NDArray(extents: [], real: [loss])
  }

  /// `(softmax - onehot) · g / count`, zero in the rows that are ignored.
  ///
  /// - Shapes: as ``crossEntropy(_:targets:axis:ignore:reduction:)``, `gradient []` → the logits'
  package static func crossEntropyGradient<Scalar: KernelScalar>(
    _ logits: NDArray<Scalar>, targets: NDArray<Scalar>, gradient: NDArray<Scalar>, axis: Int,
    ignore: Int, reduction: LossReduction
  ) throws(KernelFault) -> NDArray<Scalar> {
    let view = try RowView(logits.extents, axis: axis)
    let classes = try checkedTargets(targets, logits.extents, axis, view, ignore: ignore)
    guard gradient.extents.isEmpty, let arriving = try gradient.checkedReals().first else {
      throw KernelFault("the gradient of a loss has extents \(gradient.extents), needs []")
    }
    var elements = try logits.checkedReals()
    let kept = classes.count { $0 != nil }
    let scale = reduction == .mean ? arriving / Scalar(kept) : arriving
    for row in 0..<view.rows {
      let start = view.start(row)
      guard let target = classes[row] else {
        for index in 0..<view.length { elements[start + index * view.inner] = 0 }
        continue
      }
      let (largest, sum) = exponentialSum(elements, start, view)
      for index in 0..<view.length {
        let place = start + index * view.inner
        let probability = Scalar.exponential(elements[place] - largest) / sum
        elements[place] = (index == target ? probability - 1 : probability) * scale
      }
    }
    return NDArray(extents: logits.extents, real: elements)
  }

  /// The class of each row; `nil` where the target is ignored.
  private static func checkedTargets<Scalar: KernelScalar>(
    _ targets: NDArray<Scalar>, _ logits: [Int], _ axis: Int, _ view: RowView, ignore: Int
  ) throws(KernelFault) -> [Int?] {
    var rows = logits
    rows.remove(at: axis)
    guard targets.extents == rows else {
      throw KernelFault("targets of extents \(targets.extents) for logits of \(logits)")
    }
    var classes: [Int?] = []
    for (row, target) in try targets.checkedIndices().enumerated() {
      let target = Int(target)
      guard target == ignore || (0..<view.length).contains(target) else {
        throw KernelFault("target \(target) of row \(row) is none of \(view.length) classes")
      }
      classes.append(target == ignore ? nil : target)
    }
    return classes
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private static func exponentialSum<Scalar: KernelScalar>(
    _ elements: [Scalar], _ start: Int, _ view: RowView
  ) -> (largest: Scalar, sum: Scalar) {
    var largest = -Scalar.infinity
    for index in 0..<view.length {
      let element = elements[start + index * view.inner]
      if element > largest { largest = element }
    }
    var sum: Scalar = 0
    for index in 0..<view.length {
      sum += Scalar.exponential(elements[start + index * view.inner] - largest)
    }
    return (largest, sum)
  }
}
