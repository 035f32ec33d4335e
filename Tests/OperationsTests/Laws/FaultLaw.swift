// FaultLaw: legal examples are accepted, and each documented fault is reached by an example.
// A fault that cannot be reached is documentation of something that does not happen.
import Dimensions
import IR
import Operations

enum FaultLaw {
  static let law = Law(name: "documented faults are those that occur") { type, seed in
    violations(type, seed: seed)
  }

  static func violations<Subject: Operation>(
    _ subject: Subject.Type, seed: UInt64
  ) -> [Violation] {
    let name = Subject.schema.name
    let documented = Subject.schema.faults
    var reached: Set<String> = []
    var found: [Violation] = []
    for (index, example) in Subject.examples.enumerated() {
      func report(_ message: String) {
        found.append(Violation(operation: name, example: index, seed: seed, message: message))
      }
      let prover = Prover(assuming: LegalExample<Subject>.assumptions(example))
      do throws(Fault) {
        let operation = try Subject(example.attributes)
        _ = try operation.resultTypes(of: example.operands, prover: prover)
        if let fault = example.fault { report("should fail with \(fault), but is accepted") }
      } catch {
        reached.insert(error.kind)
        if example.fault != error.kind {
          report("\(error.kind) instead of \(example.fault ?? "success"): \(error.message)")
        }
        if documented[error.kind] == nil, CommonFaults.all[error.kind] == nil {
          report("the fault \(error.kind) is not documented")
        }
        if let problem = wording(error) { report(problem) }
      }
    }
    for kind in documented.keys.sorted() where !reached.contains(kind) {
      found.append(
        Violation(
          operation: name, example: nil, seed: seed, message: "no example reaches \(kind)"))
    }
    return found
  }

  /// What is wrong with a fault's words: names are kebab-case, messages one lower-case phrase.
  private static func wording(_ fault: Fault) -> String? {
    let kebab = fault.kind.allSatisfy { $0 == "-" || ($0.isLetter && $0.isLowercase) }
    if !kebab { return "the fault's name \(fault.kind) is not kebab-case" }
    let first = fault.message.first
    if first == nil || first?.isUppercase == true || fault.message.hasSuffix(".") {
      return "the message should be a lower-case phrase: \(fault.message)"
    }
    return nil
  }
}
