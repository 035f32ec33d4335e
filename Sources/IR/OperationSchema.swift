// OperationSchema: the documentation of an operation as data, and examples for its laws.
// `explain`, the elaborator's argument matching and the law tests read the same lines.
import Dimensions

/// One operand of an operation.
package struct OperandSchema: Hashable, Sendable {
  package var name: String
  /// The kinds of element that are accepted.
  package var kinds: [ElementKind]
  /// True when the operand may be left out (a bias).
  package var optional: Bool

  package init(_ name: String, _ kinds: [ElementKind] = [.real], optional: Bool = false) {
    self.name = name
    self.kinds = kinds
    self.optional = optional
  }
}

/// One named attribute.
package struct AttributeSchema: Hashable, Sendable {
  /// What the attribute accepts.
  package enum Kind: String, Hashable, Sendable {
    case integer, float, boolean, string, dimension, dimensions, element
  }

  package var name: String
  package var kind: Kind
  package var optional: Bool

  package init(_ name: String, _ kind: Kind, optional: Bool = false) {
    self.name = name
    self.kind = kind
    self.optional = optional
  }
}

/// How an operation uses a pattern.
package enum PatternRole: Hashable, Sendable {
  case none
  /// `b t (h d) -> b h t d`
  case arrow
  /// `b h t [s]`
  case bracket
}

/// What the catalogue says of an operation.
package struct OperationSchema: Hashable, Sendable {
  package var name: String
  /// One sentence, as `explain` prints it.
  package var summary: String
  /// Shapes in the notation of the documentation: `a [..., m, k], b [k, n] -> [..., m, n]`.
  package var shapes: String
  package var operands: [OperandSchema]
  /// True when the last operand may be repeated (`einsum`, `concatenate`).
  package var variadic: Bool
  package var attributes: [AttributeSchema]
  /// Attributes that may also be given by position after the operands (`iota(T)`).
  package var positional: [String]
  package var pattern: PatternRole
  /// Sizes bound after the pattern (`h = heads`) are accepted as attributes of kind dimension.
  package var acceptsSizes: Bool
  /// Each fault's kind and when it is raised.
  package var faults: [String: String]

  package init(
    name: String, summary: String, shapes: String, operands: [OperandSchema],
    variadic: Bool = false, attributes: [AttributeSchema] = [], positional: [String] = [],
    pattern: PatternRole = .none, acceptsSizes: Bool = false, faults: [String: String]
  ) {
    self.name = name
    self.summary = summary
    self.shapes = shapes
    self.operands = operands
    self.variadic = variadic
    self.attributes = attributes
    self.positional = positional
    self.pattern = pattern
    self.acceptsSizes = acceptsSizes
    self.faults = faults
  }
}

/// Operands on which an operation is tried.
package struct OperationExample: Sendable {
  /// From which numbers the elements of real operands are drawn.
  package enum Domain: Sendable {
    /// Around zero, away from the kinks and poles of the usual functions.
    case signed
    /// At least 0.5.
    case positive
  }

  package var attributes: Attributes
  package var operands: [TensorType]
  /// The sizes that each symbol may take when the example is executed.
  package var sizes: [Symbol: ClosedRange<Int>]
  /// For each integer operand, the exclusive upper bound of its values.
  package var indexLimits: [Int: Dimension]
  package var domain: Domain
  /// The documented fault that this example must reach; `nil` for a legal one.
  package var fault: String?

  package init(
    _ operands: [TensorType], _ attributes: Attributes = Attributes(),
    sizes: [Symbol: ClosedRange<Int>] = [:], indexLimits: [Int: Dimension] = [:],
    domain: Domain = .signed, fault: String? = nil
  ) {
    self.attributes = attributes
    self.operands = operands
    self.sizes = sizes
    self.indexLimits = indexLimits
    self.domain = domain
    self.fault = fault
  }
}
