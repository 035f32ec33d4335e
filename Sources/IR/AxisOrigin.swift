// AxisOrigin: where the size of an axis comes from, back to the literal that fixed it.
// Kept beside types and never compared, so that it explains errors and decides nothing.
import Diagnostics

/// The derivation of one dimension of one value.
package indirect enum AxisOrigin: Hashable, Sendable {
  /// `width`, a static expression; `expansion` is what it stands for: `heads * head_width = 6 × 128`.
  case expression(text: String, expansion: String?, range: SourceRange?)
  /// A symbolic dimension, with the range of its `dim` line or of the signature that named it.
  case symbol(name: String, range: SourceRange?)
  /// An axis named in a pattern: `h` of axis 1 of `mixed`, set by `h = heads` or split from an operand.
  case pattern(axis: String, size: String, reason: String, range: SourceRange?)
  /// Axes that were stored as one: `(h d)`, and the derivation of each factor.
  case merged(text: String, parts: [AxisOrigin])
  /// The same axis of another value; `value` names it.
  case passed(value: String, axis: Int, from: AxisOrigin)
  case unknown
}
