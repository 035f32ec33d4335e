// GradientProbe: the derivative along one direction, by the backward pass and by differences.
// Differences run the forward pass alone, in double precision, and know no gradient rule.
import Execution
import IR
import Kernels

/// A direction in the space of the weights; its coefficients per weight.
struct GradientDirection {
  var name: String
  /// For each weight that moves: its index, and one coefficient for each element.
  ///
  /// A weight without a gradient is one whose gradient is zero.
  var parts: [(parameter: Int, coefficients: Coefficients)]

  enum Coefficients {
    case element(Int)
    /// Plus or minus the same for every element, drawn from a stream.
    case signs(RandomBits, scale: Double)
  }
}

/// Loss and gradients in double precision, around one point.
struct GradientProbe {
  let forward: Executor<Double>
  let inputs: [String: NDArray<Double>]
  let parameters: [NDArray<Double>]
  let gradients: [NDArray<Double>?]
  let loss: Double

  /// How far apart the two points of a difference are, the usual first: smaller ones step over
  /// fewer kinks, larger ones lose less to rounding.
  static let steps = [1e-5, 1e-6, 1e-4]

  /// What one comparison found.
  struct Outcome {
    var analytic: Double
    var numeric: Double
    var agrees: Bool
  }

  /// Compares along a direction.
  ///
  /// Agreement is one part in ten thousand of the derivative, and a hundred-thousandth of the
  /// gradient's usual size along it, above what rounding of the loss can do.
  func outcome(of direction: GradientDirection) throws(ExecutionFault) -> Outcome {
    var analytic = 0.0
    var scale = 0.0
    for part in direction.parts {
      guard let gradient = gradients[part.parameter]?.reals, !gradient.isEmpty else { continue }
      switch part.coefficients {
      case .element(let index):
        analytic += gradient[index]
        scale = max(scale, gradient.reduce(0) { max($0, $1.magnitude) })
      case .signs(var bits, let size):
        var squares = 0.0
        for element in gradient {
          analytic += (bits.next() & 1 == 0 ? size : -size) * element
          squares += element * element
        }
        scale += size * squares.squareRoot()
      }
    }
    var best: Outcome?
    for step in GradientProbe.steps {
      let numeric =
        try (value(along: direction, step) - value(along: direction, -step)) / (2 * step)
      let rounding = 16 * Double.ulpOfOne * max(1, loss.magnitude) / step
      let slack = 1e-4 * max(analytic.magnitude, numeric.magnitude) + 1e-5 * scale + rounding
      let outcome = Outcome(
        analytic: analytic, numeric: numeric, agrees: (analytic - numeric).magnitude <= slack)
      if outcome.agrees { return outcome }
      best = best ?? outcome
    }
    return best ?? Outcome(analytic: analytic, numeric: .nan, agrees: false)
  }

  /// The loss at a distance along a direction.
  private func value(
    along direction: GradientDirection, _ distance: Double
  ) throws(ExecutionFault) -> Double {
    var moved = parameters
    for part in direction.parts {
      var elements = moved[part.parameter].reals
      switch part.coefficients {
      case .element(let index): elements[index] += distance
      case .signs(var bits, let size):
        for index in elements.indices {
          elements[index] += bits.next() & 1 == 0 ? distance * size : -distance * size
        }
      }
      moved[part.parameter].payload = .real(elements)
    }
    let result = try forward.run(inputs: inputs, parameters: moved)
    return result.outputs["loss"]?.reals.first ?? .nan
  }
}
