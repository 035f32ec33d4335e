// Update: moments and weights after one step, against arithmetic in double precision.
// The formulas of the optimisers are written out here once more, on purpose: they may not share the kernels'.
import Execution
import IR
import Kernels

extension Reconciliation {
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

  /// What moves an element in the first step: its gradient as the optimiser sees it.
  private struct Pull {
    var gradient: Double
    /// The magnitudes that were added to it, which say how exact it can be.
    var terms: Double
  }

  private func pull(
    _ gradient: Scalar, _ weight: Scalar, decays: Bool, _ factor: Double
  ) -> Pull {
    let settings = prediction.plan.optimiser
    let own = Double(gradient) * factor
    let added = settings.method != .adamW && decays ? settings.decay * Double(weight) : 0
    return Pull(gradient: own + added, terms: own.magnitude + added.magnitude)
  }

  /// The moments after one step from zero.
  var moments: VerificationSection? {
    let settings = prediction.plan.optimiser
    guard settings.moments > 0 else { return nil }
    var section = VerificationSection("moments", "step", "moments by the formula")
    let factor = clipping
    // SGD begins with the gradient itself.
    let intake = settings.method == .sgd ? 1 : 1 - settings.beta1
    for (expected, found) in pairs where expected.moves {
      guard let gradient = found.gradient?.reals, let first = found.first else { continue }
      let before = found.before.reals
      var worst: Departure?
      func note(_ name: String, _ index: Int, _ wanted: Double, _ held: Scalar, _ size: Double) {
        // Below the smallest normal number, precision is lost in steps of this size.
        Departure.note(
          &worst, "\(name)[\(index)]", predicted: wanted, observed: Double(held),
          slack: precision * size + Double(Scalar.leastNormalMagnitude))
      }
      for index in gradient.indices where index < first.count {
        let own = pull(gradient[index], before[index], decays: expected.decays, factor)
        note("first", index, intake * own.gradient, first[index], intake * own.terms)
        if let second = found.second, index < second.count {
          let weight = 1 - settings.beta2
          note(
            "second", index, weight * own.gradient * own.gradient, second[index],
            weight * own.terms * own.terms)
        }
      }
      section.add(expected.name, worst)
    }
    return section
  }

  /// Every trained weight against the formula of its optimiser.
  var moved: VerificationSection? {
    let settings = prediction.plan.optimiser
    var section = VerificationSection(
      "moved", "step", "parameters moved by \(settings.method.title)")
    let factor = clipping
    for (expected, found) in pairs where expected.moves {
      guard let gradient = found.gradient?.reals, let after = found.after?.reals else { continue }
      let before = found.before.reals
      let shrinks = settings.method == .adamW && expected.decays
      let shrink = 1 - settings.rate * (shrinks ? settings.decay : 0)
      var worst: Departure?
      for index in before.indices where index < gradient.count && index < after.count {
        let own = pull(gradient[index], before[index], decays: expected.decays, factor)
        let change = self.change(own)
        let wanted = Double(before[index]) * shrink - change.value
        let slack = precision * (Double(before[index]).magnitude + settings.rate + change.slack)
        Departure.note(
          &worst, "[\(index)]", predicted: wanted, observed: Double(after[index]), slack: slack)
      }
      section.add(expected.name, worst)
    }
    section.note = "rate \(settings.rate), decay \(settings.decay)"
    return section
  }

  /// By how much the first step moves an element, and how exact that can be.
  private func change(_ pull: Pull) -> (value: Double, slack: Double) {
    let settings = prediction.plan.optimiser
    guard settings.method != .sgd else {
      // The momentum of the first step is its gradient.
      let ahead = settings.nesterov ? 1 + settings.momentum : 1
      return (settings.rate * ahead * pull.gradient, settings.rate * ahead * pull.terms)
    }
    let first = (1 - settings.beta1) * pull.gradient
    let second = (1 - settings.beta2) * pull.gradient * pull.gradient
    let root = second.squareRoot() / (1 - settings.beta2).squareRoot()
    let size = settings.rate / (1 - settings.beta1)
    // Terms that nearly cancel leave a gradient whose direction is all that is kept.
    let cancelled = min(1 / precision, pull.terms / (pull.gradient.magnitude + settings.epsilon))
    return (
      size * first / (root + settings.epsilon),
      settings.method == .adam ? settings.rate * cancelled : 0
    )
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
