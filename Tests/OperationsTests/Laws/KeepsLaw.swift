// KeepsLaw: a gradient reads the forward values that it declares, and no others.
// The memory report counts what is declared, so an undeclared read would be a wrong peak.
import Dimensions
import IR

enum KeepsLaw {
  static let law = Law(name: "a gradient reads what it declares to keep") { type, seed in
    violations(type, seed: seed)
  }

  static func violations<Subject: Operation>(
    _ subject: Subject.Type, seed: UInt64
  ) -> [Violation] {
    var found: [Violation] = []
    var unread = KeptValues()
    var read = KeptValues()
    for legal in LegalExample.all(of: subject) {
      let keeps = legal.operation.keeps
      unread.operands.formUnion(keeps.operands)
      unread.results.formUnion(keeps.results)
      guard let backward = try? Backward(legal) else { continue }
      var ids = Set(backward.builder.nodes.flatMap(\.operands))
      ids.formUnion(backward.gradients.compactMap { $0 })
      for (index, operand) in backward.operands.enumerated() where ids.contains(operand) {
        read.operands.insert(index)
        if !keeps.operands.contains(index) {
          found.append(
            legal.violation("reads operand \(index), which it does not keep", seed: seed))
        }
      }
      for (index, result) in backward.results.enumerated() where ids.contains(result) {
        read.results.insert(index)
        if !keeps.results.contains(index) {
          found.append(
            legal.violation("reads result \(index), which it does not keep", seed: seed))
        }
      }
    }
    let operands = unread.operands.subtracting(read.operands)
    let results = unread.results.subtracting(read.results)
    if !operands.isEmpty || !results.isEmpty {
      found.append(
        Violation(
          operation: Subject.schema.name, example: nil, seed: seed,
          message: "keeps operands \(operands.sorted()) and results \(results.sorted()) in vain"))
    }
    return found
  }
}

/// The gradient of one example, emitted into a builder of its own.
struct Backward {
  private(set) var builder: RegionBuilder
  let operands: [ValueID]
  let results: [ValueID]
  /// One for each result; `nil` where the result is not real, or dropped.
  let cotangents: [ValueID?]
  let gradients: [ValueID?]

  /// Asks for the gradients of the `wanted` operands, of all real ones when `nil`; none arrives for
  /// the result `dropped`.
  init<Subject: Operation>(
    _ legal: LegalExample<Subject>, wanted: Set<Int>? = nil, dropped: Int? = nil
  ) throws(Fault) {
    let types = legal.example.operands + legal.results + legal.results
    var builder = RegionBuilder(values: types.map { Value(type: $0) }, prover: legal.prover)
    let count = legal.example.operands.count
    operands = (0..<count).map { ValueID(index: $0) }
    results = legal.results.indices.map { ValueID(index: count + $0) }
    cotangents = legal.results.indices.map { index in
      guard legal.results[index].element.kind == .real, index != dropped else { return nil }
      return ValueID(index: count + legal.results.count + index)
    }
    let asked = operands.indices.map { index in
      legal.example.operands[index].element.kind == .real && wanted?.contains(index) != false
    }
    gradients = try legal.operation.gradient(
      &builder, operands: operands, results: results, cotangents: cotangents, wanted: asked)
    self.builder = builder
  }
}
