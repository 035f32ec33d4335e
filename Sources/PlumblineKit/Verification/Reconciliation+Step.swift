// Loss and step: numbers that the run made, against arithmetic in double precision.
// The formula of AdamW is written out here once more, on purpose: it may not share the kernel's.
import Execution
import IR
import Kernels
import Training

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

  /// The factor by which clipping scales all gradients.
  private var clipping: Double {
    guard let limit = prediction.plan.clip else { return 1 }
    var sum = 0.0
    for tensor in record.tensors {
      for element in tensor.gradient?.reals ?? [] { sum += Double(element) * Double(element) }
    }
    return min(1, limit / (sum.squareRoot() + 1e-6))
  }

  /// How far numbers of the run's precision may lie from the same in double precision.
  private var precision: Double { 16 * Double(Scalar.ulpOfOne) }

  /// The two moments after one step from zero.
  var moments: VerificationSection? {
    var section = VerificationSection("moments", "step", "moments by the formula")
    let settings = prediction.plan.optimiser
    let factor = clipping
    for (expected, found) in pairs where expected.moves {
      guard let gradient = found.gradient?.reals, let first = found.first,
        let second = found.second
      else { continue }
      var worst: Departure?
      for index in gradient.indices where index < first.count && index < second.count {
        let g = Double(gradient[index]) * factor
        for (name, wanted, held) in [
          ("first", (1 - settings.beta1) * g, Double(first[index])),
          ("second", (1 - settings.beta2) * g * g, Double(second[index])),
        ] {
          // Below the smallest normal number, precision is lost in steps of this size.
          let slack = precision * wanted.magnitude + Double(Scalar.leastNormalMagnitude)
          Departure.note(
            &worst, "\(name)[\(index)]", predicted: wanted, observed: held, slack: slack)
        }
      }
      section.add(expected.name, worst)
    }
    return section
  }

  /// Every trained weight against Loshchilov and Hutter's formula.
  var moved: VerificationSection? {
    var section = VerificationSection("moved", "step", "parameters moved by AdamW")
    let settings = prediction.plan.optimiser
    let factor = clipping
    let stepSize = settings.rate / (1 - settings.beta1)
    let correction = (1 - settings.beta2).squareRoot()
    for (expected, found) in pairs where expected.moves {
      guard let gradient = found.gradient?.reals, let after = found.after?.reals else { continue }
      let before = found.before.reals
      let shrink = 1 - settings.rate * (expected.decays ? settings.decay : 0)
      var worst: Departure?
      for index in before.indices where index < gradient.count && index < after.count {
        let g = Double(gradient[index]) * factor
        let first = (1 - settings.beta1) * g
        let second = (1 - settings.beta2) * g * g
        let change = stepSize * first / (second.squareRoot() / correction + settings.epsilon)
        let wanted = Double(before[index]) * shrink - change
        let slack = precision * (before[index].magnitude.asDouble + settings.rate)
        Departure.note(
          &worst, "[\(index)]", predicted: wanted, observed: Double(after[index]), slack: slack)
      }
      section.add(expected.name, worst)
    }
    section.note = "rate \(settings.rate), decay \(settings.decay)"
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

/// The element of a tensor that lies farthest from where it should.
private struct Departure {
  var place: String
  var predicted: Double
  var observed: Double
  /// The distance in units of what is allowed.
  var excess: Double

  static func note(
    _ worst: inout Departure?, _ place: @autoclosure () -> String, predicted: Double,
    observed: Double, slack: Double
  ) {
    let distance = (predicted - observed).magnitude
    // NaN agrees with nothing.
    let excess = distance.isNaN ? .infinity : distance / slack
    guard worst.map({ excess > $0.excess }) ?? true else { return }
    worst = Departure(
      place: place(), predicted: predicted, observed: observed, excess: excess)
  }
}

extension VerificationSection {
  /// A tensor by its worst element.
  fileprivate mutating func add(_ name: String, _ worst: Departure?) {
    guard let worst else {
      add(name, predicted: "no elements", observed: "no elements", agrees: true)
      return
    }
    add(
      worst.excess <= 1 ? name : "\(name) \(worst.place)",
      predicted: Quantity.text(worst.predicted), observed: Quantity.text(worst.observed),
      agrees: worst.excess <= 1)
  }
}

extension BinaryFloatingPoint {
  fileprivate var asDouble: Double { Double(self) }
}
