// Pattern+Names: patterns of names and ellipses written as text in expansions.
// Apart from the parser of the text form, which reads what a stranger may have written.
import IR

extension Pattern {
  /// `... t d, ... s d -> ... t s`, of names and ellipses that are separated by blanks.
  static func arrow(_ inputs: String..., to output: String) -> Pattern {
    func axes(_ text: String) -> [PatternAxis] {
      text.split(separator: " ").map { $0 == "..." ? .ellipsis : .name(String($0)) }
    }
    return Pattern(inputs: inputs.map(axes), output: axes(output))
  }
}
