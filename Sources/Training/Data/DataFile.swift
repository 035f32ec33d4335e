// DataFile: opening a file of data, and telling text from what is none.
// Shared by texts and token files, which are each told when they are given as the other.
import Diagnostics
import Interchange

enum DataFile {
  /// Maps a file.
  ///
  /// - Throws: ``DataFault`` when it can't be read.
  static func map(_ path: String) throws(DataFault) -> MappedFile {
    do throws(SafetensorsError) {
      return try MappedFile(path: path)
    } catch {
      guard case .file(_, let reason) = error else {
        preconditionFailure("mapping \(path) failed for \(error)")
      }
      throw DataFault(
        id: "unreadable-file", "\(path) \(reason)",
        help: "give a text, a file of ids (.bin), or a directory with train.bin or train.txt")
    }
  }

  /// Whether a file begins as a text does: UTF-8 without control characters, enough of it to be no
  /// accident.
  static func isText(_ file: borrowing MappedFile) -> Bool {
    let bytes = file.bytes(0..<min(file.count, 4096))
    guard bytes.count >= 16,
      bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) })
    else { return false }
    // The last character may have been cut where we stopped to look.
    return offsetOfFault(in: bytes) >= bytes.count - (bytes.count < file.count ? 3 : 0)
  }

  /// The first characters, fit to be printed.
  static func beginning(of file: borrowing MappedFile) -> String {
    let bytes = file.bytes(0..<min(file.count, 40))
    let text = String(decoding: bytes, as: UTF8.self)
    return DisplayText.safe(text) + (file.count > 40 ? "…" : "")
  }

  /// Reads a text.
  ///
  /// - Throws: ``DataFault`` when it can't be read, is empty or is no text.
  static func text(_ path: String) throws(DataFault) -> String {
    let file = try map(path)
    try refuseEmpty(file)
    let bytes = file.bytes(0..<file.count)
    let zero = bytes.firstIndex(of: 0)
    guard zero == nil, let text = String(validating: bytes, as: UTF8.self) else {
      throw notText(path, at: zero ?? offsetOfFault(in: bytes), of: file.count, zero != nil)
    }
    // A byte-order mark says how the text is stored, and is none of its characters.
    guard text.unicodeScalars.first == "\u{FEFF}" else { return text }
    let rest = String(text.unicodeScalars.dropFirst())
    guard !rest.isEmpty else { throw empty(path) }
    return rest
  }

  /// The bytes of a file.
  ///
  /// - Throws: ``DataFault`` when it can't be read or is empty.
  static func bytes(_ path: String) throws(DataFault) -> [UInt8] {
    let file = try map(path)
    try refuseEmpty(file)
    return Array(file.bytes(0..<file.count))
  }

  private static func refuseEmpty(_ file: borrowing MappedFile) throws(DataFault) {
    guard file.count == 0 else { return }
    throw empty(file.path)
  }

  private static func empty(_ path: String) -> DataFault {
    DataFault(
      id: "data-empty", "\(path) is empty: expected a text, found none",
      help: "give another file")
  }

  private static func notText(
    _ path: String, at offset: Int, of count: Int, _ isZero: Bool
  ) -> DataFault {
    DataFault(
      id: "data-not-text",
      "\(path) is no text: " + (isZero ? "a zero byte" : "no UTF-8")
        + " at byte \(DataFault.grouped(offset)) of \(DataFault.grouped(count))",
      help: "read ids with `--data-format tokens`, or bytes as they are with `--level byte`")
  }

  /// Where the bytes stop to be UTF-8.
  private static func offsetOfFault(in bytes: UnsafeRawBufferPointer) -> Int {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var offset = 0
    while case .scalarValue(let scalar) = decoder.decode(&iterator) {
      offset += UTF8.width(scalar)
    }
    return offset
  }
}
