// LawMutationTests: one rule of a good operation is broken, and the law for it must notice.
// The table says which laws see which mistake; a law that sees none of its own is no law.
import Dimensions
import IR
import Kernels
import Operations
import Testing

private enum Unchanged: Mutation {}

/// One more row than there is, whenever the size is a symbol.
private enum LongerShape: Mutation {
  static func types(_ types: [TensorType], of operands: [TensorType]) -> [TensorType] {
    types.map { type in
      var shape = type.shape
      if let first = shape.first { shape[0] = first + 1 }
      return TensorType(type.element, shape)
    }
  }
}

/// A rule that looks at whether the operand is constant.
private enum ConstantShortCut: Mutation {
  static func types(_ types: [TensorType], of operands: [TensorType]) -> [TensorType] {
    guard operands[0].shape.allSatisfy({ $0.constant != nil }) else { return types }
    return types.map { TensorType($0.element, $0.shape.map { _ in 1 }) }
  }
}

private enum WrongElement: Mutation {
  static func types(_ types: [TensorType], of operands: [TensorType]) -> [TensorType] {
    types.map { TensorType(.bool, $0.shape) }
  }
}

private enum HalfCost: Mutation {
  static func cost(_ cost: Cost) -> Cost {
    Cost(
      multiplyAdds: cost.multiplyAdds.floorDivided(by: 2), elementwise: cost.elementwise)
  }
}

private enum TripleElementwise: Mutation {
  static func cost(_ cost: Cost) -> Cost {
    Cost(multiplyAdds: cost.multiplyAdds, elementwise: 3 * cost.elementwise)
  }
}

private enum UncountedLoop: Mutation {
  static func results<Scalar>(
    _ results: [NDArray<Scalar>], in context: inout EvaluationContext
  ) -> [NDArray<Scalar>] {
    context.counter.multiplyAdds -= 1
    return results
  }
}

private enum ScaledGradient: Mutation {
  static func gradients(
    _ gradients: [ValueID?], _ builder: inout RegionBuilder, operands: [ValueID]
  ) throws(Fault) -> [ValueID?] {
    var scaled: [ValueID?] = []
    for gradient in gradients {
      guard let gradient else {
        scaled.append(nil)
        continue
      }
      let factor = try builder.emit(Fill(1.001, element: builder.type(of: gradient).element))
      scaled.append(try builder.emit(Multiply(), gradient, factor))
    }
    return scaled
  }
}

private enum NoGradient: Mutation {
  static func gradients(
    _ gradients: [ValueID?], _ builder: inout RegionBuilder, operands: [ValueID]
  ) throws(Fault) -> [ValueID?] { gradients.map { _ in nil } }
}

private enum KeepsNothing: Mutation {
  static func keeps(_ keeps: KeptValues) -> KeptValues { KeptValues() }
}

private enum KeepsTooMuch: Mutation {
  static func keeps(_ keeps: KeptValues) -> KeptValues {
    KeptValues(operands: keeps.operands, results: keeps.results.union([0]))
  }
}

/// The last element is one thousandth too large.
private enum RoundedKernel: Mutation {
  static func results<Scalar>(
    _ results: [NDArray<Scalar>], in context: inout EvaluationContext
  ) -> [NDArray<Scalar>] {
    results.map { array in
      guard case .real(var elements) = array.payload, let last = elements.last else {
        return array
      }
      elements[elements.count - 1] = last * 1.001
      return NDArray(extents: array.extents, real: elements)
    }
  }
}

private enum RandomKernel: Mutation {
  static func results<Scalar>(
    _ results: [NDArray<Scalar>], in context: inout EvaluationContext
  ) -> [NDArray<Scalar>] {
    results.map { array in
      guard case .real(let elements) = array.payload else { return array }
      return NDArray(
        extents: array.extents,
        real: elements.map { $0 * Scalar(Double.random(in: 0.999...1.001)) })
    }
  }
}

/// One element too few for the extents.
private enum ShortResult: Mutation {
  static func results<Scalar>(
    _ results: [NDArray<Scalar>], in context: inout EvaluationContext
  ) -> [NDArray<Scalar>] {
    results.map { array in
      guard case .real(let elements) = array.payload else { return array }
      return NDArray(extents: array.extents, real: elements.dropLast())
    }
  }
}

private enum LostAttributes: Mutation {
  static func attributes(_ attributes: Attributes) -> Attributes { Attributes() }
}

