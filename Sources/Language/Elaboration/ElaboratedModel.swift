// ElaboratedModel: what a model file means: the program, its claims and its training plan.
// Claims are carried as syntax: the validation room decides them on the finished program.
import Diagnostics
import Dimensions
import IR

/// A claim and the names that it may use.
package struct ElaboratedExpectation: Sendable {
  package var syntax: Expectation
  /// The value on the right, evaluated; dimensions appear for `shape(…)`.
  package var value: StaticValue
  /// The source text of the claimed value, for fixes.
  package var valueRange: SourceRange
  /// `B = 1` among the arguments.
  package var sizes: [Symbol: Int]
}

/// Overrides of config fields from the command line or a JSON file.
package struct ConfigOverride: Sendable {
  package var name: String
  package var value: StaticValue
  /// Where the value stands, for diagnostics.
  package var range: SourceRange?

  package init(name: String, value: StaticValue, range: SourceRange?) {
    self.name = name
    self.value = value
    self.range = range
  }
}

/// The result of elaborating one model.
package struct ElaboratedModel: Sendable {
  package var program: Program
  package var expectations: [ElaboratedExpectation]
  package var plan: TrainingPlan?
  /// The static names of each definition with their derivations, for claims about them.
  package var statics: [[String: StaticBinding]] = []
  /// Where the model's name stands.
  package var range: SourceRange
  /// Names of weights by which a file may call them beside the program's, such as ties.
  package var elementType: ElementType
  /// What the model and the models that it derives from decide about findings, its own last.
  package var policies: [ModelPolicy] = []
  /// Fields that the model's own config sets, that no key fills and that nothing read.
  package var unreadFields: [ConfigValue] = []
  /// Fields of the models that this one derives from.
  package var baseFields: [String] = []
  /// False when something is wrong with the model itself, its training plan left aside.
  package var isSound = true
}

/// A policy and whether it stands in the model itself.
package struct ModelPolicy: Hashable, Sendable {
  package var policy: FindingPolicy
  /// False when a model that this one derives from wrote it, or one that serves many configs.
  package var isOwn: Bool

  package init(_ policy: FindingPolicy, isOwn: Bool) {
    self.policy = policy
    self.isOwn = isOwn
  }
}
