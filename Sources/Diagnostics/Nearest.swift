// Nearest: the known name that a misspelt one was probably meant to be.
// Apart because the language, the validators and the command line all ask it.

/// The search for a near miss among known names.
package enum Nearest {
  /// Names longer than this are never compared, so that hostile input stays cheap.
  private static let longest = 64

  /// The candidate nearest to `word`, or nil when none is near enough to suggest.
  ///
  /// Near is a third of the word's length in insertions, deletions, substitutions and swaps of
  /// neighbours; a difference of case alone is always near. Equal distances go to the candidate
  /// with the same first letter, then to the alphabetically first.
  ///
  /// - Source: the optimal string alignment distance; Damerau 1964, doi:10.1145/363958.363994.
  package static func match(_ word: String, in candidates: [String]) -> String? {
    let letters = scalars(word)
    guard !letters.isEmpty, letters.count <= longest else { return nil }
    var best: (distance: Int, firstDiffers: Int, name: String)?
    for candidate in candidates where candidate != word {
      let other = scalars(candidate)
      guard !other.isEmpty, other.count <= longest else { continue }
      let bound = min(max(letters.count, other.count) / 3, 3)
      guard abs(letters.count - other.count) <= bound else { continue }
      let distance = distance(letters, other)
      guard distance <= bound else { continue }
      let found = (distance, letters.first == other.first ? 0 : 1, candidate)
      if let known = best, known <= found { continue }
      best = found
    }
    return best?.name
  }

  private static func scalars(_ word: String) -> [Unicode.Scalar] {
    Array(word.lowercased().unicodeScalars.prefix(longest + 1))
  }

  private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
    var beforePrevious = [Int](repeating: 0, count: right.count + 1)
    var previous = Array(0...right.count)
    for row in 1...left.count {
      var current = [row]
      current.reserveCapacity(right.count + 1)
      for column in 1...right.count {
        let same = left[row - 1] == right[column - 1]
        var cost = min(
          previous[column] + 1, current[column - 1] + 1, previous[column - 1] + (same ? 0 : 1))
        if row > 1, column > 1, left[row - 1] == right[column - 2],
          left[row - 2] == right[column - 1]
        {
          cost = min(cost, beforePrevious[column - 2] + 1)
        }
        current.append(cost)
      }
      beforePrevious = previous
      previous = current
    }
    return previous[right.count]
  }
}
