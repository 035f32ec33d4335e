// Loss and step: numbers that the run made, and the weights that it may not have touched.
// What the optimiser did stands apart, with its formulas.
import Execution
import IR
import Kernels

extension Reconciliation {
  /// Every number of the step is one.
  var finite: VerificationSection? {
    var section = VerificationSection("finite", "loss", "finite, before and after")
    for (name, loss) in [("first loss", record.loss), ("loss after the step", record.lossAfter)] {
      section.add(
        name, predicted: "finite", observed: loss.map(Quantity.text) ?? "none",
        agrees: loss?.isFinite ?? false)
    }
    for tensor in record.tensors {
      for (name, array) in [("gradient", tensor.gradient), ("weight", tensor.after)] {
        guard let array else { continue }
        // A sum is finite only if its terms are: one pass without a branch.
        let sum = array.reals.reduce(into: 0.0) { $0 += Double($1).magnitude }
        section.add(
          "\(name) \(tensor.name)", predicted: "finite",
          observed: sum.isFinite ? "finite" : "\(sum)", agrees: sum.isFinite)
      }
    }
    if let before = record.loss, let after = record.lossAfter {
      section.note = "\(Quantity.text(before)), then \(Quantity.text(after))"
    }
    return section
  }

  /// The first loss near that of a guess.
  var plausibility: VerificationSection? {
    guard let classes = prediction.classes, let loss = record.loss else { return nil }
    var section = VerificationSection("first-loss", "loss", "near ln(classes), plausibility only")
    section.note = classes.judge(loss, in: &section)
    return section
  }

  /// Weights without a gradient keep every bit.
  var unmoved: VerificationSection? {
    var section = VerificationSection("unmoved", "step", "other parameters left alone")
    for (expected, found) in pairs where !expected.moves {
      let changed = zip(found.before.reals, found.after?.reals ?? []).reduce(0) {
        $1.0 == $1.1 ? $0 : $0 + 1
      }
      section.add(
        expected.name, predicted: "0 elements change",
        observed: "\(changed) element\(changed == 1 ? "" : "s") change\(changed == 1 ? "s" : "")",
        agrees: changed == 0)
    }
    return section.checked == 0 ? nil : section
  }
}
