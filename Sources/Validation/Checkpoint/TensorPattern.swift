// TensorPattern: names of tensors with the numbers of layers taken out, and groups of such names.
// Apart from the rules: all of them speak of `transformer.h.{0..<12}.ln_1.weight` and not of twelve.

/// A tensor's name whose numbers are wild: `transformer.h.*.ln_1.weight`.
package struct TensorPattern: Hashable, Sendable {
  package let text: String
  /// The numbers that were taken out, first to last.
  package let indices: [Int]

  package init(_ name: String) {
    var indices: [Int] = []
    var parts: [Substring] = []
    for part in name.split(separator: ".", omittingEmptySubsequences: false) {
      if let first = part.utf8.first, UInt8(ascii: "0")...UInt8(ascii: "9") ~= first,
        let number = Int(part)
      {
        indices.append(number)
        parts.append("*")
      } else {
        parts.append(part)
      }
    }
    text = indices.isEmpty ? name : parts.joined(separator: ".")
    self.indices = indices
  }
}

/// Names that differ in numbers alone.
package struct TensorGroup: Hashable, Sendable {
  package let pattern: String
  /// The members, as places in the list that was grouped.
  package fileprivate(set) var members: [Int]
  fileprivate var indices: [[Int]]

  /// Groups names by their patterns, in the order in which patterns first appear.
  package static func grouping(_ names: [String]) -> [TensorGroup] {
    var groups: [TensorGroup] = []
    var places: [String: Int] = [:]
    for (place, name) in names.enumerated() {
      let pattern = TensorPattern(name)
      if let known = places[pattern.text] {
        groups[known].members.append(place)
        groups[known].indices.append(pattern.indices)
      } else {
        places[pattern.text] = groups.count
        groups.append(
          TensorGroup(pattern: pattern.text, members: [place], indices: [pattern.indices]))
      }
    }
    return groups
  }

  /// The pattern with its numbers written out: `h.{0..<12}.ln_1.weight`, `h.{7}.attn.bogus`.
  ///
  /// A single name is itself.
  package func text(of names: [String]) -> String {
    guard members.count > 1 else { return members.first.map { names[$0] } ?? pattern }
    var depth = 0
    let parts = pattern.split(separator: ".", omittingEmptySubsequences: false).map { part in
      guard part == "*" else { return String(part) }
      defer { depth += 1 }
      return Self.numbers(Set(indices.compactMap { depth < $0.count ? $0[depth] : nil }))
    }
    return parts.joined(separator: ".")
  }

  /// `{0..<12}`, `{1, 3, 5}`; one number stands for itself.
  static func numbers(_ numbers: Set<Int>) -> String {
    let sorted = numbers.sorted()
    guard let first = sorted.first, let last = sorted.last, sorted.count > 1 else {
      return sorted.first.map(String.init) ?? "*"
    }
    if last - first == sorted.count - 1 { return "{\(first)..<\(last + 1)}" }
    let shown = sorted.prefix(8).map(String.init).joined(separator: ", ")
    return sorted.count > 8 ? "{\(shown), …}" : "{\(shown)}"
  }
}
