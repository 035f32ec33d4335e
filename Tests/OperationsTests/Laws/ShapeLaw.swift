// ShapeLaw: a shape rule says the same of symbols as of the numbers put in their place.
// A rule that takes a short cut for constants, or for symbols, is caught here.
import Dimensions
import IR
import Kernels

enum ShapeLaw {
  static let law = Law(name: "symbolic types hold for every size") { type, seed in
    violations(type, seed: seed)
  }

  static func violations<Subject: Operation>(
    _ subject: Subject.Type, seed: UInt64
  ) -> [Violation] {
    var source = RandomSource(seed: seed)
    var found: [Violation] = []
    for legal in LegalExample.all(of: subject) {
      for sizes in legal.assignments(8, &source) {
        let values = sizes.mapValues { Dimension($0) }
        let expected = legal.results.map { $0.substituting(values) }
        do {
          let operation = try legal.concrete(sizes)
          let types = try operation.resultTypes(
            of: legal.example.operands.map { $0.substituting(values) },
            prover: Prover(assuming: .none))
          if types != expected {
            found.append(
              legal.violation("\(types) at \(sizes), symbols said \(expected)", seed: seed))
          }
        } catch {
          found.append(legal.violation("refused at \(sizes): \(error)", seed: seed))
        }
      }
    }
    return found
  }
}
