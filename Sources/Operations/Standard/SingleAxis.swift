// SingleAxis: the one axis that a bracket pattern such as `b h t [s]` marks.
// Shared by softmax, its logarithm, its gradient and cross-entropy.
import Dimensions
import IR
import Kernels

/// A bracket pattern with exactly one axis in brackets.
struct SingleAxis: Hashable {
  let bracket: BracketAxes

  /// The faults of such a pattern, for schemas.
  static let faults = [
    "pattern-form": "not one axis list, or a result after it",
    "pattern-item": "a number or a group in the pattern",
    "repeated-axis": "an axis stands twice in the pattern",
    "no-bracket": "no axis is in brackets",
    "several-axes": "more than one axis is in brackets",
    "rank-mismatch": "the pattern has more or fewer axes than its operand",
  ]

  /// Examples that reach those faults; the first operand is one of three axes.
  static func faultExamples(
    _ operands: [TensorType], _ values: [String: AttributeValue] = [:]
  ) -> [OperationExample] {
    let names = Samples.names("b t s")
    let patterns: [(String, Pattern)] = [
      ("pattern-form", Pattern(inputs: [names, names], output: nil)),
      (
        "pattern-item",
        Pattern(inputs: [Samples.names("b t") + [.bracket([.number(3)])]], output: nil)
      ),
      ("repeated-axis", Samples.bracket("b b", "s")),
      ("no-bracket", Pattern(inputs: [names], output: nil)),
      ("several-axes", Samples.bracket("b", "t s")),
      ("rank-mismatch", Samples.bracket("b", "s")),
    ]
    return patterns.map { .faulty($0.0, operands, values, pattern: $0.1) }
  }

  init(_ attributes: Attributes) throws(Fault) {
    bracket = try BracketAxes(try required(attributes.pattern, "pattern"))
    var marked = 0
    for item in bracket.pattern.inputs[0] {
      if case .bracket(let inner) = item { marked += inner.count }
    }
    guard marked == 1 else {
      throw Fault(
        "several-axes", "the pattern brackets \(marked) axes, expected one",
        needs: "one axis in brackets", found: bracket.pattern.description)
    }
  }

  /// The pattern that marks one axis of an operand.
  init(axis: Int, rank: Int) {
    bracket = BracketAxes(axes: [axis], rank: rank)
  }

  var pattern: Pattern { bracket.pattern }

  /// The marked axis of an operand.
  func axis(of type: TensorType) throws(Fault) -> Int {
    try bracket.axes(of: type)[0]
  }

  /// The marked axis of an array.
  func axis<Scalar: KernelScalar>(of array: NDArray<Scalar>) throws(KernelFault) -> Int {
    do throws(Fault) {
      return try bracket.axes(rank: array.extents.count)[0]
    } catch {
      throw KernelFault(error.message)
    }
  }
}
