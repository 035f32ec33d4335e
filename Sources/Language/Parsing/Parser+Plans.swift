// Parser+Plans: the lines of a `train` section about machines, numbers and studies.
// Apart from the lines that say what is trained, which every plan has.
import Diagnostics

extension Parser {
  /// Reads `f16 scaled by 65_536`.
  mutating func parsePrecision(_ start: Int) -> TrainMember? {
    guard let name = parseName("an element type such as `bf16`, `f16` or `f32`") else { return nil }
    var scaling: LossScaling?
    let word = current
    if takeWord("scaled") != nil {
      var factor: Expression?
      if takeWord("by") != nil { factor = parseExpression("a factor such as `65_536`") }
      scaling = LossScaling(factor: factor, range: range(from: word.lower))
    }
    guard !panicking else { return nil }
    return .precision(name, scaling: scaling, range: range(from: start))
  }

  /// Reads `memory 16 GiB`.
  mutating func parseDeviceProperty() -> DeviceProperty? {
    guard let name = parseName("`memory`, `peak`, `mfu` or `count`") else { return nil }
    let value = parseExpression("a number after `\(name.text)`")
    guard !panicking else { return nil }
    var unit: Name?
    if kind == .identifier, !isAtEndOfStatement { unit = parseName("a unit such as `GiB`") }
    return DeviceProperty(
      name: name, value: value, unit: unit, range: range(from: name.range.lower))
  }

  /// Reads `rate = 1e-4, 3e-4, 1e-3`.
  mutating func parseVariation(_ start: Int) -> TrainMember? {
    guard let name = parseName("what is varied, such as `rate` or a config field"),
      consume(.equals, "`=` and the values, as in `vary \(name.text) = 1, 2`")
    else { return nil }
    let values = commaSeparated { parser -> Expression? in
      let value = parser.parseExpression("a value")
      return parser.panicking ? nil : value
    }
    guard !panicking else { return nil }
    return .vary(name, values, range: range(from: start))
  }
}
