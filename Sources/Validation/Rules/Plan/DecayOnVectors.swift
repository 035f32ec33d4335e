// DecayOnVectors: weight decay pulls biases and the scales of norms towards zero.
// Apart from matrices that are left out: the two mistakes have opposite remedies.
import Diagnostics
import Language

/// Weights with one axis are decayed: biases, and the scales of norms.
///
/// Decay keeps the products of matrices small. A bias or the scale of a norm has no such product:
/// decay pulls a scale, which starts at 1, towards 0 and with it the whole branch. The usual groups
/// decay every matrix and no vector. The rule looks at the axes of the weights that the `decay`
/// line takes in, and needs no names.
///
/// - Example: decay all
/// - Remedy: Leave them out: `decay all except *.bias, *.ln_*.weight`.
/// - Catalogue: T23
enum DecayOnVectors: Rule {
  static let id = "decay-on-vectors"

  static func findings(in subject: RuleSubject) -> [Diagnostic] {
    guard let optimizer = subject.plan?.optimizer, optimizer.decay > 0,
      let groups = subject.decayGroups, let decay = subject.plan?.decay
    else { return [] }
    let vectors = groups.members.filter { $0.rank <= 1 && $0.isDecayed }
    guard !vectors.isEmpty else { return [] }
    let (tensors, elements) = DecayGroups.total(vectors)
    let (all, allElements) = DecayGroups.total(groups.members.filter(\.isDecayed))
    return [
      finding(
        "decay takes in \(subject.grouped(tensors)) weights of one axis, which should keep their"
          + " size",
        at: decay.range,
        facts: DecayGroups.text(vectors, subject) + [
          "\(subject.grouped(tensors)) of \(subject.grouped(all)) decayed tensors,"
            + " \(subject.grouped(elements)) of \(subject.grouped(allElements)) elements"
        ])
    ]
  }
}
