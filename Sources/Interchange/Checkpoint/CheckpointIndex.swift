// CheckpointIndex: the `*.index.json` of a sharded checkpoint: which tensor lies in which shard.
// Apart from the checkpoint, which holds it against what the shards really have.

import Diagnostics

/// An index as it was read.
package struct CheckpointIndex: Hashable, Sendable {
  /// One line of `weight_map`.
  package struct Entry: Hashable, Sendable {
    package let tensor: String
    package let shard: String
    /// The bytes of the tensor's name in the index.
    package let place: Range<Int>
  }

  /// The lines whose shard may be opened, in their order.
  package private(set) var entries: [Entry] = []
  /// The shards in the order in which they are first named.
  package private(set) var shards: [String] = []
  /// What `metadata` states as the bytes of all tensors, and where.
  package private(set) var totalSize: (bytes: Int, place: Range<Int>)?
  /// What is wrong with the index itself.
  package private(set) var findings: [CheckpointFinding] = []

  package static func == (left: CheckpointIndex, right: CheckpointIndex) -> Bool {
    left.entries == right.entries && left.findings == right.findings
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(entries) }

  /// Reads the text of an index, which is file `file` of its checkpoint.
  init(_ bytes: [UInt8], file: Int) {
    let document: JSONDocument
    do throws(JSONError) {
      document = try JSONDocument(utf8: bytes)
    } catch {
      findings.append(
        CheckpointFinding(
          "shard-index-invalid", .error, "the index cannot be read: \(error.message)", file: file,
          place: error.offset..<error.offset))
      return
    }
    guard let map = document.root["weight_map"], let members = map.members else {
      let found = document.root["weight_map"]?.kind ?? "none"
      findings.append(
        CheckpointFinding(
          "shard-index-invalid", .error,
          "expected an object `weight_map` of tensors and shards, found \(found)", file: file,
          place: document.root["weight_map"]?.range ?? document.root.range))
      return
    }
    for duplicate in document.duplicates {
      findings.append(
        CheckpointFinding(
          "tensor-declared-twice", .error,
          "the index names `\(duplicate.key)` twice, at byte \(duplicate.first.lowerBound) and at"
            + " \(duplicate.second.lowerBound)",
          file: file, place: duplicate.second, tensor: duplicate.key))
    }
    var known: [String: Bool] = [:]
    var seen: Set<String> = []
    for member in members {
      guard let shard = member.node.string else {
        findings.append(
          CheckpointFinding(
            "shard-index-invalid", .error,
            "expected a file's name as the shard of `\(member.key)`, found \(member.node.kind)",
            file: file, place: member.node.range, tensor: member.key))
        continue
      }
      guard known[shard] ?? Self.staysInside(shard) else {
        if known.updateValue(false, forKey: shard) == nil {
          findings.append(
            CheckpointFinding(
              "shard-index-invalid", .error,
              "the index sends `\(member.key)` to `\(shard)`, which is outside the directory of the"
                + " index",
              file: file, place: member.node.range, tensor: member.key,
              facts: ["nothing outside the directory is opened"]))
        }
        continue
      }
      if known.updateValue(true, forKey: shard) == nil { shards.append(shard) }
      if seen.insert(member.key).inserted {
        entries.append(Entry(tensor: member.key, shard: shard, place: member.keyRange))
      }
    }
    readTotal(document.root["metadata"]?["total_size"], file: file)
  }

  private mutating func readTotal(_ node: JSONNode?, file: Int) {
    guard let node, !node.isNull else { return }
    // Some tools write a whole number with a fraction or an exponent.
    if let total = node.integer ?? node.double.flatMap({ Int(exactly: $0) }), total >= 0 {
      totalSize = (total, node.range)
    } else {
      findings.append(
        CheckpointFinding(
          "shard-index-invalid", .error,
          "expected a number of bytes as `total_size`, found \(node.kind)", file: file,
          place: node.range))
    }
  }

  /// Whether a shard's name leads to a file in the index's own directory or below it.
  static func staysInside(_ name: String) -> Bool {
    !name.isEmpty && !name.hasPrefix("/") && !name.contains("\0") && !name.contains("\\")
      && !name.split(separator: "/", omittingEmptySubsequences: false).contains {
        $0 == ".." || $0 == "." || $0.isEmpty
      }
  }
}
