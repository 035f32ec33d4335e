// GradientLaw: the emitted gradient equals central differences of the forward kernel.
// In double precision, for each real operand, through the IR that backward really consists of.
import Dimensions
import IR
import Kernels

enum GradientLaw {
  static let law = Law(name: "gradients equal central differences") { type, seed in
    violations(type, seed: seed)
  }

  /// Operations with real operands and results that have no gradient, and why.
  ///
  /// A line here is a decision: without it, a gradient that was forgotten fails the law.
  static let withoutGradient = [
    "softmax_gradient": "second derivatives are not supported",
    "activation_gradient": "second derivatives are not supported",
    "normalization_gradient": "second derivatives are not supported",
    "cross_entropy_gradient": "second derivatives are not supported",
    "scaled_dot_product_attention_gradient": "second derivatives are not supported",
  ]

  static func violations<Subject: Operation>(
    _ subject: Subject.Type, seed: UInt64
  ) -> [Violation] {
    var source = RandomSource(seed: seed)
    var found: [Violation] = []
    for legal in LegalExample.all(of: subject) {
      let hasReals =
        legal.example.operands.contains { $0.element.kind == .real }
        && legal.results.contains { $0.element.kind == .real }
      do {
        if hasReals, withoutGradient[Subject.schema.name] == nil {
          for sizes in legal.assignments(3, &source).dropFirst() {
            let messages = try mismatches(legal, sizes, &source)
            found += messages.map { legal.violation("\($0) at \(sizes)", seed: seed) }
          }
        } else if try Backward(legal).gradients.contains(where: { $0 != nil }) {
          found.append(legal.violation("has a gradient that nothing demands", seed: seed))
        }
        let all = try Backward(legal)
        if all.gradients.count != all.operands.count {
          found.append(legal.violation("\(all.gradients.count) gradients", seed: seed))
        }
      } catch {
        found.append(legal.violation("no gradient: \(error)", seed: seed))
      }
    }
    return found
  }

  private static func mismatches<Subject: Operation>(
    _ legal: LegalExample<Subject>, _ sizes: [Symbol: Int], _ source: inout RandomSource
  ) throws -> [String] {
    guard let operands = Draw.operands(legal.example, sizes: sizes, &source) else {
      return ["no operands"]
    }
    var weights: [NDArray<Double>] = []
    for type in legal.results {
      guard
        let weight = Draw.array(type, sizes: sizes, domain: .signed, limit: 1, &source)
      else { return ["no weights"] }
      weights.append(weight)
    }
    var messages = try compare(legal, try Backward(legal), operands, weights, sizes)
    // Each operand alone, and each result without a gradient of its own.
    for index in operands.indices where operands.count > 1 && operands[index].kind == .real {
      let alone = try Backward(legal, wanted: [index])
      if let extra = alone.gradients.indices.first(where: {
        $0 != index && alone.gradients[$0] != nil
      }) {
        messages.append("gave the gradient of operand \(extra), which was not wanted")
      }
      messages += try compare(legal, alone, operands, weights, sizes, only: index)
    }
    for index in legal.results.indices where legal.results.count > 1 {
      messages += try compare(
        legal, try Backward(legal, dropped: index), operands, weights, sizes)
    }
    return messages
  }

  private static func compare<Subject: Operation>(
    _ legal: LegalExample<Subject>, _ backward: Backward, _ operands: [NDArray<Double>],
    _ weights: [NDArray<Double>], _ sizes: [Symbol: Int], only: Int? = nil
  ) throws -> [String] {
    var context = EvaluationContext(sizes: sizes)
    let results = try legal.operation.evaluate(operands, in: &context)
    var arrays: [ValueID: NDArray<Double>] = [:]
    for (id, array) in zip(backward.operands, operands) { arrays[id] = array }
    for (id, array) in zip(backward.results, results) { arrays[id] = array }
    for (id, array) in zip(backward.cotangents, weights) {
      if let id { arrays[id] = array }
    }
    var interpreter = RegionInterpreter(arrays, sizes: sizes)
    try interpreter.run(backward.builder)
    var messages: [String] = []
    for index in operands.indices where only == nil || only == index {
      guard operands[index].kind == .real else { continue }
      let numeric = try differences(legal, backward, operands, weights, sizes, by: index)
      guard let id = backward.gradients[index] else {
        // No gradient means zero.
        if numeric.contains(where: { abs($0) > 1e-6 }) {
          messages.append("operand \(index) has no gradient, but matters")
        }
        continue
      }
      let gradient = try interpreter[id]
      if gradient.extents != operands[index].extents {
        messages.append("the gradient of operand \(index) has extents \(gradient.extents)")
      } else if let difference = Closeness.difference(
        gradient.reals, numeric, tolerance: 2e-6)
      {
        messages.append("gradient of operand \(index) and differences: \(difference)")
      }
    }
    return messages
  }

  /// `(f(x + h) - f(x - h)) / 2h` for each element, where `f` is the weighted sum of the results.
  private static func differences<Subject: Operation>(
    _ legal: LegalExample<Subject>, _ backward: Backward, _ operands: [NDArray<Double>],
    _ weights: [NDArray<Double>], _ sizes: [Symbol: Int], by index: Int
  ) throws -> [Double] {
    let step = 1e-5
    func loss(_ operands: [NDArray<Double>]) throws -> Double {
      var context = EvaluationContext(sizes: sizes)
      let results = try legal.operation.evaluate(operands, in: &context)
      var total = 0.0
      for (position, result) in results.enumerated() where backward.cotangents[position] != nil {
        total += zip(result.reals, weights[position].reals).reduce(0) { $0 + $1.0 * $1.1 }
      }
      return total
    }
    let elements = operands[index].reals
    return try elements.indices.map { place in
      func shifted(by distance: Double) throws -> Double {
        var changed = elements
        changed[place] += distance
        var moved = operands
        moved[index] = NDArray(extents: operands[index].extents, real: changed)
        return try loss(moved)
      }
      return (try shifted(by: step) - shifted(by: -step)) / (2 * step)
    }
  }
}
