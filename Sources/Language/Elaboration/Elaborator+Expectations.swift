// Elaborator+Expectations: the right sides of claims, evaluated with the model's names.
// What a claim says of the program is decided in the validation room.
import Diagnostics
import Dimensions
import IR

extension Elaborator {
  mutating func elaborateExpectations(
    _ members: [Member], frame: Frame
  ) -> [ElaboratedExpectation] {
    var frame = frame
    for declared in program.dimensions {
      frame.dimensions[declared.symbol.name] = DimensionBinding(
        size: Dimension(declared.symbol),
        origin: .symbol(name: declared.symbol.name, range: declared.range))
    }
    var result: [ElaboratedExpectation] = []
    for case .expect(let expectation) in members {
      if let elaborated = elaborateExpectation(expectation, frame: &frame) {
        result.append(elaborated)
      }
    }
    return result
  }

  mutating func elaborateExpectation(
    _ expectation: Expectation, frame: inout Frame
  ) -> ElaboratedExpectation? {
    var sizes: [Symbol: Int] = [:]
    for binding in expectation.bindings {
      guard let size = evaluateStatic(binding.value, frame: &frame).integerValue else { continue }
      let symbol = Symbol(binding.name.text)
      guard program.dimensions.contains(where: { $0.symbol == symbol }) else {
        reportUnknown(
          binding.name, kind: "dimension", candidates: program.dimensions.map(\.symbol.name))
        return nil
      }
      sizes[symbol] = size
    }
    let value = evaluateStatic(expectation.value, frame: &frame)
    if value == .invalid { return nil }
    return ElaboratedExpectation(
      syntax: expectation, value: value, valueRange: expectation.value.range, sizes: sizes)
  }
}
