// Fault: why an operation rejects its operands.
// An operation knows no source text: the elaborator turns a fault into a diagnostic at the call.
import Dimensions

/// A rejected application of an operation.
package struct Fault: Error, Hashable, Sendable {
  /// A place inside a pattern: operand list (`nil` for the output) and axis position in it.
  package struct PatternPlace: Hashable, Sendable {
    package var list: Int?
    package var axis: Int

    package init(list: Int?, axis: Int) {
      self.list = list
      self.axis = axis
    }
  }

  /// Readable kebab-case name; it becomes the diagnostic's id.
  package var kind: String
  /// Lower case, no full stop, both sides named.
  package var message: String
  /// The operand at fault, when one is.
  package var operand: Int?
  /// The axis of that operand.
  package var axis: Int?
  package var place: PatternPlace?
  /// What the operation needs, as a shape or a relation: `[..., 1024]`.
  package var needs: String?
  /// What it was given: `[B, T, 768]`.
  package var found: String?
  /// The obligation that failed, with the prover's answer.
  package var claim: Constraint?
  package var verdict: Verdict?

  package init(
    _ kind: String, _ message: String, operand: Int? = nil, axis: Int? = nil,
    place: PatternPlace? = nil, needs: String? = nil, found: String? = nil,
    claim: Constraint? = nil, verdict: Verdict? = nil
  ) {
    self.kind = kind
    self.message = message
    self.operand = operand
    self.axis = axis
    self.place = place
    self.needs = needs
    self.found = found
    self.claim = claim
    self.verdict = verdict
  }
}
