// PrimitiveTests: hand-computed results of the primitive operations, and their text form.
// The laws over the whole catalogue are tested apart; these are the cases a law cannot see.
import Dimensions
import IR
import Kernels
import Operations
import Testing

/// A prover for which every symbol of an example is at least one.
private func prover(for example: OperationExample) -> Prover {
  var assumptions = Assumptions.none
  for (symbol, range) in example.sizes {
    assumptions.add(.atLeast(Dimension(symbol), Dimension(range.lowerBound)))
  }
  return Prover(assuming: assumptions)
}

@Suite struct PrimitiveTests {
  @Test("every example is accepted, or reaches its fault")
  func examples() throws {
    for type in Catalogue.all {
      for example in type.examples {
        var kind: String?
        do throws(Fault) {
          let operation = try type.init(example.attributes)
          _ = try operation.resultTypes(of: example.operands, prover: prover(for: example))
        } catch {
          kind = error.kind
        }
        #expect(
          kind == example.fault, "\(type.schema.name)\(example.attributes) \(example.operands)")
      }
      let reached = Set(type.examples.compactMap(\.fault))
      #expect(reached == Set(type.schema.faults.keys), "\(type.schema.name)")
    }
  }

  @Test("every example's text form reads back as the same operation")
  func text() throws {
    for type in Catalogue.all {
      for example in type.examples {
        guard let operation = try? type.init(example.attributes) else { continue }
        let text = OperationText.print(operation)
        let again = try OperationText.parse(text)
        #expect(again.attributes == operation.attributes, "\(text)")
        #expect(OperationText.print(again) == text)
      }
    }
  }

  @Test(
    "a formula reads back as the same dimension",
    arguments: [
      "0", "-3", "B", "2·B·T² + 4·width - 1", "floor(T / 2)", "floor((B + T) / (2·S))",
      "B·floor(T / 3)² + 1", "T mod 4", "2·(T mod 4) + B", "min(B, T)", "max(B + 1, 2·T, 7)",
      "(B + T) mod 3", "-T", "floor((T mod 5) / 2)",
    ])
  func formulas(_ text: String) throws {
    let dimension = try Dimension(parsing: text)
    #expect(try Dimension(parsing: dimension.description) == dimension)
    #expect(!dimension.symbols.isEmpty || dimension.constant != nil)
  }

  @Test(
    "malformed text is a fault, however long",
    arguments: [
      "", "einsum", "einsum{", "einsum{a b", "einsum{a -> b}", "nonsense", "add{x = 1}", "add{",
      "fill{}",
      "fill{value = }", "fill{value = nan}", "fill{value = 1, value = 2}", "iota{length = 1 +}",
      "slice{axis = 99999999999999999999, to = 1}", "compare{relation = \"less}",
      "iota{length = " + String(repeating: "(", count: 5000),
      "rearrange{" + String(repeating: "(", count: 5000),
      "iota{length = " + String(repeating: "9", count: 500) + "}",
    ])
  func malformed(_ text: String) {
    #expect(throws: Fault.self) { try OperationText.parse(text) }
  }
}

extension PrimitiveTests {
  typealias Array64 = NDArray<Double>

  private func run(
    _ text: String, _ operands: [Array64], sizes: [Symbol: Int] = [:]
  ) throws -> [Array64] {
    var context = EvaluationContext(sizes: sizes)
    return try OperationText.parse(text).evaluate(operands, in: &context)
  }

  private func counting(_ shape: [Int]) -> Array64 {
    Array64(extents: shape, real: (0..<shape.reduce(1, *)).map { Double($0) })
  }

  @Test("a product of matrices is that of the school book, and counts its multiply-adds")
  func product() throws {
    for (rows, columns) in [(2, 4), (4, 2)] {
      let (a, b) = (counting([rows, 3]), counting([3, columns]))
      var context = EvaluationContext()
      let operation = try OperationText.parse("einsum{m k, k n -> n m}")
      let result = try operation.evaluate([a, b], in: &context)[0]
      #expect(result.extents == [columns, rows])
      #expect(context.counter.multiplyAdds == rows * columns * 3)
      for row in 0..<rows {
        for column in 0..<columns {
          let expected = (0..<3).map { a.reals[row * 3 + $0] * b.reals[$0 * columns + column] }
          #expect(result.reals[column * rows + row] == expected.reduce(0, +))
        }
      }
    }
  }

