// Frame: the names that an expression sees, and the region that its tensors go to.
// One evaluator serves static code and forwards; a frame without a builder is static.
import Diagnostics
import Dimensions
import IR

/// The result of evaluating an expression.
package enum Term: Sendable {
  case tensor(ValueID)
  /// Several results, to be taken apart by `q, k, v = …`.
  case tuple([ValueID])
  case fixed(StaticValue)

  static let invalid = Term.fixed(.invalid)

  var isTuple: Bool { if case .tuple = self { true } else { false } }

  /// True when the expression was wrong and has been reported.
  var isInvalid: Bool {
    if case .fixed(.invalid) = self { true } else { false }
  }
}

/// A dimension known by name in a forward: its size and where that comes from.
struct DimensionBinding: Sendable {
  var size: Dimension
  var origin: AxisOrigin
}

/// Static knowledge about one definition while and after it is built.
struct BlockContext: Sendable {
  /// Its file, in which names are looked up.
  var file: Int
  /// The block's name, for messages.
  var name: String
  var nameRange: SourceRange?
  var statics: [String: StaticBinding] = [:]
  /// Weights by name, own ones and aliases.
  var weights: [String: ParameterReference] = [:]
  var children: [String: Int] = [:]
  /// For each child, the derivation of its static arguments.
  var childArguments: [Int: [String: StaticBinding]] = [:]
  /// The same for the elements of a list that differ.
  var elementArguments: [DefinitionID: [String: StaticBinding]] = [:]
  /// `require` lines over dimensions, decided when a forward is elaborated.
  var obligations: [Expression] = []
  var forward: ForwardMember?
  var usedChildren: Set<Int> = []
  var usedWeights: Set<String> = []
  var isModel = false
  /// True once a mistake was reported in it: its forward is not elaborated again for more.
  var hasErrors = false
  /// True when a `require` failed: its forward would only repeat the same cause.
  var breaksRequirement = false
  /// The derivation of each axis of its own weights.
  var weightOrigins: [String: [AxisOrigin]] = [:]
}

/// A call that is being elaborated, for mapping errors inside the prelude to the user's text.
struct CallSite: Sendable {
  /// The whole call.
  var range: SourceRange
  /// The layer as it is written: `wpe`.
  var calleeText: String
  /// The ranges of the tensor arguments.
  var arguments: [SourceRange]
  /// The tensors that are passed, to see whether another order fits.
  var operands: [Value] = []
  var calleeRange: SourceRange?
  /// The binding of each static argument, for the needs side of a mismatch.
  var statics: [String: StaticBinding]
  /// The definition whose forward holds the call.
  var definition: Int?
}

/// The names visible at one point of the source.
struct Frame: Sendable {
  /// The definition whose members or forward this is; `nil` for file-level code.
  var definition: Int?
  var file: Int
  var statics: [String: StaticBinding]
  var weights: [String: ParameterReference]
  var tensors: [String: Term] = [:]
  var dimensions: [String: DimensionBinding] = [:]
  /// What `...` stands for.
  var ellipsis: [Dimension]?
  /// The region of a forward; `nil` in static code.
  var builder: RegionBuilder?
  /// Known bounds of integer values.
  var ranges: [ValueID: IndexRange] = [:]
  /// Weights already brought into this region.
  var loaded: [ParameterReference: ValueID] = [:]
  /// Children that were applied or whose weights were read.
  var used: Set<Int> = []
  var usedWeights: Set<String> = []
  /// In the model itself, capital names may be introduced freely.
  var introducesDimensions = false
}
