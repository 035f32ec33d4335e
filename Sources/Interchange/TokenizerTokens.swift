// TokenizerTokens: how many tokens the files of a tokenizer have, and the last of their ids.
// Only ids are read: a tokenizer's file has hundreds of thousands of words, and none matters here.
import Diagnostics

/// The ids of a tokenizer.
package struct TokenizerTokens: Sendable {
  /// The file that holds the vocabulary.
  package private(set) var file: String
  /// How many ids there are.
  package var count: Int { ids.count }
  /// The greatest id.
  package private(set) var last = -1

  private var ids: Set<Int> = []

  /// Larger ids are no ids of any vocabulary.
  private static let greatest = 1 << 24

  /// Reads what lies beside a config; there is nothing where no file holds a whole vocabulary.
  ///
  /// - Parameter read: the bytes of a file by its name; `nil` where there is none.
  package init?(beside read: (String) -> [UInt8]?) {
    if let bytes = read("tokenizer.json") {
      file = "tokenizer.json"
      var scan = JSONKeyScan(bytes)
      scan.read { path, value in
        switch (path.count, path.first) {
        case (3, "added_tokens") where path[2] == "id": add(value)
        case (3, "model") where path[1] == "vocab": add(value)
        default: break
        }
      } entered: { path in
        // A vocabulary of pairs of a piece and its score counts its ids.
        if path.count == 3, path[0] == "model", path[1] == "vocab" { add(Int(path[2])) }
      }
      guard scan.isWhole, count > 0 else { return nil }
      return
    }
    if let bytes = read("vocab.json") {
      file = "vocab.json"
      var scan = JSONKeyScan(bytes)
      scan.read { path, value in if path.count == 1 { add(value) } }
      guard scan.isWhole, count > 0 else { return nil }
    } else if let bytes = read("vocab.txt") {
      file = "vocab.txt"
      let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      for line in lines.indices where line + 1 < lines.count || !lines[line].isEmpty { add(line) }
      guard count > 0 else { return nil }
    } else {
      return nil
    }
    if let bytes = read("added_tokens.json") {
      var scan = JSONKeyScan(bytes)
      scan.read { path, value in if path.count == 1 { add(value) } }
    }
    if let bytes = read("tokenizer_config.json") {
      var scan = JSONKeyScan(bytes)
      scan.read { _, _ in
      } entered: { path in
        if path.count == 2, path[0] == "added_tokens_decoder" { add(Int(path[1])) }
      }
    }
  }

  private mutating func add(_ id: Int?) {
    guard let id, 0...Self.greatest ~= id else { return }
    ids.insert(id)
    last = max(last, id)
  }
}
