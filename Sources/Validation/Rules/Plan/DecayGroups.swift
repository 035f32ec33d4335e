// DecayGroups: which weights a plan decays, by name and by shape.
// Shared by the rules about decay; names are folded so that twelve alike layers are one line.
import Analysis
import Dimensions
import IR
import Language

/// The weights of a model under the `decay` line of its plan.
struct DecayGroups {
  /// One weight of one or many alike layers.
  struct Member {
    /// `h[*].ln_1.weight`.
    var pattern: String
    var count: Int
    var elements: Int
    var rank: Int
    var isTable: Bool
    var isDecayed: Bool
  }

  /// The trained weights, folded.
  private(set) var members: [Member] = []
  /// Every name, trained or not.
  private(set) var names: [String] = []

  /// More names than these are not looked at one by one.
  static let mostNames = 200_000

  /// Groups the weights; `nil` when there are too many.
  ///
  /// - Parameters:
  ///   - decay: the line; without one, weights of at least two axes decay, as in a step that is run.
  ///   - ledger: the weights.
  init?(_ decay: DecayPlan?, _ ledger: ParameterLedger) {
    guard let tensors = try? ledger.tensors(limit: DecayGroups.mostNames) else { return nil }
    var tables: Set<String> = []
    for entry in ledger.entries where entry.table != nil {
      let parts = entry.path.components.map { $0.name + ($0.elements == nil ? "" : "[*]") }
      tables.insert(parts.joined(separator: "."))
    }
    var places: [String: Int] = [:]
    for tensor in tensors {
      names.append(tensor.name)
      guard tensor.tiedTo == nil, tensor.declaration.trainable else { continue }
      let pattern = NamePattern.folded(tensor.name)
      let isDecayed = decay?.includes(tensor.name) ?? (tensor.declaration.type.rank >= 2)
      let key = pattern + (isDecayed ? "+" : "-")
      if let place = places[key] {
        members[place].count += 1
        continue
      }
      places[key] = members.count
      members.append(
        Member(
          pattern: pattern, count: 1,
          elements: tensor.declaration.type.elementCount.constant ?? 0,
          rank: tensor.declaration.type.rank, isTable: tables.contains(pattern),
          isDecayed: isDecayed))
    }
  }

  /// `h[*].ln_1.weight (12 × 768)`, the first few of a list.
  static func text(_ members: [Member], _ subject: RuleSubject) -> [String] {
    let shown = members.prefix(6).map { member in
      "\(member.pattern): \(member.count) × \(subject.grouped(member.elements)) elements"
    }
    return shown + (members.count > 6 ? ["and \(members.count - 6) more"] : [])
  }

  /// How many tensors and elements.
  static func total(_ members: [Member]) -> (tensors: Int, elements: Int) {
    members.reduce((0, 0)) { sum, member in
      let (more, overflow) = member.elements.multipliedReportingOverflow(by: member.count)
      return (sum.0 + member.count, sum.1 &+ (overflow ? 0 : more))
    }
  }
}
