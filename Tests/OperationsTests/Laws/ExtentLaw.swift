// ExtentLaw: what runs has the extents and the kind of element that were predicted.
// The kernels know only their data, so the prediction and the run can disagree.
import Dimensions
import IR
import Kernels

enum ExtentLaw {
  static let law = Law(name: "a run has the predicted types, in both precisions") { type, seed in
    violations(type, seed: seed)
  }

  static func violations<Subject: Operation>(
    _ subject: Subject.Type, seed: UInt64
  ) -> [Violation] {
    var source = RandomSource(seed: seed)
    var found: [Violation] = []
    for legal in LegalExample.all(of: subject) {
      for sizes in legal.assignments(5, &source) {
        guard let operands = Draw.operands(legal.example, sizes: sizes, &source) else {
          found.append(legal.violation("no operands at \(sizes)", seed: seed))
          continue
        }
        do {
          var context = EvaluationContext(sizes: sizes)
          let double = try legal.operation.evaluate(operands, in: &context)
          let single = try legal.operation.evaluate(operands.map(\.single), in: &context)
          let messages =
            mismatches(double, legal.results, sizes) + mismatches(single, legal.results, sizes)
            + zip(double, single).compactMap { wide, narrow in
              Closeness.difference(wide.numbers, narrow.numbers, tolerance: 1e-4)
                .map { "double and single precision differ: \($0)" }
            }
          found += messages.map { legal.violation("\($0) at \(sizes)", seed: seed) }
        } catch {
          found.append(legal.violation("did not run at \(sizes): \(error)", seed: seed))
        }
      }
    }
    return found
  }

  private static func mismatches<Scalar>(
    _ arrays: [NDArray<Scalar>], _ types: [TensorType], _ sizes: [Symbol: Int]
  ) -> [String] {
    guard arrays.count == types.count else {
      return ["\(arrays.count) results, predicted \(types.count)"]
    }
    return zip(arrays, types).compactMap { array, type in
      if type.extents(sizes) != array.extents || array.extents.reduce(1, *) != array.count {
        return "ran to \(array.extents) with \(array.count) elements, predicted \(type)"
      }
      return array.kind == type.element.kind ? nil : "ran to \(array.kind), predicted \(type)"
    }
  }
}
