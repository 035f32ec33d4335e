// SafetensorsScan: everything that is wrong with a header, each thing with its tensor and its bytes.
// Apart from SafetensorsHeader, which exists only when nothing is.

import Diagnostics

/// What a header says, as far as it can be read, and what is wrong with it.
package struct SafetensorsScan: Sendable {
  /// One thing that is wrong.
  package struct Problem: Hashable, Sendable {
    package let error: SafetensorsError
    /// The tensor that it concerns.
    package let tensor: String?
    /// The bytes of the file at which it shows.
    package let place: Range<Int>
  }

  /// The sound tensors, in the order of the header.
  package private(set) var entries: [SafetensorsEntry] = []
  /// Names of tensors that are there but wrong in themselves.
  package private(set) var damaged: Set<String> = []
  package private(set) var metadata: [String: String] = [:]
  package private(set) var problems: [Problem] = []
  /// The bytes that the file has behind the header.
  private let dataSize: Int
  /// The bytes that tensors claim, right or wrong in other ways.
  private var claims: [(name: String, range: Range<Int>, place: Range<Int>)] = []
  /// Whether some tensor claims no bytes that can be told, so that gaps may be its.
  private var claimsAreUnknown = false

  /// Reads the JSON behind the length.
  package init(json: [UInt8], fileSize: Int) {
    dataSize = fileSize - 8 - json.count
    guard json.first == UInt8(ascii: "{") else {
      let found = json.first.map { "`\(DisplayText.safe(String(UnicodeScalar($0))))`" }
      note(.headerNotObject(found: found ?? "nothing"), at: 8..<8)
      return
    }
    let document: JSONDocument
    do throws(JSONError) {
      document = try JSONDocument(utf8: json)
    } catch {
      let offset = error.offset + 8
      note(
        .malformedHeader(
          JSONError(
            offset: offset, expected: error.expected, found: error.found, help: error.help)),
        at: offset..<offset)
      return
    }
    guard let members = document.root.members else {
      preconditionFailure("a document that starts with a brace is \(document.root.kind)")
    }
    for duplicate in document.duplicates {
      let (first, second) = (Self.inFile(duplicate.first), Self.inFile(duplicate.second))
      let owner = members.first { $0.node.range.contains(duplicate.second.lowerBound) }
      note(
        .duplicateName(name: duplicate.key, first: first, second: second), at: second,
        tensor: owner?.key ?? duplicate.key)
    }
    var seen: Set<String> = []
    for member in members {
      if member.key == "__metadata__" {
        readMetadata(member.node)
      } else {
        // Readers take one of two; which one is not for us to say, so neither makes the other worse.
        let isFirst = seen.insert(member.key).inserted
        read(member, isFirst: isFirst)
      }
    }
    judgeCover()
  }

  private static func inFile(_ range: Range<Int>) -> Range<Int> {
    range.lowerBound + 8..<range.upperBound + 8
  }

  private mutating func note(
    _ error: SafetensorsError, at place: Range<Int>, tensor: String? = nil
  ) {
    problems.append(Problem(error: error, tensor: tensor ?? error.tensor, place: place))
  }

  private mutating func readMetadata(_ node: JSONNode) {
    guard let members = node.members else {
      return note(.metadataNotText(key: nil, found: node.kind), at: Self.inFile(node.range))
    }
    for member in members {
      if let text = member.node.string {
        metadata[member.key] = text
      } else {
        note(
          .metadataNotText(key: member.key, found: member.node.kind),
          at: Self.inFile(member.node.range))
      }
    }
  }

  private mutating func read(_ member: JSONMember, isFirst: Bool) {
    let place = Self.inFile(member.keyRange)
    var claim: Range<Int>?
    do throws(SafetensorsError) {
      let entry = try Self.entry(member, dataSize: dataSize, claim: &claim)
      if isFirst { entries.append(entry) }
    } catch {
      note(error, at: place)
      if isFirst { damaged.insert(member.key) }
    }
    if let claim {
      // A name that is given twice has been told already, unless each means other bytes.
      let isRepeat = !isFirst && claims.contains { $0.name == member.key && $0.range == claim }
      if !isRepeat { claims.append((member.key, claim, place)) }
    } else {
      claimsAreUnknown = true
    }
  }

  /// Reads an entry; `claim` is set as soon as its bytes are known to lie in the file.
  private static func entry(
    _ member: JSONMember, dataSize: Int, claim: inout Range<Int>?
  ) throws(SafetensorsError) -> SafetensorsEntry {
    let (name, node) = (member.key, member.node)
    guard node.members != nil else {
      throw .wrongField(
        tensor: name, field: "entry", expected: "an object", found: node.kind)
    }
    let typeName = try field("dtype", of: name, node, "a text") { $0.string }
    guard let dtype = SafetensorsType(rawValue: typeName) else {
      if let read = try? readOffsets(name, node), read.begin <= read.end, read.end <= dataSize {
        claim = read.begin..<read.end
      }
      throw .unknownType(tensor: name, found: typeName)
    }
    var shape: [Int] = []
    let dimensions = try field("shape", of: name, node, "an array") { $0.elements }
    for (axis, dimension) in dimensions.enumerated() {
      guard let size = dimension.integer, size >= 0 else {
        throw .badDimension(tensor: name, axis: axis, found: dimension.kind)
      }
      shape.append(size)
    }
    let offsets = try readOffsets(name, node)
    guard offsets.begin <= offsets.end else {
      throw .reversedOffsets(tensor: name, begin: offsets.begin, end: offsets.end)
    }
    guard offsets.end <= dataSize else {
      throw .offsetsBeyondData(tensor: name, end: offsets.end, available: dataSize)
    }
    claim = offsets.begin..<offsets.end
    guard let elements = SafetensorsEntry.elementCount(of: shape),
      !elements.multipliedReportingOverflow(by: dtype.bits).overflow
    else { throw .shapeTooLarge(tensor: name, shape: shape) }
    let expected = dtype.byteCount(of: shape)
    guard expected == offsets.end - offsets.begin else {
      throw .sizeMismatch(
        tensor: name, dtype: dtype, shape: shape, expected: expected,
        found: offsets.end - offsets.begin)
    }
    return SafetensorsEntry(
      name: name, dtype: dtype, shape: shape, range: offsets.begin..<offsets.end,
      place: inFile(member.keyRange))
  }

  private static func readOffsets(
    _ name: String, _ node: JSONNode
  ) throws(SafetensorsError) -> (begin: Int, end: Int) {
    let offsets = try field("data_offsets", of: name, node, "an array") { $0.elements }
    guard offsets.count == 2 else {
      throw .wrongField(
        tensor: name, field: "data_offsets", expected: "two offsets", found: "\(offsets.count)")
    }
    return (try offset(offsets[0], of: name), try offset(offsets[1], of: name))
  }

  private static func field<Value>(
    _ field: String, of tensor: String, _ node: JSONNode, _ expected: String,
    _ read: (JSONNode) -> Value?
  ) throws(SafetensorsError) -> Value {
    guard let found = node[field] else { throw .missingField(tensor: tensor, field: field) }
    guard let value = read(found) else {
      throw .wrongField(tensor: tensor, field: field, expected: expected, found: found.kind)
    }
    return value
  }

  private static func offset(
    _ node: JSONNode, of tensor: String
  ) throws(SafetensorsError) -> Int {
    guard let offset = node.integer, offset >= 0 else {
      throw .wrongField(
        tensor: tensor, field: "data_offsets", expected: "a non-negative integer",
        found: node.kind)
    }
    return offset
  }

  /// Checks that the tensors, in the order of their data, cover it exactly once.
  private mutating func judgeCover() {
    let ordered = claims.sorted {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }
    var covered = 0
    var previous = ""
    for claim in ordered {
      let begin = claim.range.lowerBound
      if begin < covered {
        note(
          .overlap(tensor: claim.name, begin: begin, other: previous, otherEnd: covered),
          at: claim.place)
      } else if begin > covered, !claimsAreUnknown {
        note(.hole(before: claim.name, from: covered, to: begin), at: claim.place)
      }
      if claim.range.upperBound >= covered {
        covered = claim.range.upperBound
        previous = claim.name
      }
    }
    if covered < dataSize, !claimsAreUnknown {
      note(.trailingBytes(count: dataSize - covered, after: covered), at: 8..<8)
    }
  }
}
