// RefusalLaw: a kernel given data that does not fit refuses it, or answers consistently.
// Data can come from a file that lies, so no kernel may trap or read beyond what is stored.
import Dimensions
import IR
import Kernels

enum RefusalLaw {
  static let law = Law(name: "kernels refuse what does not fit") { type, seed in
    violations(type, seed: seed)
  }

  static func violations<Subject: Operation>(
    _ subject: Subject.Type, seed: UInt64
  ) -> [Violation] {
    var source = RandomSource(seed: seed)
    var found: [Violation] = []
    for legal in LegalExample.all(of: subject) {
      let sizes = legal.example.sizes.mapValues(\.upperBound)
      guard let operands = Draw.operands(legal.example, sizes: sizes, &source) else { continue }
      for index in operands.indices {
        for (spoiling, array) in spoiled(operands[index]) {
          var changed = operands
          changed[index] = array
          var context = EvaluationContext(sizes: sizes)
          guard let results = try? legal.operation.evaluate(changed, in: &context) else {
            continue
          }
          if spoiling.mustRefuse {
            found.append(
              legal.violation("accepts operand \(index) with \(spoiling.name)", seed: seed))
          }
          for result in results where result.extents.reduce(1, *) != result.count {
            found.append(
              legal.violation(
                "operand \(index) with \(spoiling.name) gives \(result.count) elements for "
                  + "\(result.extents)", seed: seed))
          }
        }
      }
    }
    return found
  }

  private struct Spoiling {
    let name: String
    /// False where the spoiled array may be a legal one of another shape.
    let mustRefuse: Bool
  }

  private static func spoiled(_ array: NDArray<Double>) -> [(Spoiling, NDArray<Double>)] {
    var result: [(Spoiling, NDArray<Double>)] = []
    func add(_ name: String, mustRefuse: Bool = false, _ extents: [Int], count: Int? = nil) {
      let count = count ?? extents.reduce(1, *)
      let payload: NDArray<Double>.Payload =
        switch array.payload {
        case .real: .real(Array(repeating: 0.5, count: count))
        case .index: .index(Array(repeating: 0, count: count))
        case .mask: .mask(Array(repeating: true, count: count))
        }
      result.append(
        (Spoiling(name: name, mustRefuse: mustRefuse), NDArray(extents: extents, payload: payload)))
    }
    let extents = array.extents
    add("another axis", extents + [2])
    add("an axis in front", [3] + extents)
    add("missing elements", mustRefuse: true, extents, count: max(array.count - 1, 0))
    add("an absurd extent", mustRefuse: true, [1 << 40, 1 << 40] + extents, count: array.count)
    add("a negative extent", mustRefuse: true, [-1] + extents, count: array.count)
    for axis in extents.indices {
      for size in [0, 1, extents[axis] + 1] where size != extents[axis] {
        var changed = extents
        changed[axis] = size
        add("axis \(axis) of \(size)", changed)
      }
      var fewer = extents
      fewer.remove(at: axis)
      add("axis \(axis) gone", fewer)
    }
    return result + extremes(array)
  }

  /// The same extents with other kinds of element, or with indices beyond every table.
  private static func extremes(_ array: NDArray<Double>) -> [(Spoiling, NDArray<Double>)] {
    let spoiling = Spoiling(name: "other elements", mustRefuse: false)
    let (extents, count) = (array.extents, array.count)
    return [
      (spoiling, NDArray(extents: extents, real: Array(repeating: .nan, count: count))),
      (spoiling, NDArray(extents: extents, real: Array(repeating: .infinity, count: count))),
      (spoiling, NDArray(extents: extents, real: Array(repeating: 1e300, count: count))),
      (spoiling, NDArray(extents: extents, index: Array(repeating: .min, count: count))),
      (spoiling, NDArray(extents: extents, index: Array(repeating: .max, count: count))),
      (spoiling, NDArray(extents: extents, mask: Array(repeating: true, count: count))),
    ]
  }
}
