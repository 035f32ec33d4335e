// SourceRange: a half-open stretch of one file, in UTF-8 offsets.
// Every syntax node, origin and diagnostic carries one, so it is three words and nothing else.

/// A half-open range of UTF-8 offsets in one file.
package struct SourceRange: Hashable, Sendable {
  /// The file.
  package let source: SourceID
  /// The first offset.
  package let lower: Int
  /// The offset after the last byte; never below `lower`.
  package let upper: Int

  /// Makes a range; reversed or negative bounds become an empty range.
  package init(source: SourceID, lower: Int, upper: Int) {
    self.source = source
    self.lower = max(lower, 0)
    self.upper = max(upper, self.lower)
  }

  /// Makes an empty range, which is shown as one caret.
  package init(source: SourceID, at offset: Int) {
    self.init(source: source, lower: offset, upper: offset)
  }

  /// The smallest range that holds both; the receiver when `other` lies in another file.
  package func union(_ other: SourceRange) -> SourceRange {
    guard source == other.source else { return self }
    return SourceRange(
      source: source, lower: min(lower, other.lower), upper: max(upper, other.upper))
  }

  /// Whether the range covers no byte.
  package var isEmpty: Bool { lower == upper }

  /// The number of bytes covered.
  package var count: Int { upper - lower }
}
