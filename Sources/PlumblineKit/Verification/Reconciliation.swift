// Reconciliation: a prediction and a record side by side, item by item.
// The only place where the two meet; each group of items is an extension in a file of its own.
import Execution
import IR
import Kernels

/// Compares what was predicted with what was observed.
package struct Reconciliation<Scalar: KernelScalar> {
  let prediction: StepPrediction
  let record: StepRecord<Scalar>

  package init(_ prediction: StepPrediction, _ record: StepRecord<Scalar>) {
    self.prediction = prediction
    self.record = record
  }

  /// Every section that one step decides, in the order of the report.
  package var sections: [VerificationSection] {
    [run]
      + [shapes(of: .forward), shapes(of: .backward)]
      + [parameters, gradients, optimiser, totals]
      + [multiplyAdds, unfolding, applications]
      + (record.fault == nil
        ? [levels, memory, finite, plausibility, moments, moved, unmoved].compactMap(\.self) : [])
  }

  /// Whether the step came to its end.
  private var run: VerificationSection {
    var section = VerificationSection(
      "run", "run", "forward, backward, one \(prediction.plan.optimiser.method.title) step")
    section.add(
      record.fault == nil ? "the step" : "the step, after \(record.observations.count) results",
      predicted: "runs to its end", observed: record.fault ?? "runs to its end",
      agrees: record.fault == nil)
    return section
  }

  /// Extents and kind of every value that a node makes.
  private func shapes(of phase: Phase) -> VerificationSection {
    var section = VerificationSection(
      "shapes-\(phase.rawValue)", "shapes", "\(phase.rawValue) values")
    let expected = prediction.results.filter { $0.phase == phase }
    var observed: [Int: Observation] = [:]
    for observation in record.observations { observed[observation.value] = observation }
    for result in expected {
      guard let found = observed[result.value] else {
        // What a stopped run did not reach is one difference, and told by the run.
        if record.fault != nil { continue }
        section.add(
          prediction.name(of: result), predicted: Quantity.text(result.kind, result.extents),
          observed: "was not made", agrees: false)
        continue
      }
      section.add(
        prediction.name(of: result), predicted: Quantity.text(result.kind, result.extents),
        observed: Quantity.text(found.kind, found.extents),
        agrees: result.extents == found.extents && result.kind == found.kind)
    }
    if phase == .backward, record.fault == nil,
      record.observations.count != prediction.results.count
    {
      section.compare(
        "values made", predicted: Int128(prediction.results.count),
        observed: Int128(record.observations.count))
    }
    return section
  }
}
