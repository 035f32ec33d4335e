// Epsilon: the small number that keeps a division by a row's spread finite.
// Shared by the normalisations, which accept the same values for it.
import IR

/// Reads and checks the attribute `epsilon`.
enum Epsilon {
  static let fault = [
    "epsilon-out-of-range": "epsilon is negative or not finite"
  ]

  /// - Throws: ``Fault`` for a value that is missing without a default, negative or infinite.
  static func read(_ attributes: Attributes, default value: Double?) throws(Fault) -> Double {
    let epsilon = try required(attributes.float("epsilon") ?? value, "epsilon")
    guard epsilon >= 0, epsilon.isFinite else {
      throw Fault(
        "epsilon-out-of-range", "epsilon is \(epsilon), expected a finite number of at least 0",
        needs: "0 <= epsilon", found: "\(epsilon)")
    }
    return epsilon
  }
}
