// WorkLaw: the cost rule's multiply-adds are those that the kernel counted while it ran.
// Exact, for every size: an analysis that is off by one row is wrong.
import Dimensions
import IR
import Kernels

enum WorkLaw {
  static let law = Law(name: "predicted multiply-adds are those counted") { type, seed in
    violations(type, seed: seed)
  }

  static func violations<Subject: Operation>(
    _ subject: Subject.Type, seed: UInt64
  ) -> [Violation] {
    var source = RandomSource(seed: seed)
    var found: [Violation] = []
    for legal in LegalExample.all(of: subject) {
      let cost = legal.operation.cost(of: legal.example.operands, results: legal.results)
      for sizes in legal.assignments(5, &source) {
        guard let operands = Draw.operands(legal.example, sizes: sizes, &source) else { continue }
        var context = EvaluationContext(sizes: sizes)
        guard (try? legal.operation.evaluate(operands, in: &context)) != nil else { continue }
        let counted = context.counter.multiplyAdds
        if cost.multiplyAdds.evaluate(sizes) != Int128(counted) {
          found.append(
            legal.violation(
              "counted \(counted) multiply-adds, predicted \(cost.multiplyAdds) at \(sizes)",
              seed: seed))
        }
        if let steps = cost.elementwise.evaluate(sizes), steps >= 0 { continue }
        found.append(
          legal.violation("elementwise cost \(cost.elementwise) has no value", seed: seed))
      }
    }
    return found
  }
}
