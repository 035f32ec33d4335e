// Definition: what an instance of a block owns, without saying which instance.
// Definitions form a graph without cycles; the instance tree is its unfolding.
import Diagnostics
import Dimensions

/// How a weight is filled before training.
package enum Initialiser: Hashable, Sendable {
  case zeros
  case ones
  /// Normal with this standard deviation.
  case normal(Double)
  /// Uniform in ± 1/√fan-in, where fan-in is the last axis (He et al. 2015 with a = √5).
  case kaimingUniform
  case constant(Double)
  /// Position `t` in row `t`: sines of all rates, then their cosines (Vaswani et al. 2017).
  case sinusoid

  /// Whether it gives the same numbers for every seed, and no others would do.
  package var isFormula: Bool { self == .sinusoid }
}

/// A weight that a block owns.
package struct ParameterDeclaration: Hashable, Sendable {
  package var name: String
  package var type: TensorType
  /// The shape in terms of the config's names, for `count --formula`.
  package var formula: [Dimension]
  package var initialiser: Initialiser
  package var trainable: Bool
  /// Whether checkpoints carry it, though it is no parameter and nobody counts it as one.
  package var isBuffer = false
  package var range: SourceRange?

  package init(
    name: String, type: TensorType, formula: [Dimension], initialiser: Initialiser,
    trainable: Bool, range: SourceRange?
  ) {
    self.name = name
    self.type = type
    self.formula = formula
    self.initialiser = initialiser
    self.trainable = trainable
    self.range = range
  }
}

/// Another name for a weight that a different layer owns: a tied `lm_head.weight`.
package struct ParameterAlias: Hashable, Sendable {
  package var name: String
  package var reference: ParameterReference
  package var range: SourceRange?

  package init(name: String, reference: ParameterReference, range: SourceRange?) {
    self.name = name
    self.reference = reference
    self.range = range
  }
}

/// An instance to be: a definition and the layers passed to it.
package struct Instantiation: Hashable, Sendable {
  package var definition: DefinitionID
  /// One for each of the definition's externals, as the owner sees them.
  package var externals: [InstanceReference]

  package init(definition: DefinitionID, externals: [InstanceReference] = []) {
    self.definition = definition
    self.externals = externals
  }
}

/// Elements of a list that are alike.
package struct Run: Hashable, Sendable {
  package var elements: Range<Int>
  package var layer: Instantiation

  package init(elements: Range<Int>, layer: Instantiation) {
    self.elements = elements
    self.layer = layer
  }
}

/// A named layer of a block.
package struct Child: Hashable, Sendable {
  /// What stands behind the name.
  package enum Content: Hashable, Sendable {
    case layer(Instantiation)
    /// `repeat`: runs in order, and the count in terms of the config's names.
    case list([Run], count: Dimension)
    /// `repeat shared`: one layer, applied `count` times.
    case shared(Instantiation, times: Int)
    /// Another name for a layer that exists already.
    case alias(InstanceReference)
  }

  package var name: String
  package var content: Content
  /// True when the child adds no component to the path: the layer that an adapter wraps.
  package var transparent: Bool
  package var range: SourceRange?

  package init(
    name: String, content: Content, transparent: Bool = false, range: SourceRange? = nil
  ) {
    self.name = name
    self.content = content
    self.transparent = transparent
    self.range = range
  }
}

/// A block with its static arguments: weights, layers and static names.
package struct Definition: Hashable, Sendable {
  /// The block's name in the source.
  package var block: String
  /// The static arguments as they are printed: `(width: 1024, heads: 6)`.
  package var arguments: [String]
  package var parameters: [ParameterDeclaration]
  /// Names of this block for weights that stand elsewhere.
  package var aliases: [ParameterAlias] = []
  package var children: [Child]
  /// The definitions of the layers that are passed in.
  package var externals: [DefinitionID]
  /// The names of their parameters, where known.
  package var externalNames: [String] = []
  /// Static names and their printed values, for `expect NAME of PATH`.
  package var statics: [String: Int]
  package var range: SourceRange?

  package init(
    block: String, arguments: [String] = [], parameters: [ParameterDeclaration] = [],
    children: [Child] = [], externals: [DefinitionID] = [], statics: [String: Int] = [:],
    range: SourceRange? = nil
  ) {
    self.block = block
    self.arguments = arguments
    self.parameters = parameters
    self.children = children
    self.externals = externals
    self.statics = statics
    self.range = range
  }
}
