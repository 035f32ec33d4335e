// JSONKeyScan: the whole numbers of a JSON text with the keys that lead to them, and nothing else.
// Apart from the parser, because a tokenizer's file is long and only its ids are wanted.

/// A reading of JSON that makes no tree: strings are passed over, numbers are told.
struct JSONKeyScan {
  private let bytes: [UInt8]
  private var place = 0
  /// The keys, or positions in arrays, of the values that are open.
  private var path: [String] = []
  /// For each open value, whether it is an object, and the position in it.
  private var open: [(isObject: Bool, next: Int)] = []
  /// Whether the text ended as one value does.
  private(set) var isWhole = false

  /// Deeper values are no values of the files that are read so.
  private static let deepest = 256
  /// Paths are told to this depth.
  private static let told = 4

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Reads all of the text.
  ///
  /// - Parameters:
  ///   - number: told each whole number and the path to it.
  ///   - entered: told the path to each object and array.
  mutating func read(
    number: ([String], Int) -> Void, entered: ([String]) -> Void = { _ in }
  ) {
    while place < bytes.count {
      switch bytes[place] {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard open.count < Self.deepest else { return }
        begin()
        if !open.isEmpty, open.count < Self.told { entered(path) }
        open.append((bytes[place] == UInt8(ascii: "{"), 0))
        place += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        guard !open.isEmpty else { return }
        open.removeLast()
        end()
        place += 1
        if open.isEmpty { isWhole = true }
      case UInt8(ascii: "\""):
        let text = string()
        guard let text else { return }
        if let last = open.last, last.isObject, isKey() {
          path.append(open.count < Self.told ? String(decoding: bytes[text], as: UTF8.self) : "")
        } else {
          begin()
          end()
        }
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
        begin()
        if let value = integer(), open.count < Self.told { number(path, value) }
        end()
      case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"):
        begin()
        while place < bytes.count, (0x61...0x7A).contains(bytes[place]) { place += 1 }
        end()
      default: place += 1
      }
    }
  }

  /// A value begins: in an array its position leads to it.
  private mutating func begin() {
    guard let last = open.last, !last.isObject else { return }
    path.append(open.count < Self.told ? String(last.next) : "")
    open[open.count - 1].next += 1
  }

  private mutating func end() { if !path.isEmpty { path.removeLast() } }

  /// Passes over a string.
  private mutating func string() -> Range<Int>? {
    let start = place + 1
    place = start
    while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
      place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard place < bytes.count else { return nil }
    place += 1
    return start..<place - 1
  }

  /// Whether a colon follows, which is passed over.
  private mutating func isKey() -> Bool {
    var next = place
    while next < bytes.count, " \t\r\n".utf8.contains(bytes[next]) { next += 1 }
    guard next < bytes.count, bytes[next] == UInt8(ascii: ":") else { return false }
    place = next + 1
    return true
  }

  private mutating func integer() -> Int? {
    let start = place
    while place < bytes.count, "+-.eE0123456789".utf8.contains(bytes[place]) { place += 1 }
    return Int(String(decoding: bytes[start..<place], as: UTF8.self))
  }
}
