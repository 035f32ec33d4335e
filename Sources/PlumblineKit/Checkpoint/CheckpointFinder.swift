// CheckpointFinder: which files of a directory are weights, and which of them belong together.
// Apart from reading: only names are looked at here.
import Foundation

/// The files of one checkpoint.
package enum CheckpointFiles: Hashable, Sendable {
  /// One file, or an index that names its shards.
  case whole(String)
  /// Shards that number themselves, without an index.
  case shards([String])
}

/// Finds weights by the names that savers give them.
package enum CheckpointFinder {
  /// Whether a path names weights or an index of them.
  package static func isWeights(_ path: String) -> Bool {
    [".safetensors", ".gguf", ".safetensors.index.json"].contains { path.hasSuffix($0) }
  }

  /// The directory of a path with its slash; empty for the current one.
  package static func directory(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  }

  /// The checkpoints that a path means: those of a directory, or the one that it names.
  package static func checkpoints(at path: String) -> [CheckpointFiles] {
    if isWeights(path) { return [.whole(path)] }
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory),
      isDirectory.boolValue
    else { return [] }
    return checkpoints(in: path.hasSuffix("/") ? path : path + "/")
  }

  /// The checkpoints of a directory, the one that usual readers prefer first.
  package static func checkpoints(in directory: String) -> [CheckpointFiles] {
    let listed = try? FileManager.default.contentsOfDirectory(
      atPath: directory.isEmpty ? "." : directory)
    let names = (listed ?? []).filter { isWeights($0) && !$0.hasPrefix(".") }.sorted()
    var found: [CheckpointFiles] = []
    let indices = names.filter { $0.hasSuffix(".index.json") }
    let singles = names.filter { !$0.hasSuffix(".index.json") && shard($0) == nil }
    if singles.contains("model.safetensors") {
      found.append(.whole(directory + "model.safetensors"))
    } else {
      // Adapters have a format of their own, and other lone files are weights of other things
      // as soon as there are several.
      let own = singles.filter { $0.hasSuffix(".safetensors") && !$0.hasPrefix("adapter") }
      if indices.isEmpty, own.count == 1 { found += own.map { .whole(directory + $0) } }
      found += indices.map { .whole(directory + $0) }
    }
    var groups: [String: [String]] = [:]
    for name in names {
      guard let stem = shard(name) else { continue }
      let isIndexed = indices.contains { $0.hasPrefix(stem) }
      let isOther = name.hasSuffix(".safetensors") && !found.isEmpty
      if !isIndexed, !isOther { groups[stem, default: []].append(name) }
    }
    found += groups.sorted { $0.key < $1.key }.map { .shards($0.value.map { directory + $0 }) }
    found += singles.filter { $0.hasSuffix(".gguf") }.map { .whole(directory + $0) }
    return found
  }

  /// `model` of `model-00001-of-00003.safetensors`; nil for a name without such numbers.
  static func shard(_ name: String) -> String? {
    let words = name.split(separator: ".", omittingEmptySubsequences: false).dropLast()
      .joined(separator: ".").split(separator: "-", omittingEmptySubsequences: false)
    guard words.count >= 4, words[words.count - 2] == "of", Int(words[words.count - 1]) != nil,
      Int(words[words.count - 3]) != nil
    else { return nil }
    return words.dropLast(3).joined(separator: "-")
  }

  /// How many shards a name claims.
  static func shardCount(_ name: String) -> Int? {
    guard shard(name) != nil else { return nil }
    let stem = name.split(separator: ".", omittingEmptySubsequences: false).dropLast()
      .joined(separator: ".")
    return stem.split(separator: "-").last.flatMap { Int($0) }
  }
}
