// ModelComparison: what `plumbline diff` found, as data.
// Apart from the search for it, which elaborates models and needs more of the package.
import Dimensions

/// Two models and everything in which they differ.
package struct ModelComparison: Sendable {
  /// One of the two.
  package struct Side: Hashable, Sendable {
    package var path: String
    package var name: String
    package var family: String?
    package var parameters: Int
    /// Of one forward at the sizes of the comparison; `nil` where no sizes suit both.
    package var flops: Int?

    package init(path: String, name: String, family: String?, parameters: Int, flops: Int?) {
      self.path = path
      self.name = name
      self.family = family
      self.parameters = parameters
      self.flops = flops
    }
  }

  /// A value of the config and whether nobody gave it.
  package struct Value: Hashable, Sendable {
    package var text: String
    package var isDefault: Bool

    package init(text: String, isDefault: Bool) {
      self.text = text
      self.isDefault = isDefault
    }
  }

  /// A field of the config that differs.
  package struct Field: Hashable, Sendable {
    package var name: String
    /// The key of a `config.json` that fills it.
    package var key: String?
    package var first: Value?
    package var second: Value?
    /// Whether the value follows from others that differ, so that it is no difference of its own.
    package var follows: Bool

    package init(name: String, key: String?, first: Value?, second: Value?, follows: Bool) {
      self.name = name
      self.key = key
      self.first = first
      self.second = second
      self.follows = follows
    }
  }

  /// A key that both configs give and no field reads, with different values.
  package struct Key: Hashable, Sendable {
    package var key: String
    package var first: String
    package var second: String

    package init(key: String, first: String, second: String) {
      self.key = key
      self.first = first
      self.second = second
    }
  }

  /// What a difference costs: the second model less the first.
  package struct Cost: Hashable, Sendable {
    package var label: String
    package var parameters: Int
    package var flops: Int?

    package init(label: String, parameters: Int, flops: Int?) {
      self.label = label
      self.parameters = parameters
      self.flops = flops
    }
  }

  /// How the total was divided.
  package enum Division: String, Hashable, Sendable {
    /// By changing one value of the config at a time.
    case values
    case blocks
  }

  package var first: Side
  package var second: Side
  package var sizes: [Symbol: Int]
  package var fields: [Field] = []
  package var equalFields = 0
  package var keys: [Key] = []
  package var blocks: BlockComparison
  /// The tensors of two checkpoints, where both sides have one.
  package var tensors: TensorChanges?
  package var division = Division.blocks
  /// Parts that sum to the total: the last of them may be what the others do together.
  package var costs: [Cost] = []

  package init(
    first: Side, second: Side, sizes: [Symbol: Int], blocks: BlockComparison
  ) {
    self.first = first
    self.second = second
    self.sizes = sizes
    self.blocks = blocks
  }

  /// Whether nothing differs.
  package var isSame: Bool {
    fields.isEmpty && keys.isEmpty && blocks.isEmpty && tensors?.rows.isEmpty ?? true
  }

  /// The second less the first.
  package var total: Cost {
    Cost(
      label: "in all", parameters: second.parameters - first.parameters,
      flops: first.flops.flatMap { left in second.flops.map { $0 - left } })
  }
}
