// Function: a block's forward as flat SSA over typed values.
// A function is elaborated once for each block, static arguments and operand types, and shared.
import Diagnostics
import Dimensions

/// A typed value and what reports and errors say of it.
package struct Value: Hashable, Sendable {
  package var type: TensorType
  /// The name that the source gives it, if any.
  package var name: String?
  /// The expression that produced it.
  package var range: SourceRange?
  /// The derivation of each dimension; empty for values that no user wrote.
  package var origins: [AxisOrigin]

  package init(
    type: TensorType, name: String? = nil, range: SourceRange? = nil, origins: [AxisOrigin] = []
  ) {
    self.type = type
    self.name = name
    self.range = range
    self.origins = origins
  }
}

/// One step into the instance tree: a child of a definition, and which of a list.
package struct InstanceStep: Hashable, Sendable {
  package var child: Int
  /// The element of a list; `nil` for a single layer or a shared list.
  package var element: Int?

  package init(child: Int, element: Int? = nil) {
    self.child = child
    self.element = element
  }
}

/// A layer as a function sees it: its own descendant, or one that was passed in.
package struct InstanceReference: Hashable, Sendable {
  /// Where the steps start.
  package enum Base: Hashable, Sendable {
    case own
    /// The layer passed for this static parameter: an index into the definition's `externals`.
    case external(Int)
  }

  package var base: Base
  package var steps: [InstanceStep]

  package init(base: Base = .own, steps: [InstanceStep] = []) {
    self.base = base
    self.steps = steps
  }
}

/// A weight as a function sees it.
package struct ParameterReference: Hashable, Sendable {
  package var instance: InstanceReference
  /// Index into the `parameters` of the definition of that instance.
  package var parameter: Int

  package init(instance: InstanceReference, parameter: Int) {
    self.instance = instance
    self.parameter = parameter
  }
}

/// The call of another instance's function.
package struct Call: Hashable, Sendable {
  package var function: FunctionID
  package var target: InstanceReference
  /// For a list: which elements are chained.
  ///
  /// The first operand is carried, the others are passed to each. `target` then names the list,
  /// without an element.
  package var elements: Range<Int>?

  package init(function: FunctionID, target: InstanceReference, elements: Range<Int>? = nil) {
    self.function = function
    self.target = target
    self.elements = elements
  }

  /// How often the function runs.
  package var repetitions: Int { elements?.count ?? 1 }
}

/// What a node does.
package enum NodeKind: Sendable {
  /// An input of the function, by position.
  case input(Int)
  case parameter(ParameterReference)
  case operation(any Operation)
  case call(Call)
  /// In a backward region: the gradient that arrives for an output, by position.
  case cotangent(Int)
  /// In a backward region: the backward of a forward call node. For a chained list the first
  /// element may need another derivative than the rest.
  case callBackward(node: Int, first: DerivativeID, rest: DerivativeID)
}

/// One step of a region.
///
/// Operands come before results; each value has one producer.
package struct Node: Sendable {
  package var kind: NodeKind
  package var operands: [ValueID]
  package var results: [ValueID]
  package var range: SourceRange?

  package init(
    kind: NodeKind, operands: [ValueID] = [], results: [ValueID], range: SourceRange? = nil
  ) {
    self.kind = kind
    self.operands = operands
    self.results = results
    self.range = range
  }
}

/// A block's forward for one choice of static arguments and operand types.
package struct Function: Sendable {
  package var definition: DefinitionID
  package var values: [Value]
  package var nodes: [Node]
  package var inputs: [ValueID]
  package var inputNames: [String]
  package var outputs: [ValueID]
  package var outputNames: [String]
  package var range: SourceRange?

  package init(
    definition: DefinitionID, values: [Value] = [], nodes: [Node] = [], inputs: [ValueID] = [],
    inputNames: [String] = [], outputs: [ValueID] = [], outputNames: [String] = [],
    range: SourceRange? = nil
  ) {
    self.definition = definition
    self.values = values
    self.nodes = nodes
    self.inputs = inputs
    self.inputNames = inputNames
    self.outputs = outputs
    self.outputNames = outputNames
    self.range = range
  }

  /// The type of a value.
  package func type(of value: ValueID) -> TensorType {
    values[value.index].type
  }
}

/// The backward of a function: a second region over the same values.
///
/// Its nodes may read any forward value of the function; those that they read are what the forward
/// pass keeps. Flattening inlines it once for each forward call, in reverse order.
package struct Derivative: Sendable {
  package var function: FunctionID
  /// For each forward input, whether its gradient is wanted.
  package var wanted: [Bool]
  /// For each forward output, whether a gradient arrives.
  package var arriving: [Bool]
  /// The function's values, followed by those of the backward region.
  package var values: [Value]
  package var nodes: [Node]
  /// The gradient of each forward input; `nil` where none is wanted or it is zero.
  package var inputGradients: [ValueID?]
  /// Gradients of weights, several for a weight that is used several times.
  package var parameterGradients: [(reference: ParameterReference, value: ValueID)]

  package init(
    function: FunctionID, wanted: [Bool], arriving: [Bool], values: [Value], nodes: [Node] = [],
    inputGradients: [ValueID?] = [],
    parameterGradients: [(reference: ParameterReference, value: ValueID)] = []
  ) {
    self.function = function
    self.wanted = wanted
    self.arriving = arriving
    self.values = values
    self.nodes = nodes
    self.inputGradients = inputGradients
    self.parameterGradients = parameterGradients
  }
}
