// Checkpoint: one set of weights on disk, its headers read and held against each other.
// Apart from the rules that know a model: here a checkpoint is only held against itself.

import Diagnostics

/// One file of a checkpoint.
package struct CheckpointFile: Hashable, Sendable {
  package enum Format: Hashable, Sendable { case safetensors, gguf, index }

  /// The path as it is shown and opened.
  package let path: String
  package let format: Format
  /// The size in bytes; 0 when it could not be opened.
  package var size = 0
  /// The free texts of the header; for a safetensors file `format: pt`.
  package var metadata: [String: String] = [:]

  /// The part of the path after the last slash.
  package var name: String { String(path.split(separator: "/").last ?? "") }
}

/// A set of weights: one file, or shards with or without an index.
package struct Checkpoint: Sendable {
  package private(set) var files: [CheckpointFile] = []
  /// Every tensor once, in the order of the files and of their headers.
  package private(set) var tensors: [CheckpointTensor] = []
  /// Names of tensors that are declared but wrong in themselves.
  package private(set) var damaged: Set<String> = []
  package private(set) var findings: [CheckpointFinding] = []
  package private(set) var index: CheckpointIndex?
  /// The header of the first GGUF file, which says what the model is.
  package private(set) var gguf: GGUFHeader?
  /// Whether something could not be read, so that what is missing may be there.
  package private(set) var isPartial = false
  /// Whether this is one shard of several, asked for by itself.
  package var isOneOfShards = false

  /// How many files hold tensors.
  package var shardCount: Int { files.count { $0.format != .index } }

  /// The first file that holds tensors, for findings about none in particular.
  package var firstOfTensors: Int {
    tensors.first?.file ?? files.firstIndex { $0.format != .index } ?? 0
  }

  /// The bytes of all tensors.
  package var byteCount: Int {
    tensors.reduce(0) { sum, tensor in
      let (total, overflow) = sum.addingReportingOverflow(tensor.bytes.count)
      return overflow ? .max : total
    }
  }

  /// The tensor of a name.
  package func tensor(named name: String) -> CheckpointTensor? {
    places[name].map { tensors[$0] }
  }

  private var places: [String: Int] = [:]

  /// Reads the headers of one file of weights, or of an index and its shards.
  package init(path: String) {
    if path.hasSuffix(".json") {
      readIndex(path)
    } else {
      read(shards: [path], expecting: nil)
    }
  }

  /// Reads the headers of shards that no index lists.
  package init(shards: [String]) { read(shards: shards, expecting: nil) }

  package mutating func add(_ finding: CheckpointFinding) { findings.append(finding) }

  // MARK: Reading

  private mutating func readIndex(_ path: String) {
    files.append(CheckpointFile(path: path, format: .index))
    let bytes: [UInt8]
    do throws(FileFault) {
      var file = try HeaderFile(path: path)
      files[0].size = file.size
      guard file.size <= SafetensorsHeader.maximumLength else {
        isPartial = true
        findings.append(
          CheckpointFinding(
            "shard-index-invalid", .error,
            "the index has \(file.size) bytes, the limit is \(SafetensorsHeader.maximumLength)",
            file: 0))
        return
      }
      bytes = try file.bytes(at: 0, count: file.size) ?? []
    } catch {
      isPartial = true
      findings.append(
        CheckpointFinding("checkpoint-unreadable", .error, error.description, file: 0))
      return
    }
    let index = CheckpointIndex(bytes, file: 0)
    self.index = index
    findings += index.findings
    if !index.findings.isEmpty { isPartial = true }
    let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    read(shards: index.shards.map { directory + $0 }, expecting: index)
    judge(index, directory: directory)
  }

  private mutating func read(shards: [String], expecting index: CheckpointIndex?) {
    for path in shards {
      let number = files.count
      let isGGUF = path.hasSuffix(".gguf")
      files.append(CheckpointFile(path: path, format: isGGUF ? .gguf : .safetensors))
      do throws(FileFault) {
        let file = try HeaderFile(path: path)
        files[number].size = file.size
        if isGGUF {
          readGGUF(file, number)
        } else {
          try readSafetensors(file, number)
        }
      } catch {
        isPartial = true
        fileFault(error, number, index)
      }
    }
  }

  private mutating func fileFault(_ fault: FileFault, _ number: Int, _ index: CheckpointIndex?) {
    guard let index else {
      findings.append(
        CheckpointFinding("checkpoint-unreadable", .error, fault.description, file: number))
      return
    }
    let name = files[number].name
    let tensors = index.entries.filter { files[number].path.hasSuffix($0.shard) }
    let listed = tensors.prefix(3).map { "`\($0.tensor)`" }.joined(separator: ", ")
    let more = tensors.count > 3 ? " and \(tensors.count - 3) more" : ""
    findings.append(
      CheckpointFinding(
        "shard-missing", .error, "the index names `\(name)`, which \(fault.reason)", file: 0,
        place: tensors.first?.place, tensor: tensors.first?.tensor,
        facts: ["it would hold \(listed)\(more)"]))
  }

  private mutating func readSafetensors(
    _ file: consuming HeaderFile, _ number: Int
  ) throws(FileFault) {
    let prefix = try file.bytes(at: 0, count: min(8, file.size)) ?? []
    let length: Int
    do throws(SafetensorsError) {
      length = try SafetensorsHeader.length(from: prefix, fileSize: file.size)
    } catch {
      isPartial = true
      let problem = SafetensorsScan.Problem(error: error, tensor: nil, place: 0..<8)
      findings.append(problem.finding(file: number))
      return
    }
    let json = try file.bytes(at: 8, count: length) ?? []
    let scan = SafetensorsScan(json: json, fileSize: file.size)
    findings += scan.problems.map { $0.finding(file: number) }
    files[number].metadata = scan.metadata
    if scan.entries.isEmpty, !scan.problems.isEmpty { isPartial = true }
    damaged.formUnion(scan.damaged)
    for entry in scan.entries {
      let start = 8 + length + entry.range.lowerBound
      add(
        CheckpointTensor(
          name: entry.name, type: .safetensors(entry.dtype), shape: entry.shape, file: number,
          bytes: start..<start + entry.range.count, place: entry.place))
    }
  }

  private mutating func readGGUF(_ file: consuming HeaderFile, _ number: Int) {
    let (header, problems) = GGUFHeader.scan(file)
    findings += problems.map { $0.finding(file: number) }
    guard let header else {
      isPartial = true
      return
    }
    if gguf == nil { gguf = header }
    damaged.formUnion(header.damaged)
    for tensor in header.tensors {
      let start = header.dataOffset + tensor.range.lowerBound
      add(
        CheckpointTensor(
          name: tensor.name, type: .gguf(tensor.type), shape: tensor.shape, file: number,
          bytes: start..<start + tensor.range.count, place: tensor.offset..<tensor.offset))
    }
  }

  private mutating func add(_ tensor: CheckpointTensor) {
    if let first = places[tensor.name] {
      let other = tensors[first]
      findings.append(
        CheckpointFinding(
          "tensor-in-two-shards", .error,
          "`\(tensor.name)` lies in `\(files[other.file].name)` and in"
            + " `\(files[tensor.file].name)`",
          file: tensor.file, place: tensor.place, tensor: tensor.name,
          facts: other.shape == tensor.shape
            ? ["whichever is read last wins"]
            : ["they are \(other.shape) and \(tensor.shape)"]))
      return
    }
    places[tensor.name] = tensors.count
    tensors.append(tensor)
  }

  // MARK: The index against the shards

  private mutating func judge(_ index: CheckpointIndex, directory: String) {
    var listed: Set<String> = []
    let numbers = Dictionary(
      files.enumerated().map { ($1.path, $0) }, uniquingKeysWith: { first, _ in first })
    let unread = Set(findings.filter { $0.diagnostic.id == "checkpoint-unreadable" }.map(\.file))
    let absent = Set(files.indices.filter { files[$0].size == 0 })
    for entry in index.entries {
      listed.insert(entry.tensor)
      guard let number = numbers[directory + entry.shard], !absent.contains(number),
        !unread.contains(number)
      else { continue }
      let found = tensor(named: entry.tensor)
      if found?.file == number || damaged.contains(entry.tensor) { continue }
      // A tensor that lies in two shards was told already.
      let really = found.map { "it lies in `\(files[$0.file].name)`" } ?? "no shard has it"
      findings.append(
        CheckpointFinding(
          "shard-lacks-tensor", .error,
          "the index sends `\(entry.tensor)` to `\(entry.shard)`, which has no such tensor",
          file: 0, place: entry.place, tensor: entry.tensor, facts: [really]))
    }
    for tensor in tensors where !listed.contains(tensor.name) {
      findings.append(
        CheckpointFinding(
          "shard-index-lacks-tensor", .error,
          "`\(tensor.name)` lies in `\(files[tensor.file].name)`, but the index doesn't name it",
          file: tensor.file, place: tensor.place, tensor: tensor.name,
          facts: ["readers that go by the index leave it out"]))
    }
    if let total = index.totalSize, !isPartial, damaged.isEmpty, total.bytes != byteCount {
      findings.append(
        CheckpointFinding(
          "shard-total-differs", .warning,
          "the index states \(total.bytes) bytes as `total_size`, the shards hold \(byteCount)",
          file: 0, place: total.place))
    }
  }
}
