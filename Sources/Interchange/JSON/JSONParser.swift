// JSONParser: the grammar of arrays and objects, with its own stack instead of the thread's.
// Strings, numbers and words are read in JSONParser+Scalars.

/// Reads one document.
///
/// A stack of open containers replaces recursion, so depth costs no stack.
struct JSONParser {
  let bytes: [UInt8]
  let limits: JSONLimits
  var index = 0
  private(set) var duplicates: [JSONDuplicate] = []

  private var stack: [OpenContainer] = []
  private var values = 0

  /// An array or an object whose end has not been read yet.
  private struct OpenContainer {
    let start: Int
    let isObject: Bool
    var elements: [JSONNode] = []
    var members: [JSONMember] = []
    var key = ""
    var keyRange = 0..<0
  }

  /// Where reading stands: behind a whole value, or before one.
  private enum Step {
    case value(JSONNode)
    case expectsValue
  }

  init(bytes: [UInt8], limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  mutating func parse() throws(JSONError) -> JSONNode {
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      throw JSONError(
        offset: 0, expected: "a value", found: "a byte order mark",
        help: "save the file as UTF-8 without a byte order mark")
    }
    var step = try readValue()
    while true {
      switch step {
      case .expectsValue: step = try readValue()
      case .value(let node) where stack.isEmpty: return try finish(node)
      case .value(let node): step = try attach(node)
      }
    }
  }

  /// Reads a scalar or an empty container, or opens a container.
  private mutating func readValue() throws(JSONError) -> Step {
    skipSpace()
    try countValue()
    guard index < bytes.count else { throw unexpected("a value") }
    let first = bytes[index]
    guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
      return .value(try readScalar())
    }
    guard stack.count < limits.depth else {
      throw JSONError(
        offset: index, expected: "at most \(limits.depth) nested arrays and objects", found: "more")
    }
    stack.append(OpenContainer(start: index, isObject: first == UInt8(ascii: "{")))
    index += 1
    skipSpace()
    if let closed = close() { return .value(closed) }
    if first == UInt8(ascii: "{") { try readKey("a key or `}`") }
    return .expectsValue
  }

  /// Puts a finished value into the innermost open container, and closes it if it ends here.
  private mutating func attach(_ node: JSONNode) throws(JSONError) -> Step {
    let top = stack.count - 1
    let isObject = stack[top].isObject
    if isObject {
      stack[top].members.append(
        JSONMember(key: stack[top].key, keyRange: stack[top].keyRange, node: node))
    } else {
      stack[top].elements.append(node)
    }
    skipSpace()
    if let closed = close() { return .value(closed) }
    guard index < bytes.count, bytes[index] == UInt8(ascii: ",") else {
      throw unexpected(isObject ? "`,` or `}`" : "`,` or `]`")
    }
    index += 1
    skipSpace()
    if isObject {
      try readKey("a key after the comma")
    } else if index < bytes.count, bytes[index] == UInt8(ascii: "]") {
      throw unexpected("a value after the comma", help: "remove the comma before `]`")
    }
    return .expectsValue
  }

  /// Closes the innermost container when its closing bracket stands here.
  private mutating func close() -> JSONNode? {
    guard let top = stack.last, index < bytes.count,
      bytes[index] == (top.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
    else { return nil }
    stack.removeLast()
    index += 1
    if top.isObject { noteDuplicates(in: top.members) }
    return JSONNode(
      value: top.isObject ? .object(top.members) : .array(top.elements), range: top.start..<index)
  }

  private mutating func readKey(_ expected: String) throws(JSONError) {
    guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else {
      let help: String? =
        if index < bytes.count, bytes[index] == UInt8(ascii: "}") {
          "remove the comma before `}`"
        } else {
          nil
        }
      throw unexpected(expected, help: help)
    }
    try countValue()
    let start = index
    let key = try readString()
    let keyRange = start..<index
    skipSpace()
    guard index < bytes.count, bytes[index] == UInt8(ascii: ":") else {
      throw unexpected("`:` after the key")
    }
    index += 1
    stack[stack.count - 1].key = key
    stack[stack.count - 1].keyRange = keyRange
  }

  private mutating func finish(_ root: JSONNode) throws(JSONError) -> JSONNode {
    skipSpace()
    guard index == bytes.count else { throw unexpected("the end of the text") }
    return root
  }

  /// Keys that Swift calls equal count as one: a dictionary made from them would lose a value.
  private mutating func noteDuplicates(in members: [JSONMember]) {
    guard members.count > 1, !hasDistinctKeys(members) else { return }
    var first: [String: Range<Int>] = [:]
    for member in members {
      if let earlier = first[member.key] {
        duplicates.append(
          JSONDuplicate(key: member.key, first: earlier, second: member.keyRange))
      } else {
        first[member.key] = member.keyRange
      }
    }
  }

  /// Whether the keys of a small object differ, seen without hashing any.
  private func hasDistinctKeys(_ members: [JSONMember]) -> Bool {
    guard members.count <= 64 else { return false }
    for (index, member) in members.enumerated() {
      for other in members[..<index] where other.key == member.key { return false }
    }
    return true
  }

  private mutating func countValue() throws(JSONError) {
    values += 1
    guard values <= limits.values else {
      throw JSONError(
        offset: index, expected: "at most \(limits.values) values and keys", found: "more")
    }
  }

  private mutating func skipSpace() {
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
        index += 1
      default: return
      }
    }
  }
}
