// VerificationReport: what was predicted, what was observed, and whether they agree.
// Apart from the checks, which only fill it, and from the two forms in which it is printed.
import Dimensions

/// One thing that was predicted and observed.
package struct VerificationItem: Hashable, Sendable, Encodable {
  package var name: String
  package var predicted: String
  package var observed: String
  package var agrees: Bool
}

/// Items of one kind.
package struct VerificationSection: Hashable, Sendable, Encodable {
  /// The most items that agree and are kept, so that a report stays printable.
  static let keptLimit = 20_000
  /// The most that differ: behind the first hundred there is nothing to learn.
  static let differenceLimit = 100

  /// `shapes-forward`, as tests and scripts name it.
  package var id: String
  /// What the section belongs to: `shapes`.
  package var group: String
  /// What its items are: `forward values`.
  package var title: String
  package private(set) var checked = 0
  package private(set) var differing = 0
  /// A figure or a reservation that belongs to the whole section.
  package var note: String?
  package private(set) var items: [VerificationItem] = []

  package init(_ id: String, _ group: String, _ title: String, note: String? = nil) {
    self.id = id
    self.group = group
    self.title = title
    self.note = note
  }

  /// Adds an item; the name is only made when the item is kept.
  package mutating func add(
    _ name: @autoclosure () -> String, predicted: String, observed: String, agrees: Bool
  ) {
    checked += 1
    if !agrees { differing += 1 }
    let keeps =
      agrees
      ? checked - differing <= VerificationSection.keptLimit
      : differing <= VerificationSection.differenceLimit
    guard keeps else { return }
    items.append(
      VerificationItem(name: name(), predicted: predicted, observed: observed, agrees: agrees))
  }

  /// Adds two numbers that must be the same.
  package mutating func compare(
    _ name: @autoclosure () -> String, predicted: Int128?, observed: Int128?, unit: String = ""
  ) {
    add(
      name(), predicted: Quantity.text(predicted, unit), observed: Quantity.text(observed, unit),
      agrees: predicted != nil && predicted == observed)
  }

  /// The items that do not agree.
  package var differences: [VerificationItem] { items.filter { !$0.agrees } }
}

/// Everything that one verification found.
package struct VerificationReport: Hashable, Sendable, Encodable {
  package var model: String
  /// The sizes of the dimensions, by name.
  package var sizes: [String: Int]
  package var seed: UInt64
  /// What was not done, or done otherwise than asked for.
  package var notes: [String]
  package var sections: [VerificationSection]

  package init(
    model: String, sizes: [String: Int], seed: UInt64, notes: [String],
    sections: [VerificationSection]
  ) {
    self.model = model
    self.sizes = sizes
    self.seed = seed
    self.notes = notes
    self.sections = sections
  }

  package var checked: Int { sections.reduce(0) { $0 + $1.checked } }
  package var differing: Int { sections.reduce(0) { $0 + $1.differing } }
  /// Whether every prediction came true.
  package var agrees: Bool { differing == 0 }

  /// The section of that id.
  package subscript(_ id: String) -> VerificationSection? { sections.first { $0.id == id } }

  private enum CodingKeys: String, CodingKey {
    case model, sizes, seed, notes, sections, checked, differing, verdict
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(model, forKey: .model)
    try container.encode(sizes, forKey: .sizes)
    try container.encode(seed, forKey: .seed)
    try container.encode(notes, forKey: .notes)
    try container.encode(sections, forKey: .sections)
    try container.encode(checked, forKey: .checked)
    try container.encode(differing, forKey: .differing)
    try container.encode(agrees ? "agrees" : "differs", forKey: .verdict)
  }
}

/// Why nothing was verified: no run took place, so nothing is claimed.
package struct VerificationRefusal: Error, Hashable, Sendable {
  /// Lower case, no full stop.
  package var message: String
  /// What would make it work.
  package var help: String?
  /// True when a rule of ours failed before anything could run, which is a difference.
  package var isOurs: Bool

  package init(_ message: String, help: String? = nil, isOurs: Bool = false) {
    self.message = message
    self.help = help
    self.isOurs = isOurs
  }
}
