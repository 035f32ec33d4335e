// ReplayLaw: the same operands give the same bits, and axes without elements do no harm.
// Both are about what a kernel must not do: read what it was not given, or divide by an extent.
import Dimensions
import IR
import Kernels

enum ReplayLaw {
  static let law = Law(name: "runs repeat bit by bit, also over nothing") { type, seed in
    violations(type, seed: seed)
  }

  static func violations<Subject: Operation>(
    _ subject: Subject.Type, seed: UInt64
  ) -> [Violation] {
    var source = RandomSource(seed: seed)
    var found: [Violation] = []
    for legal in LegalExample.all(of: subject) {
      for sizes in legal.assignments(4, &source) {
        guard let operands = Draw.operands(legal.example, sizes: sizes, &source) else { continue }
        var first = EvaluationContext(sizes: sizes)
        var second = EvaluationContext(sizes: sizes)
        let once = try? legal.operation.evaluate(operands, in: &first)
        let again = try? legal.operation.evaluate(operands, in: &second)
        let same =
          once?.map { $0.numbers.map(\.bitPattern) }
          == again?.map { $0.numbers.map(\.bitPattern) }
        if !same { found.append(legal.violation("differs in a second run", seed: seed)) }
      }
      found += emptyAxes(legal, seed: seed, &source)
    }
    return found
  }

  /// Each symbol set to zero: the run must refuse, or give what is predicted at that size.
  private static func emptyAxes<Subject: Operation>(
    _ legal: LegalExample<Subject>, seed: UInt64, _ source: inout RandomSource
  ) -> [Violation] {
    var found: [Violation] = []
    for symbol in legal.example.sizes.keys.sorted() {
      var sizes = legal.example.sizes.mapValues(\.upperBound)
      sizes[symbol] = 0
      let values = sizes.mapValues { Dimension($0) }
      guard let operation = try? legal.concrete(sizes),
        let types = try? operation.resultTypes(
          of: legal.example.operands.map { $0.substituting(values) },
          prover: Prover(assuming: .none)),
        let operands = Draw.operands(legal.example, sizes: sizes, &source)
      else { continue }
      var context = EvaluationContext(sizes: sizes)
      do throws(KernelFault) {
        let results = try operation.evaluate(operands, in: &context)
        if results.map(\.extents) != types.map({ $0.extents(sizes) ?? [] }) {
          found.append(
            legal.violation(
              "gave \(results.map(\.extents)) at \(sizes), predicted \(types)", seed: seed))
        }
      } catch {
        // A range that includes zero promises that it works.
        if legal.example.sizes[symbol]?.contains(0) == true {
          found.append(legal.violation("refused \(sizes): \(error.message)", seed: seed))
        }
      }
    }
    return found
  }
}
