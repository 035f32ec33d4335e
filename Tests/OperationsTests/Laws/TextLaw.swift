// TextLaw: an operation printed and parsed is the same operation.
// The text form is how programs are stored and compared, so nothing may be lost in it.
import Dimensions
import IR
import Operations

enum TextLaw {
  static let law = Law(name: "text form and attributes round-trip") { type, seed in
    violations(type, seed: seed)
  }

  static func violations<Subject: Operation>(
    _ subject: Subject.Type, seed: UInt64
  ) -> [Violation] {
    var found: [Violation] = []
    for legal in LegalExample.all(of: subject) {
      let attributes = legal.operation.attributes
      let text = OperationText.print(legal.operation)
      do throws(Fault) {
        let parsed = try OperationText.parse(text)
        if parsed.name != legal.operation.name || parsed.attributes != attributes {
          found.append(
            legal.violation("`\(text)` parses to `\(OperationText.print(parsed))`", seed: seed))
        }
        let again = try Subject(attributes)
        if again.attributes != attributes {
          found.append(legal.violation("`\(text)` is not made again", seed: seed))
        }
        let types = try again.resultTypes(of: legal.example.operands, prover: legal.prover)
        if types != legal.results || again.keeps != legal.operation.keeps {
          found.append(legal.violation("`\(text)` is made again differently", seed: seed))
        }
      } catch {
        found.append(legal.violation("`\(text)` does not parse: \(error.message)", seed: seed))
      }
    }
    return found
  }
}
