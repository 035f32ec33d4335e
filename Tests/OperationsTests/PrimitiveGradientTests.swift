// PrimitiveGradientTests: gradients at the places that random operands never hit.
// Ties, kinks, infinities and powers of zero; everywhere else the gradient law is the judge.
import Dimensions
import IR
import Kernels
import Operations
import Testing

@Suite struct PrimitiveGradientTests {
  typealias Array64 = NDArray<Double>

  /// The gradient by each operand, where the cotangent of the one result is all ones.
  private func gradients(_ text: String, _ operands: [Array64]) throws -> [[Double]?] {
    let operation = try OperationText.parse(text)
    let types = operands.map { operand in
      TensorType(
        operand.mask.isEmpty ? .f64 : .bool, operand.extents.map { Dimension($0) })
    }
    var builder = RegionBuilder(
      values: types.map { Value(type: $0) }, prover: Prover(assuming: .none))
    let inputs = operands.indices.map { ValueID(index: $0) }
    let results = try builder.emit(operation, inputs)
    let one = try builder.scalar(1, like: results[0])
    let cotangent = try builder.spread(one, like: results[0])
    let gradients = try operation.gradient(
      &builder, operands: inputs, results: results, cotangents: [cotangent],
      wanted: types.map { $0.element.kind == .real })
    var arrays: [ValueID: Array64] = [:]
    for (id, operand) in zip(inputs, operands) { arrays[id] = operand }
    var context = EvaluationContext()
    for node in builder.nodes {
      guard case .operation(let operation) = node.kind else { continue }
      let values = try operation.evaluate(node.operands.compactMap { arrays[$0] }, in: &context)
      for (id, value) in zip(node.results, values) { arrays[id] = value }
    }
    return gradients.map { id in id.flatMap { arrays[$0]?.reals } }
  }

  private func vector(_ elements: Double...) -> Array64 {
    Array64(extents: [elements.count], real: elements)
  }

  @Test("the winners of a maximum share its gradient")
  func maximumOfAxis() throws {
    #expect(try gradients("max{[n]}", [vector(3, 1, 3, 2)])[0] == [0.5, 0, 0.5, 0])
    let nothing = vector(-.infinity, -.infinity)
    #expect(try gradients("max{[n]}", [nothing])[0] == [0.5, 0.5])
  }

  @Test("equal operands of a maximum or minimum share its gradient")
  func maximumOfTwo() throws {
    let (a, b) = (vector(1, 2, 3), vector(2, 2, 2))
    let larger = try gradients("maximum", [a, b])
    #expect(larger[0] == [0, 0.5, 1] && larger[1] == [1, 0.5, 0])
    let smaller = try gradients("minimum", [a, b])
    #expect(smaller[0] == [1, 0.5, 0] && smaller[1] == [0, 0.5, 1])
  }

  @Test("an infinity that is not chosen leaves no trace in a gradient")
  func masked() throws {
    let condition = Array64(extents: [3], mask: [true, false, true])
    let found = try gradients(
      "where", [condition, vector(1, 2, 3), Array64(extents: [], real: [-.infinity])])
    #expect(found[1] == [1, 0, 1] && found[2] == [1])
  }

  @Test("rectifier and magnitude have slope zero at their kinks")
  func kinks() throws {
    #expect(try gradients("relu", [vector(-1, 0, 2)])[0] == [0, 0, 1])
    #expect(try gradients("absolute", [vector(-1, 0, 2)])[0] == [-1, 0, 1])
  }

  @Test("powers of zero and of negative numbers have finite gradients")
  func powers() throws {
    let found = try gradients("power", [vector(0, 0, -2, 3), vector(0, 2, 2, 1)])
    #expect(found[0] == [0, 0, -4, 1])
    let byExponent = try #require(found[1])
    #expect(byExponent.allSatisfy { $0.isFinite } && byExponent[1] == 0 && byExponent[2] == 0)
  }
}

extension PrimitiveGradientTests {
  private func fault(_ text: String, _ operands: [TensorType], _ known: [Constraint]) -> Fault? {
    do throws(Fault) {
      let operation = try OperationText.parse(text)
      _ = try operation.resultTypes(of: operands, prover: Prover(assuming: Assumptions(known)))
      return nil
    } catch {
      return error
    }
  }

  @Test("a slice that may leave its axis names a witness, and one that is bounded is accepted")
  func witness() throws {
    let (t, context) = (Dimension(Symbol("T")), TensorType(.f32, [1024, 8]))
    let text = "slice{axis = 0, to = T}"
    let loose: [Constraint] = [.atLeast(t, 1), .atMost(t, 2048)]
    let found = try #require(fault(text, [context], loose))
    let witness = try #require(found.verdict?.witness)
    #expect(found.kind == "slice-out-of-range" && found.claim == .atMost(t, 1024))
    #expect((witness.values[Symbol("T")] ?? 0) > 1024)
    #expect(fault(text, [context], [.atLeast(t, 1), .atMost(t, 1024)]) == nil)
  }

  @Test("a split asks for divisibility, and takes it as an assumption")
  func divisibility() throws {
    let width = Dimension(Symbol("W"))
    let operand = TensorType(.f32, [width])
    let found = try #require(fault("rearrange{(h d) -> h d, h = 12}", [operand], []))
    #expect(found.kind == "not-divisible" && found.claim == .divisible(width, by: 12))
    #expect(found.place == Fault.PatternPlace(list: 0, axis: 0))
    #expect(fault("rearrange{(h d) -> h d, h = 12}", [operand], [.divisible(width, by: 12)]) == nil)
  }

  @Test("sizes beyond all numbers are a fault, never a trap")
  func overflow() {
    let huge = Dimension(wide: Int128.max)
    let operand = TensorType(.f32, [huge, huge])
    let kinds = [
      fault("rearrange{a b -> (a b)}", [operand], []),
      fault("concatenate{axis = 0}", [operand, operand], []),
      fault("pad{axis = 0, before = 1}", [operand], []),
    ].map { $0?.kind }
    #expect(kinds == ["size-overflow", "size-overflow", "size-overflow"])
  }
}
