// Sample: an example with sizes and numbers drawn for it, ready to be run.
// All laws draw through it, so that a failure is found again from the seed alone.
import Dimensions
import IR
import Kernels

/// One legal example of an operation, with what the laws derive from it.
struct LegalExample<Subject: Operation> {
  let index: Int
  let example: OperationExample
  let operation: Subject
  let prover: Prover
  /// The predicted types, with symbols.
  let results: [TensorType]

  /// The legal examples that can be made; a fault in one is the fault law's business.
  static func all(of subject: Subject.Type) -> [LegalExample] {
    subject.examples.enumerated().compactMap { index, example in
      guard example.fault == nil, let operation = try? Subject(example.attributes) else {
        return nil
      }
      let prover = Prover(assuming: assumptions(example))
      guard let results = try? operation.resultTypes(of: example.operands, prover: prover) else {
        return nil
      }
      return LegalExample(
        index: index, example: example, operation: operation, prover: prover, results: results)
    }
  }

  /// What the sizes of an example say about its symbols.
  static func assumptions(_ example: OperationExample) -> Assumptions {
    Assumptions(
      example.sizes.sorted { $0.key < $1.key }.flatMap { symbol, range in
        [
          Constraint.atLeast(Dimension(symbol), Dimension(range.lowerBound)),
          Constraint.atMost(Dimension(symbol), Dimension(range.upperBound)),
        ]
      })
  }

  /// Sizes for every symbol: the smallest, the largest, then random ones.
  func assignments(_ count: Int, _ source: inout RandomSource) -> [[Symbol: Int]] {
    let ranges = example.sizes.sorted { $0.key < $1.key }
    guard !ranges.isEmpty else { return [[:]] }
    var result = [
      example.sizes.mapValues(\.lowerBound), example.sizes.mapValues(\.upperBound),
    ]
    while result.count < count {
      var sizes: [Symbol: Int] = [:]
      for (symbol, range) in ranges { sizes[symbol] = Int.random(in: range, using: &source) }
      result.append(sizes)
    }
    return result
  }

  /// The operation whose attributes have sizes in place of symbols.
  func concrete(_ sizes: [Symbol: Int]) throws(Fault) -> Subject {
    let values = sizes.mapValues { Dimension($0) }
    var attributes = example.attributes
    for (name, value) in attributes.values {
      switch value {
      case .dimension(let dimension):
        attributes.values[name] = .dimension(dimension.substituting(values))
      case .dimensions(let several):
        attributes.values[name] = .dimensions(several.map { $0.substituting(values) })
      default: break
      }
    }
    return try Subject(attributes)
  }

  func violation(_ message: String, seed: UInt64) -> Violation {
    Violation(operation: Subject.schema.name, example: index, seed: seed, message: message)
  }
}

/// Arrays drawn for types.
enum Draw {
  /// An array for each operand; `nil` when a type has no extents at these sizes.
  static func operands(
    _ example: OperationExample, sizes: [Symbol: Int], _ source: inout RandomSource
  ) -> [NDArray<Double>]? {
    var arrays: [NDArray<Double>] = []
    for (index, type) in example.operands.enumerated() {
      let limit = example.indexLimits[index].flatMap { $0.evaluate(sizes) } ?? 1
      guard
        let array = array(
          type, sizes: sizes, domain: example.domain, limit: Int32(clamping: limit), &source)
      else { return nil }
      arrays.append(array)
    }
    return arrays
  }

  static func array(
    _ type: TensorType, sizes: [Symbol: Int], domain: OperationExample.Domain, limit: Int32,
    _ source: inout RandomSource
  ) -> NDArray<Double>? {
    guard let extents = type.extents(sizes), extents.allSatisfy({ $0 >= 0 }) else { return nil }
    let count = extents.reduce(1, *)
    switch type.element.kind {
    case .real:
      return NDArray(
        extents: extents, real: (0..<count).map { _ in number(domain, &source) })
    case .index:
      guard limit > 0 || count == 0 else { return nil }
      return NDArray(
        extents: extents,
        index: (0..<count).map { _ in Int32.random(in: 0..<limit, using: &source) })
    case .mask:
      return NDArray(
        extents: extents, mask: (0..<count).map { _ in Bool.random(using: &source) })
    }
  }

  private static func number(
    _ domain: OperationExample.Domain, _ source: inout RandomSource
  ) -> Double {
    switch domain {
    case .positive: return Double.random(in: 0.5...2, using: &source)
    case .signed:
      let magnitude = Double.random(in: 0.05...1.5, using: &source)
      return Bool.random(using: &source) ? magnitude : -magnitude
    }
  }
}

extension NDArray<Double> {
  /// The same numbers in single precision.
  var single: NDArray<Float> {
    switch payload {
    case .real(let elements): NDArray<Float>(extents: extents, real: elements.map { Float($0) })
    case .index(let elements): NDArray<Float>(extents: extents, index: elements)
    case .mask(let elements): NDArray<Float>(extents: extents, mask: elements)
    }
  }
}

extension NDArray {
  /// The kind of element that is stored.
  var kind: ElementKind {
    switch payload {
    case .real: .real
    case .index: .index
    case .mask: .mask
    }
  }

  /// The elements as numbers, whatever their kind.
  var numbers: [Double] {
    switch payload {
    case .real(let elements): elements.map { Double($0) }
    case .index(let elements): elements.map { Double($0) }
    case .mask(let elements): elements.map { $0 ? 1 : 0 }
    }
  }
}

/// Comparison of arrays of numbers.
enum Closeness {
  /// Where two lists differ by more than `tolerance`, relative to the larger of 1 and the numbers.
  static func difference(
    _ left: [Double], _ right: [Double], tolerance: Double
  ) -> String? {
    guard left.count == right.count else { return "\(left.count) and \(right.count) elements" }
    for (index, (a, b)) in zip(left, right).enumerated() where !(a == b || (a.isNaN && b.isNaN)) {
      let scale = max(1, abs(a), abs(b))
      if !(abs(a - b) <= tolerance * scale) { return "element \(index): \(a) and \(b)" }
    }
    return nil
  }
}
