// NearKey: whether a key of a config is another one with a slip of the pen.
// Apart from Nearest, because keys are made of words: `num_beams` is no slip for `num_heads`.
import Diagnostics

/// The search for the key that was meant.
package enum NearKey {
  /// The key that another one is a slip for, or nil.
  ///
  /// Word by word: a word may miss one letter, have one too many, a wrong one or two in the wrong
  /// order, two such slips in a long word; a short word must keep its letters, since `bos` and `eos`
  /// are two things. Underscores that are missing or too many count nothing.
  package static func match(_ key: String, in candidates: [String]) -> String? {
    guard key.utf8.count <= 64 else { return nil }
    let found = candidates.compactMap { candidate in
      slips(key, candidate).map { (slips: $0, name: candidate) }
    }
    return found.min { ($0.slips, $0.name) < ($1.slips, $1.name) }?.name
  }

  private static func slips(_ key: String, _ other: String) -> Int? {
    guard key != other, other.utf8.count <= 64 else { return nil }
    let words = key.lowercased().split(separator: "_").map(String.init)
    let others = other.lowercased().split(separator: "_").map(String.init)
    if words.joined() == others.joined() { return 0 }
    guard words.count == others.count else {
      guard words.joined().count >= 6 else { return nil }
      return Nearest.distance(words.joined(), others.joined()).flatMap { $0 <= 1 ? $0 : nil }
    }
    var sum = 0
    for (word, other) in zip(words, others) where word != other {
      guard let slips = slips(word: word, other) else { return nil }
      sum += slips
    }
    return sum <= 3 ? sum : nil
  }

  private static func slips(word: String, _ other: String) -> Int? {
    let length = min(word.count, other.count)
    guard length >= 3, let distance = Nearest.distance(word, other),
      distance <= (length >= 8 ? 2 : 1)
    else { return nil }
    let keepsLetters = word.count != other.count || word.sorted() == other.sorted()
    return length > 3 || keepsLetters ? distance : nil
  }
}