private enum ExtraFault: Mutation {
  static func schema(_ schema: OperationSchema) -> OperationSchema {
    var schema = schema
    schema.faults["bad-weather"] = "it rains"
    return schema
  }
}

private enum MissingFault: Mutation {
  static func schema(_ schema: OperationSchema) -> OperationSchema {
    var schema = schema
    schema.faults["rank-mismatch"] = nil
    return schema
  }
}

private enum WrongExpansion: Mutation {
  static func expansion(
    _ results: [ValueID]?, _ builder: inout RegionBuilder
  ) throws(Fault) -> [ValueID]? {
    guard let first = results?.first else { return nil }
    return [try builder.emit(Absolute(), first)]
  }
}

/// A mutant and the law that must notice it.
struct MutationCase: Sendable, CustomTestStringConvertible {
  let name: String
  let law: Law
  let mutant: any Operation.Type

  var testDescription: String { "\(name) against: \(law.name)" }

  init(_ name: String, _ law: Law, _ mutant: any Operation.Type) {
    self.name = name
    self.law = law
    self.mutant = mutant
  }

  static let all = [
    MutationCase("shape one too long", ExtentLaw.law, Mutant<Affine, LongerShape>.self),
    MutationCase("short cut for constants", ShapeLaw.law, Mutant<Softmax, ConstantShortCut>.self),
    MutationCase("wrong element", ExtentLaw.law, Mutant<Gelu, WrongElement>.self),
    MutationCase("half the work", WorkLaw.law, Mutant<Einsum, HalfCost>.self),
    MutationCase("half the work", ExpansionLaw.law, Mutant<Affine, HalfCost>.self),
    MutationCase("thrice the passes", ExpansionLaw.law, Mutant<Rotary, TripleElementwise>.self),
    MutationCase("a loop not counted", WorkLaw.law, Mutant<Affine, UncountedLoop>.self),
    MutationCase("gradient 0.1 % off", GradientLaw.law, Mutant<Softmax, ScaledGradient>.self),
    MutationCase("gradient 0.1 % off", GradientLaw.law, Mutant<Affine, ScaledGradient>.self),
    MutationCase("gradient 0.1 % off", ExpansionLaw.law, Mutant<Silu, ScaledGradient>.self),
    MutationCase("no gradient", GradientLaw.law, Mutant<LayerNormalize, NoGradient>.self),
    MutationCase("keeps nothing", KeepsLaw.law, Mutant<Softmax, KeepsNothing>.self),
    MutationCase("keeps nothing", KeepsLaw.law, Mutant<CrossEntropy, KeepsNothing>.self),
    MutationCase("keeps too much", KeepsLaw.law, Mutant<Affine, KeepsTooMuch>.self),
    MutationCase("kernel 0.1 % off", ExpansionLaw.law, Mutant<GeluTanh, RoundedKernel>.self),
    MutationCase("kernel 0.1 % off", GradientLaw.law, Mutant<Multiply, RoundedKernel>.self),
    MutationCase("kernel at random", ReplayLaw.law, Mutant<RMSNormalize, RandomKernel>.self),
    MutationCase("an element missing", RefusalLaw.law, Mutant<Gelu, ShortResult>.self),
    MutationCase("attributes lost", TextLaw.law, Mutant<Affine, LostAttributes>.self),
    MutationCase("fault never raised", FaultLaw.law, Mutant<Rotary, ExtraFault>.self),
    MutationCase("fault not documented", FaultLaw.law, Mutant<Rotary, MissingFault>.self),
    MutationCase("wrong expansion", ExpansionLaw.law, Mutant<Gelu, WrongExpansion>.self),
  ]
}

@Suite struct LawMutationTests {
  @Test("the law notices", arguments: MutationCase.all)
  func notices(_ mutation: MutationCase) {
    #expect(!mutation.law.violations(mutation.mutant, RandomSource.seed).isEmpty)
  }

  @Test("an unchanged operation passes every law", arguments: Law.all.indices)
  func unchanged(_ index: Int) {
    let law = Law.all[index]
    for type in [
      Mutant<Affine, Unchanged>.self, Mutant<CrossEntropy, Unchanged>.self,
      Mutant<Rotary, Unchanged>.self,
    ] as [any Operation.Type] {
      #expect(law.violations(type, RandomSource.seed) == [], "\(law.name)")
    }
  }

  @Test("every law has a mutant that it notices")
  func covered() {
    let names = Set(MutationCase.all.map(\.law.name))
    #expect(names == Set(Law.all.map(\.name)))
  }
}
