// NearKey: whether a key of a config is another one with a slip of the pen.
// Apart from Nearest, because keys are made of words: `num_beams` is no slip for `num_heads`.

/// The search for the key that was meant.
///
/// Works on bytes, and leaves most pairs at their lengths: a published config has a hundred keys, and
/// asking is part of every check.
package struct NearKey: Sendable {
  private struct Candidate {
    let name: String
    let words: [[UInt8]]
    let joined: [UInt8]

    init(_ name: String) {
      self.name = name
      words = name.utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        .split(separator: UInt8(ascii: "_")).map(Array.init)
      joined = Array(words.joined())
    }
  }

  /// Longer keys are no slips for anything.
  private static let longest = 64

  private let candidates: [Candidate]

  /// - Parameter candidates: the keys that may be meant.
  package init(_ candidates: [String]) {
    self.candidates = candidates.map(Candidate.init).filter { $0.joined.count <= Self.longest }
  }

  /// The key that another one is a slip for, or nil.
  ///
  /// Word by word: a word may miss one letter, have one too many, a wrong one or two in the wrong
  /// order, two such slips in a long word; a short word must keep its letters, since `bos` and `eos`
  /// are two things. Underscores that are missing or too many count nothing.
  package func match(_ key: String) -> String? {
    guard key.utf8.count <= Self.longest else { return nil }
    let asked = Candidate(key)
    var best: (slips: Int, name: String)?
    for candidate in candidates where candidate.name != key {
      guard let slips = Self.slips(asked, candidate) else { continue }
      if let known = best, known <= (slips, candidate.name) { continue }
      best = (slips, candidate.name)
    }
    return best?.name
  }

  private static func slips(_ key: Candidate, _ other: Candidate) -> Int? {
    guard abs(key.joined.count - other.joined.count) <= 3 else { return nil }
    if key.joined == other.joined { return 0 }
    guard key.words.count == other.words.count else {
      guard key.joined.count >= 6 else { return nil }
      return distance(key.joined[...], other.joined[...]).flatMap { $0 <= 1 ? $0 : nil }
    }
    var sum = 0
    for (word, other) in zip(key.words, other.words) where word != other {
      guard let slips = slips(word: word, other) else { return nil }
      sum += slips
    }
    return sum <= 3 ? sum : nil
  }

  private static func slips(word: [UInt8], _ other: [UInt8]) -> Int? {
    let length = min(word.count, other.count)
    guard length >= 3, let distance = distance(word[...], other[...]),
      distance <= (length >= 8 ? 2 : 1)
    else { return nil }
    let keepsLetters = word.count != other.count || word.sorted() == other.sorted()
    return length > 3 || keepsLetters ? distance : nil
  }

  /// How many slips two words are apart, up to two; nil for more.
  private static func distance(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Int? {
    // Each slip explains one kind of letter that the other word does not have, and most pairs of
    // words differ in more.
    let (some, others) = (letters(left), letters(right))
    guard (some & ~others).nonzeroBitCount <= 2, (others & ~some).nonzeroBitCount <= 2 else {
      return nil
    }
    return slips(left, right, most: 2)
  }

  /// The letters of a word, a bit for each.
  private static func letters(_ word: ArraySlice<UInt8>) -> UInt64 {
    word.reduce(0) { $0 | 1 << UInt64($1 & 63) }
  }

  /// What two words share at their ends says nothing; each slip is tried at the first difference.
  private static func slips(
    _ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>, most: Int
  ) -> Int? {
    var (left, right) = (left, right)
    while let first = left.first, first == right.first {
      left.removeFirst()
      right.removeFirst()
    }
    while let last = left.last, last == right.last {
      left.removeLast()
      right.removeLast()
    }
    if left.isEmpty && right.isEmpty { return 0 }
    guard most > 0, abs(left.count - right.count) <= most else { return nil }
    var rests = [(left.dropFirst(), right), (left, right.dropFirst())]
    rests.append((left.dropFirst(), right.dropFirst()))
    if left.count > 1, right.count > 1, left.first == right.dropFirst().first,
      left.dropFirst().first == right.first
    {
      rests.append((left.dropFirst(2), right.dropFirst(2)))
    }
    return rests.compactMap { slips($0, $1, most: most - 1) }.min().map { $0 + 1 }
  }
}
