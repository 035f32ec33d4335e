// DropoutOutOfRange: a share of dropped activations that leaves nothing, or that is no share.
// Relies on the names that all Hugging Face configs share.
import Diagnostics
import Language

/// A dropout is not a share below 1, or larger than a half.
///
/// A dropout of 1 zeroes the whole branch, and a number outside 0...1 is refused by every
/// framework, for example a percentage; beyond a half more is lost than is kept, which is rarely
/// meant. The rule goes by the convention of `config.json`: keys that contain `dropout`, end in
/// `pdrop` or are called `layerdrop`, when they hold a number.
///
/// - Example: "attn_pdrop": 1.0
/// - Remedy: Use a share from 0 to 0.5; 0.1 is usual.
/// - Catalogue: A36
enum DropoutOutOfRange: ConfigRule {
  static let id = "dropout-out-of-range"

  static func findings(in subject: ConfigSubject) -> [Diagnostic] {
    subject.config.members.compactMap { member in
      guard
        member.key.contains("dropout") || member.key.hasSuffix("pdrop")
          || member.key.hasSuffix("layerdrop"), let share = member.node.double,
        !(0...0.5 ~= share)
      else { return nil }
      let range = subject.config.range(member.node.range)
      guard 0...1 ~= share else {
        return Diagnostic(
          id: id, message: "`\(member.key)` is \(share), expected a share from 0 to 0.5",
          range: range,
          facts: 1...100 ~= share ? [.line("\(share) % would be \(share / 100)")] : [])
      }
      return Diagnostic(
        id: id, severity: .warning,
        message: "`\(member.key)` is \(share), expected a share from 0 to 0.5", range: range,
        facts: [
          .line(share == 1 ? "a share of 1 zeroes the whole branch" : "more is dropped than kept")
        ])
    }
  }
}
