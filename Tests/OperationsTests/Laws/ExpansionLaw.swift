// ExpansionLaw: an operation and its expansion agree in type, value, gradient and multiply-adds.
// It lets a fast kernel be judged by primitives that were judged on their own.
import Dimensions
import IR
import Kernels

enum ExpansionLaw {
  static let law = Law(name: "an operation equals its expansion") { type, seed in
    violations(type, seed: seed)
  }

  static func violations<Subject: Operation>(
    _ subject: Subject.Type, seed: UInt64
  ) -> [Violation] {
    var source = RandomSource(seed: seed)
    var found: [Violation] = []
    for legal in LegalExample.all(of: subject) {
      do {
        guard let expansion = try Expansion(legal) else { continue }
        let types = expansion.results.map { expansion.builder.type(of: $0) }
        if types != legal.results {
          found.append(
            legal.violation("expands to \(types), is \(legal.results)", seed: seed))
          continue
        }
        let own = legal.operation.cost(of: legal.example.operands, results: legal.results)
        if own.multiplyAdds != expansion.cost.multiplyAdds {
          found.append(
            legal.violation(
              "costs \(own.multiplyAdds), its expansion \(expansion.cost.multiplyAdds)", seed: seed)
          )
        }
        // A fused loop saves passes, but neither adds work nor makes most of it disappear.
        let sizes = legal.example.sizes.mapValues(\.upperBound)
        let (fused, spelled) = (
          own.elementwise.evaluate(sizes), expansion.cost.elementwise.evaluate(sizes)
        )
        if let fused, let spelled, fused <= spelled, 2 * fused >= spelled {
        } else {
          found.append(
            legal.violation(
              "counts \(own.elementwise) elementwise, its expansion "
                + "\(expansion.cost.elementwise)", seed: seed))
        }
        for sizes in legal.assignments(5, &source) {
          let messages = try mismatches(legal, expansion, sizes, &source)
          found += messages.map { legal.violation("\($0) at \(sizes)", seed: seed) }
        }
      } catch {
        found.append(legal.violation("did not expand: \(error)", seed: seed))
      }
    }
    return found
  }

  private static func mismatches<Subject: Operation>(
    _ legal: LegalExample<Subject>, _ expansion: Expansion, _ sizes: [Symbol: Int],
    _ source: inout RandomSource
  ) throws -> [String] {
    guard let operands = Draw.operands(legal.example, sizes: sizes, &source) else { return [] }
    var context = EvaluationContext(sizes: sizes)
    let results = try legal.operation.evaluate(operands, in: &context)
    var arrays: [ValueID: NDArray<Double>] = [:]
    for (id, array) in zip(expansion.operands, operands) { arrays[id] = array }
    var interpreter = RegionInterpreter(arrays, sizes: sizes)
    try interpreter.run(expansion.builder)
    var messages: [String] = []
    for (id, result) in zip(expansion.results, results) {
      let difference = Closeness.difference(
        try interpreter[id].numbers, result.numbers, tolerance: 1e-11)
      if let difference { messages.append("expansion and operation: \(difference)") }
    }
    if interpreter.multiplyAdds != context.counter.multiplyAdds {
      messages.append(
        "expansion did \(interpreter.multiplyAdds) multiply-adds, operation "
          + "\(context.counter.multiplyAdds)")
    }
    return messages
      + (try gradientMismatches(legal, expansion, operands, results, sizes, &source))
  }

  private static func gradientMismatches<Subject: Operation>(
    _ legal: LegalExample<Subject>, _ expansion: Expansion, _ operands: [NDArray<Double>],
    _ results: [NDArray<Double>], _ sizes: [Symbol: Int], _ source: inout RandomSource
  ) throws -> [String] {
    let own = try Backward(legal)
    guard own.gradients.contains(where: { $0 != nil }) else { return [] }
    var builder = expansion.builder
    var ownArrays: [ValueID: NDArray<Double>] = [:]
    var arrays: [ValueID: NDArray<Double>] = [:]
    for (id, array) in zip(own.operands, operands) { ownArrays[id] = array }
    for (id, array) in zip(own.results, results) { ownArrays[id] = array }
    for (id, array) in zip(expansion.operands, operands) { arrays[id] = array }
    var start: [ValueID: ValueID] = [:]
    for (index, id) in own.cotangents.enumerated() {
      guard let id,
        let weight = Draw.array(
          legal.results[index], sizes: sizes, domain: .signed, limit: 1, &source)
      else { continue }
      ownArrays[id] = weight
      arrays[expansion.cotangents[index]] = weight
      start[expansion.results[index]] = expansion.cotangents[index]
    }
    let gradients = try RegionGradient.append(
      to: &builder, from: start, targets: expansion.operands)
    var ownRun = RegionInterpreter(ownArrays, sizes: sizes)
    try ownRun.run(own.builder)
    var run = RegionInterpreter(arrays, sizes: sizes)
    try run.run(builder)
    return try own.gradients.indices.compactMap { index in
      guard let left = own.gradients[index], let right = gradients[index] else {
        return own.gradients[index] == nil && gradients[index] == nil
          ? nil : "only one of operation and expansion has a gradient by operand \(index)"
      }
      let difference = Closeness.difference(
        try ownRun[left].numbers, try run[right].numbers, tolerance: 1e-10)
      return difference.map { "gradients by operand \(index) differ: \($0)" }
    }
  }
}

/// An example's operation written out in more primitive ones.
struct Expansion {
  let builder: RegionBuilder
  let operands: [ValueID]
  let results: [ValueID]
  /// Values of the results' types, for gradients to arrive in.
  let cotangents: [ValueID]

  /// `nil` for a primitive.
  init?<Subject: Operation>(_ legal: LegalExample<Subject>) throws(Fault) {
    let types = legal.example.operands + legal.results
    var builder = RegionBuilder(values: types.map { Value(type: $0) }, prover: legal.prover)
    let count = legal.example.operands.count
    operands = (0..<count).map { ValueID(index: $0) }
    cotangents = legal.results.indices.map { ValueID(index: count + $0) }
    guard let results = try legal.operation.expansion(&builder, operands: operands) else {
      return nil
    }
    self.results = results
    self.builder = builder
  }

  /// The work of all its operations together.
  var cost: Cost {
    let costs = builder.nodes.map { node in
      guard case .operation(let operation) = node.kind else { return Cost() }
      return operation.cost(
        of: node.operands.map { builder.type(of: $0) },
        results: node.results.map { builder.type(of: $0) })
    }
    return Cost(
      multiplyAdds: Dimension.sum(of: costs.map(\.multiplyAdds)),
      elementwise: Dimension.sum(of: costs.map(\.elementwise)))
  }
}