  @Test("an axis of one operand only is summed, and counted")
  func lonelyAxis() throws {
    var context = EvaluationContext()
    let operation = try OperationText.parse("einsum{b i, b j -> b}")
    let result = try operation.evaluate([counting([2, 3]), counting([2, 2])], in: &context)[0]
    #expect(result.reals == [3 * 1, 12 * 5])
    #expect(context.counter.multiplyAdds == 12)
  }

  @Test("queries, keys and values are split as GPT-2 stores them")
  func split() throws {
    let x = counting([1, 2, 12])
    let result = try run("rearrange{b t (3 h d) -> 3 b h t d, h = 2}", [x])[0]
    #expect(result.extents == [3, 1, 2, 2, 2])
    #expect(Array(result.reals.prefix(8)) == [0, 1, 12, 13, 2, 3, 14, 15])
    let back = try run("rearrange{3 b h t d -> b t (3 h d)}", [result])[0]
    #expect(back.reals == x.reals && back.extents == x.extents)
  }

  @Test("axes of size one are inserted and dropped, and equal numbers keep their order")
  func ones() throws {
    let x = counting([1, 2, 2, 3])
    let result = try run("rearrange{1 2 2 ... -> 2 ... 1 2}", [x])[0]
    #expect(result.extents == [2, 3, 1, 2])
    #expect(Array(result.reals.prefix(4)) == [0, 3, 1, 4])
  }

  @Test("a ragged split is a fault of the kernel")
  func ragged() {
    #expect(throws: KernelFault.self) {
      try run("rearrange{(h d) -> h d, h = 5}", [counting([12])])
    }
  }

  @Test("new axes stand where the pattern says")
  func broadcast() throws {
    let result = try run(
      "broadcast{a b -> a r b, r = R}", [counting([2, 2])], sizes: [Symbol("R"): 3])
    #expect(result[0].extents == [2, 3, 2])
    #expect(result[0].reals == [0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3])
  }

  @Test("ids outside the table are named")
  func ids() throws {
    let table = counting([3, 2])
    let good = try run("gather", [table, Array64(extents: [2], index: [2, 0])])[0]
    #expect(good.reals == [4, 5, 0, 1])
    for id: Int32 in [3, -1, .max, .min] {
      #expect(throws: KernelFault("id \(id) at position 1 is outside a table of 3 rows")) {
        try run("gather", [table, Array64(extents: [2], index: [0, id])])
      }
    }
  }

  @Test("a table that lies about its extents is refused")
  func lies() {
    let liar = Array64(extents: [1 << 40, 1 << 40], real: [1])
    let short = Array64(extents: [4], real: [1])
    for text in [
      "exp", "add", "einsum{a, a -> a}", "sum{[a]}", "slice{axis = 0, to = 3}", "gather",
    ] {
      for array in [liar, short] {
        #expect(throws: KernelFault.self) { try run(text, [array, array]) }
      }
    }
  }

  @Test("sums of long rows keep their digits")
  func longSum() throws {
    let x = NDArray<Float>(extents: [1 << 20], real: Array(repeating: 0.1, count: 1 << 20))
    var context = EvaluationContext()
    let sum = try OperationText.parse("sum{[n]}").evaluate([x], in: &context)[0]
    #expect(abs(sum.reals[0] - 104_857.6) < 0.5)
  }

  @Test("the examples of the documentation print what it says")
  func documented() throws {
    let split = try OperationText.parse("rearrange{b t (h d) -> b h t d, h = 12}")
    let x = TensorType(.f32, [Dimension(Symbol("B")), Dimension(Symbol("T")), 768])
    let types = try split.resultTypes(of: [x], prover: Prover(assuming: .none))
    #expect(types.map(\.description) == ["f32[B, 12, T, 64]"])

    let a = NDArray<Float>(extents: [2, 2], real: [1, 2, 3, 4])
    var counter = KernelCounter()
    let square = try Contraction.contract(
      a, [0, 1], a, [1, 2], output: [0, 2], counter: &counter)
    #expect(square.reals == [7, 10, 15, 22] && counter.multiplyAdds == 8)
  }
}
