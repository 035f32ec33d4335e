// SourceFile: one text under analysis, and the way from byte offsets to lines and columns.
// Apart from SourceMap so that a reader of one file needs no table of files.

/// One input text with the path it is shown under.
///
/// Offsets are UTF-8 offsets into `bytes`. Only `\n` ends a line; a `\r` before it belongs to the
/// line ending, not to the line.
package struct SourceFile: Hashable, Sendable {
  /// The path as it is shown to the user.
  package let path: String
  /// The whole text.
  package let text: String
  /// The UTF-8 bytes of `text`.
  package let bytes: [UInt8]
  /// The offset at which each line starts; never empty.
  package let lineStarts: [Int]
  /// False for a file of which only the name is known, because it holds no text.
  package let isText: Bool

  /// Indexes the lines of `text` in one pass over its bytes.
  package init(path: String, text: String, isText: Bool = true) {
    self.path = path
    self.text = text
    self.isText = isText
    let bytes = Array(text.utf8)
    self.bytes = bytes
    lineStarts = bytes.withUnsafeBufferPointer { buffer in
      var starts = [0]
      for index in buffer.indices where buffer[index] == UInt8(ascii: "\n") {
        starts.append(index + 1)
      }
      return starts
    }
  }

  /// The 1-based line and column of a UTF-8 offset, in O(log lines + length of the line).
  ///
  /// Columns count Unicode scalars. An offset outside the text is moved to its nearest end, one
  /// inside a scalar to the scalar's start, one inside a line ending to the end of its line.
  package func position(ofUTF8Offset offset: Int) -> (line: Int, column: Int) {
    let line = lineNumber(ofUTF8Offset: offset)
    let content = contentRange(ofLine: line)
    let end = scalarStart(atOrBefore: min(max(offset, content.lowerBound), content.upperBound))
    let column = bytes.withUnsafeBufferPointer { buffer in
      var scalars = 0
      for index in content.lowerBound..<end where buffer[index] & 0xC0 != 0x80 { scalars += 1 }
      return scalars
    }
    return (line, column + 1)
  }

  /// The number of line starts; a text that ends in a newline has an empty last line.
  package var lineCount: Int { lineStarts.count }

  /// The 1-based number of the line that holds a UTF-8 offset, by binary search.
  package func lineNumber(ofUTF8Offset offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while low < high {
      let middle = low + (high - low) / 2
      if lineStarts[middle] <= offset { low = middle + 1 } else { high = middle }
    }
    return max(low, 1)
  }

  /// The offsets of a 1-based line without its line ending; empty for a line that does not exist.
  package func contentRange(ofLine line: Int) -> Range<Int> {
    guard line >= 1, line <= lineStarts.count else { return bytes.count..<bytes.count }
    let start = lineStarts[line - 1]
    guard line < lineStarts.count else { return start..<bytes.count }
    var end = lineStarts[line] - 1
    if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return start..<end
  }

  /// The text of a 1-based line without its line ending; empty for a line that does not exist.
  package func line(_ line: Int) -> String {
    String(decoding: bytes[contentRange(ofLine: line)], as: UTF8.self)
  }

  /// The lines without their endings; a final newline adds no empty line.
  package var lines: [String] {
    let count = lineStarts.last == bytes.count ? lineStarts.count - 1 : lineStarts.count
    return (0..<count).map { line($0 + 1) }
  }

  /// The text between two UTF-8 offsets, clamped to the file.
  package func text(in offsets: Range<Int>) -> String {
    String(decoding: bytes[offsets.clamped(to: 0..<bytes.count)], as: UTF8.self)
  }

  /// The nearest offset at or before `offset` that does not lie inside a scalar.
  package func scalarStart(atOrBefore offset: Int) -> Int {
    var start = min(max(offset, 0), bytes.count)
    while start > 0, start < bytes.count, bytes[start] & 0xC0 == 0x80 { start -= 1 }
    return start
  }
}
