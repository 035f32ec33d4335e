// Tensors: every weight, gradient and moment, one by one, and the totals of the ledger.
// Predictions are the ledger's and the memory prediction's; observations are arrays.
import Execution
import IR
import Kernels

extension Reconciliation {
  /// Name, extents, elements and bytes of every weight.
  var parameters: VerificationSection {
    var section = VerificationSection("parameters", "tensors", "parameters")
    for index in 0..<max(prediction.tensors.count, record.tensors.count) {
      let expected = prediction.tensors.indices.contains(index) ? prediction.tensors[index] : nil
      let found = record.tensors.indices.contains(index) ? record.tensors[index] : nil
      let predicted = expected.map {
        ($0.name, Quantity.text($0.extents, elements: $0.elements, bytes: $0.bytes))
      }
      let observed = found.map {
        (
          $0.name,
          Quantity.text(
            $0.before.extents, elements: $0.before.count, bytes: $0.before.byteCount)
        )
      }
      let sameName = predicted?.0 == observed?.0
      section.add(
        expected?.name ?? found?.name ?? "weight \(index)",
        predicted: predicted.map { sameName ? $0.1 : "\($0.0), \($0.1)" } ?? "no such weight",
        observed: observed.map { sameName ? $0.1 : "\($0.0), \($0.1)" } ?? "no such weight",
        agrees: sameName && predicted?.1 == observed?.1)
    }
    section.note = "\(Quantity.text(Int128(prediction.totals.total))) elements"
    return section
  }

  /// Pairs of weights that both sides know, by place.
  var pairs: [(expected: StepPrediction.Tensor, found: StepRecord<Scalar>.Tensor)] {
    Array(zip(prediction.tensors, record.tensors)).map { (expected: $0, found: $1) }
  }

  /// Whether each weight has a gradient, and its extents.
  var gradients: VerificationSection {
    var section = VerificationSection("gradients", "tensors", "gradients")
    guard record.fault == nil else { return section }
    for (expected, found) in pairs {
      let predicted =
        expected.moves
        ? Quantity.text(expected.extents, elements: expected.elements, bytes: expected.bytes)
        : "none"
      let observed =
        found.gradient.map {
          Quantity.text($0.extents, elements: $0.count, bytes: $0.byteCount)
        } ?? "none"
      section.add(
        expected.name, predicted: predicted, observed: observed, agrees: predicted == observed)
    }
    return section
  }

  /// The moments of each weight.
  var optimiser: VerificationSection {
    var section = VerificationSection("optimiser", "tensors", "optimiser moments")
    guard record.fault == nil else { return section }
    let width = MemoryLayout<Scalar>.stride
    for (expected, found) in pairs {
      for (place, (name, moment)) in [("first", found.first), ("second", found.second)].enumerated()
      {
        let isKept = place < prediction.plan.optimiser.moments
        let elements = expected.moves && isKept ? expected.elements : 0
        let held = moment?.count ?? 0
        section.add(
          "\(expected.name), \(name) moment",
          predicted: "\(elements) elements, \(elements * width) bytes",
          observed: "\(held) elements, \(held * width) bytes", agrees: elements == held)
      }
    }
    return section
  }

  /// The ledger's totals against sums over arrays.
  var totals: VerificationSection {
    var section = VerificationSection("totals", "tensors", "totals")
    func sum(_ count: (StepRecord<Scalar>.Tensor) -> Int) -> Int128 {
      record.tensors.reduce(0) { $0 + Int128(count($1)) }
    }
    // Buffers are held, though nobody counts them as parameters.
    let buffers = prediction.buffers
    section.compare(
      buffers == 0 ? "parameters" : "parameters and buffers",
      predicted: Int128(prediction.totals.total + buffers), observed: sum { $0.before.count })
    section.compare(
      "parameter bytes", predicted: Int128(prediction.memory.parameterBytes),
      observed: sum { $0.before.byteCount })
    guard record.fault == nil else { return section }
    // A weight that nothing reads is trainable and yet has no gradient.
    let idle = prediction.tensors.reduce(0) { $1.trainable && !$1.moves ? $0 + $1.elements : $0 }
    section.compare(
      idle == 0 ? "trainable parameters" : "trainable parameters that the loss reads",
      predicted: Int128(prediction.totals.trainable - idle),
      observed: sum { $0.gradient?.count ?? 0 })
    section.compare(
      idle == 0 ? "frozen parameters" : "parameters without a gradient",
      predicted: Int128(prediction.totals.frozen + buffers + idle),
      observed: sum { $0.gradient == nil ? $0.before.count : 0 })
    section.compare(
      "gradient bytes", predicted: Int128(prediction.memory.gradientBytes),
      observed: sum { $0.gradient?.byteCount ?? 0 })
    section.compare(
      "optimiser bytes", predicted: Int128(prediction.memory.optimiserBytes),
      observed: Int128(record.optimiserBytes))
    return section
  }
}
