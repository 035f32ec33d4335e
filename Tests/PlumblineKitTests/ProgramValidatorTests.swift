// ProgramValidatorTests: each invariant broken once, and noticed.
// A validator that accepts everything would pass every other test.
import Autodiff
import Dimensions
import IR
import Testing

@Suite struct ProgramValidatorTests {
  /// The chain with its derivatives, changed by hand.
  private func problems(_ change: (inout Program) -> Void) throws -> [String] {
    var program = try SamplePrograms.chain(3, embedded: false)
    _ = try program.differentiateLoss()
    #expect(ProgramValidator(program).problems == [])
    change(&program)
    return ProgramValidator(program).problems
  }

  @Test("a definition that contains itself is noticed")
  func cycle() throws {
    #expect(
      try !problems { $0.definitions[0].children = [.layer("self", .init(index: 0))] }.isEmpty)
  }

  @Test("a layer without the layers that it is passed is noticed")
  func externals() throws {
    #expect(
      try !problems { $0.definitions[2].children[1] = .list("h", .init(index: 1), 3) }.isEmpty)
    #expect(
      try !problems {
        $0.definitions[2].children[1] = .list("h", .init(index: 1), 3, externals: [.own(1)])
      }.isEmpty)
  }

  @Test("a gap between runs is noticed")
  func runs() throws {
    #expect(
      try !problems {
        let layer = Instantiation(definition: .init(index: 1), externals: [.own(0)])
        $0.definitions[2].children[1].content = .list(
          [Run(elements: 0..<2, layer: layer), Run(elements: 3..<4, layer: layer)], count: 3)
      }.isEmpty)
  }

  @Test("an alias that points nowhere is noticed")
  func alias() throws {
    #expect(
      try !problems { $0.definitions[2].children[2].content = .alias(.own(2)) }.isEmpty)
    #expect(
      try !problems { $0.definitions[2].children[2].content = .alias(.own(0, 4)) }.isEmpty)
  }

  @Test("an operand before its definition is noticed")
  func order() throws {
    #expect(try !problems { $0.functions[0].nodes.swapAt(2, 3) }.isEmpty)
    #expect(try !problems { $0.functions[0].nodes.reverse() }.isEmpty)
    #expect(try !problems { $0.functions[0].nodes.removeLast() }.isEmpty)
  }

  @Test("a wrong type is noticed")
  func type() throws {
    for value in 0..<6 {
      #expect(
        try !problems { $0.functions[0].values[value].type.shape[0] = 7 }.isEmpty, "\(value)")
    }
  }

  @Test("a call beyond the end of a list is noticed")
  func elements() throws {
    #expect(
      try !problems {
        for (index, node) in $0.functions[1].nodes.enumerated() {
          guard case .call(var call) = node.kind else { continue }
          call.elements = 0..<4
          $0.functions[1].nodes[index].kind = .call(call)
        }
      }.isEmpty)
  }

  @Test("a derivative that is not its function's is noticed")
  func derivatives() throws {
    #expect(try !problems { $0.derivatives[0].function = .init(index: 1) }.isEmpty)
    #expect(try !problems { $0.derivatives[0].wanted = [false, false] }.isEmpty)
    #expect(try !problems { $0.derivatives[0].arriving = [false] }.isEmpty)
    #expect(try !problems { _ = $0.derivatives[0].inputGradients.removeLast() }.isEmpty)
    #expect(try !problems { $0.derivatives[0].nodes.swapAt(3, 4) }.isEmpty)
    #expect(try !problems { $0.definitions[0].parameters[0].trainable = false }.isEmpty)
  }
}
