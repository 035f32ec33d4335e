// Violation: one broken law, in words that say which operation, which example and which seed.
// Laws return lists of these instead of recording issues, so that the laws can be tested too.
import IR

/// A place where an operation breaks a law.
struct Violation: Hashable, Sendable, CustomStringConvertible {
  let operation: String
  /// The position in the operation's examples.
  let example: Int?
  let seed: UInt64
  let message: String

  var description: String {
    let place = example.map { " example \($0)" } ?? ""
    return "\(operation)\(place) (seed \(seed)): \(message)"
  }
}

/// A law: what it demands, and where an operation breaks it.
struct Law: Sendable {
  let name: String
  let violations: @Sendable (any Operation.Type, UInt64) -> [Violation]

  static let all = [
    ShapeLaw.law, ExtentLaw.law, GradientLaw.law, WorkLaw.law, TextLaw.law, FaultLaw.law,
    ExpansionLaw.law, KeepsLaw.law, ReplayLaw.law, RefusalLaw.law,
  ]
}
