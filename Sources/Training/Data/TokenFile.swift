// TokenFile: ids as nanoGPT stores them, a raw little-endian file without a header, mapped.
// Apart from the corpus, because here alone bytes become numbers.
import Diagnostics
import Interchange

/// How many bytes each id has.
package enum TokenWidth: String, Hashable, Sendable, CaseIterable {
  case uint16
  case uint32

  package var bytes: Int { self == .uint16 ? 2 : 4 }

  var other: TokenWidth { self == .uint16 ? .uint32 : .uint16 }
}

/// A mapped file of ids, read where it lies.
///
/// A class, because both splits of a corpus and every sampler of them share one mapping.
package final class TokenFile: Sendable {
  package let path: String
  package let width: TokenWidth
  /// How many ids there are.
  package let count: Int
  private let file: MappedFile

  /// Maps a file.
  ///
  /// - Parameters:
  ///   - path: a file of ids.
  ///   - width: the bytes of an id; what the vocabulary asks for when `nil`, or two.
  ///   - vocabulary: how many ids the model knows.
  /// - Throws: ``DataFault`` when it can't be read or is no file of ids.
  package init(path: String, width: TokenWidth?, vocabulary: Int?) throws(DataFault) {
    file = try DataFile.map(path)
    self.path = path
    let needsWide = (vocabulary ?? 0) > 65_536
    self.width = width ?? (needsWide ? .uint32 : .uint16)
    count = file.count / self.width.bytes
    guard file.count > 0 else {
      throw DataFault(
        id: "data-empty", "\(path) is empty: expected ids of \(self.width.bytes) bytes, found none",
        help: "write the tokens again, or give another file")
    }
    if DataFile.isText(file) {
      throw DataFault(
        id: "data-not-tokens", "\(path) is a text: expected ids of \(self.width.bytes) bytes",
        facts: ["it begins with `\(DataFile.beginning(of: file))`"],
        help: "read it as text with `--data-format text`, or give the file of its tokens")
    }
    guard file.count % self.width.bytes == 0 else {
      throw DataFault(
        id: "data-partial-token",
        "\(path) ends in the middle of a token: expected a multiple of \(self.width.bytes) bytes,"
          + " found \(DataFault.grouped(file.count))",
        facts: ["\(DataFault.tokens(count)) of \(self.width.rawValue) are whole"],
        help: "copy the file again: it was cut off, or holds something else than ids")
    }
    if needsWide, width == .uint16 {
      throw DataFault(
        id: "token-width-too-narrow",
        "uint16 has room for 65,536 ids, but the vocabulary has"
          + " \(DataFault.grouped(vocabulary ?? 0))",
        facts: ["the higher ids of \(path) were cut when it was written"],
        help: "write the file with uint32 and say `--tokens uint32`")
    }
    if width == nil, !needsWide, looksWide {
      throw DataFault(
        id: "data-not-tokens",
        "\(path) is read as uint16, but every second id is 0, as in a file of uint32",
        help: "say `--tokens uint32`, or `--tokens uint16` when the zeros are meant")
    }
  }

  /// Whether the upper halves of all ids of four bytes are zero, and not all the lower ones.
  private var looksWide: Bool {
    let pairs = min(file.count / 4, 4096)
    guard pairs >= 32, file.count % 4 == 0 else { return false }
    let bytes = file.bytes(0..<pairs * 4)
    var lower: UInt16 = 0
    for pair in 0..<pairs {
      lower |= bytes.loadUnaligned(fromByteOffset: pair * 4, as: UInt16.self)
      guard bytes.loadUnaligned(fromByteOffset: pair * 4 + 2, as: UInt16.self) == 0 else {
        return false
      }
    }
    return lower != 0
  }

  /// An id by its position.
  package subscript(position: Int) -> Int {
    let bytes = file.bytes(position * width.bytes..<(position + 1) * width.bytes)
    return switch width {
    case .uint16: Int(UInt16(littleEndian: bytes.loadUnaligned(as: UInt16.self)))
    case .uint32: Int(UInt32(littleEndian: bytes.loadUnaligned(as: UInt32.self)))
    }
  }

  /// Appends ids; one beyond 31 bits, which no vocabulary has, becomes -1, as does what was cut off
  /// the file since it was opened.
  func append(_ range: Range<Int>, to ids: inout [Int32]) {
    switch width {
    case .uint16: append(range, as: UInt16.self, to: &ids)
    case .uint32: append(range, as: UInt32.self, to: &ids)
    }
  }

  private func append<Identifier: FixedWidthInteger & UnsignedInteger>(
    _ range: Range<Int>, as: Identifier.Type, to ids: inout [Int32]
  ) {
    var stored = [Identifier](repeating: 0, count: range.count)
    let isRead = read(range, into: &stored)
    for id in stored {
      ids.append(isRead ? Int32(exactly: Identifier(littleEndian: id)) ?? -1 : -1)
    }
  }

  /// The position of the first id that is not below a limit.
  package func firstPosition(notBelow limit: Int) -> Int? {
    switch width {
    case .uint16: first(notBelow: limit, as: UInt16.self)
    case .uint32: first(notBelow: limit, as: UInt32.self)
    }
  }

  /// The highest id of every few thousand against the limit, and a closer look where it is beyond.
  ///
  /// A plain loop over plain numbers: the compiler makes vectors of it, and of SIMD types that are
  /// generic it does not. The file is read rather than touched where it is mapped, so that the
  /// pages of a large one do not fill the memory of the process.
  @inline(__always)
  private func first<Identifier: FixedWidthInteger & UnsignedInteger>(
    notBelow limit: Int, as: Identifier.Type
  ) -> Int? {
    guard limit > 0 else { return count > 0 ? 0 : nil }
    guard let highest = Identifier(exactly: limit - 1) else { return nil }
    var piece = [Identifier](repeating: 0, count: min(count, 1 << 18))
    var start = 0
    while start < count {
      let wanted = min(piece.count, count - start)
      // A file that was cut shorter meanwhile has no ids there.
      guard read(start..<start + wanted, into: &piece) else { return start }
      var first = 0
      while first < wanted {
        let end = min(first + 4096, wanted)
        var most: Identifier = 0
        for place in first..<end { most = max(most, Identifier(littleEndian: piece[place])) }
        if most > highest {
          return (first..<end).first { Identifier(littleEndian: piece[$0]) > highest }
            .map { start + $0 }
        }
        first = end
      }
      start += wanted
    }
    return nil
  }

  /// Reads stored ids; false when the file does not have them any more.
  private func read<Identifier: FixedWidthInteger>(
    _ range: Range<Int>, into ids: inout [Identifier]
  ) -> Bool {
    let size = MemoryLayout<Identifier>.size
    return ids.withUnsafeMutableBytes { bytes in
      file.read(
        UnsafeMutableRawBufferPointer(rebasing: bytes[..<(range.count * size)]),
        at: range.lowerBound * size)
    }
  }
}
