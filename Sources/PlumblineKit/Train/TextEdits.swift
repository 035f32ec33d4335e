// TextEdits: pieces of a model file's text put in the place of others.
// What is written by hand stays as it was written around them.
import Diagnostics

extension SourceRange {
  /// The range in the UTF-8 of its file.
  var offsets: Range<Int> { lower..<upper }
}

extension String {
  /// With some ranges of its UTF-8 replaced; they don't overlap.
  func replacing(_ edits: [(range: Range<Int>, text: String)]) -> String {
    let bytes = Array(utf8)
    var result: [UInt8] = []
    var place = 0
    for edit in edits.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      result += bytes[place..<edit.range.lowerBound]
      result += Array(edit.text.utf8)
      place = edit.range.upperBound
    }
    return String(decoding: result + bytes[place...], as: UTF8.self)
  }
}
