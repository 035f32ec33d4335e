// SafetensorsError: every way in which a weights file can be wrong, with its tensor and numbers.
// Apart from reader and writer, which share it.

import Diagnostics

/// Why a weights file cannot be read or written.
package enum SafetensorsError: Error, Hashable, Sendable {
  // The frame of the file.
  case fileTooShort(bytes: Int)
  case headerTooLarge(length: UInt64, limit: Int)
  case headerBeyondFile(length: UInt64, available: Int)
  /// Offsets of the JSON error count from the start of the file.
  case malformedHeader(JSONError)
  case headerNotObject(found: String)
  case duplicateName(name: String, first: Range<Int>, second: Range<Int>)
  case metadataNotText(key: String?, found: String)
  // One tensor's entry.
  case missingField(tensor: String, field: String)
  case wrongField(tensor: String, field: String, expected: String, found: String)
  case unknownType(tensor: String, found: String)
  case badDimension(tensor: String, axis: Int, found: String)
  case shapeTooLarge(tensor: String, shape: [Int])
  case reversedOffsets(tensor: String, begin: Int, end: Int)
  case offsetsBeyondData(tensor: String, end: Int, available: Int)
  case sizeMismatch(
    tensor: String, dtype: SafetensorsType, shape: [Int], expected: Int?, found: Int)
  // The tensors together.
  case overlap(tensor: String, begin: Int, other: String, otherEnd: Int)
  case hole(before: String, from: Int, to: Int)
  case trailingBytes(count: Int, after: Int)
  // Values.
  case noSuchTensor(name: String)
  case unsupportedType(tensor: String, dtype: SafetensorsType)
  case notRepresentable(tensor: String, element: Int, value: String, as: String)
  case valueCountMismatch(tensor: String, shape: [Int], found: Int)
  // The file system.
  case file(path: String, reason: String)
}

extension SafetensorsError: CustomStringConvertible {
  /// One fact, lower case, both sides named.
  package var description: String {
    switch self {
    case .fileTooShort(let bytes):
      return "expected at least 8 bytes for the length of the header, found \(bytes)"
    case .headerTooLarge(let length, let limit):
      return "the header claims \(length) bytes, the limit is \(limit)"
    case .headerBeyondFile(let length, let available):
      return "the header claims \(length) bytes, the file has \(available) after its length"
    case .malformedHeader(let error):
      return "the header cannot be read: \(error)"
    case .headerNotObject(let found):
      return "expected a header that starts with `{`, found \(found)"
    case .duplicateName(let name, let first, let second):
      return
        "\(quoted(name)) is given twice, at byte \(first.lowerBound) and at \(second.lowerBound)"
    case .metadataNotText(let key, let found):
      let place = key.map { "__metadata__ \(quoted($0))" } ?? "__metadata__"
      let expected = key == nil ? "an object" : "a text"
      return "expected \(expected) as \(place), found \(found)"
    case .missingField(let tensor, let field):
      return "tensor \(quoted(tensor)) has no `\(field)`"
    case .wrongField(let tensor, let field, let expected, let found):
      return "expected \(expected) as `\(field)` of tensor \(quoted(tensor)), found \(found)"
    case .unknownType(let tensor, let found):
      return "tensor \(quoted(tensor)) has the unknown dtype \(quoted(found))"
    case .badDimension(let tensor, let axis, let found):
      return
        "expected a non-negative integer as axis \(axis) of tensor \(quoted(tensor)), found \(found)"
    case .shapeTooLarge(let tensor, let shape):
      return
        "shape \(listed(shape)) of tensor \(quoted(tensor)) has more elements than can be counted"
    case .reversedOffsets(let tensor, let begin, let end):
      return "tensor \(quoted(tensor)) begins at \(begin) and ends before that, at \(end)"
    case .offsetsBeyondData(let tensor, let end, let available):
      return "tensor \(quoted(tensor)) ends at \(end), the file holds \(available) bytes of data"
    case .sizeMismatch(let tensor, let dtype, let shape, let expected, let found):
      let needed = expected.map { "\($0) bytes" } ?? "no whole number of bytes"
      return
        "tensor \(quoted(tensor)), \(dtype.rawValue) \(listed(shape)), takes \(needed), its offsets span \(found)"
    case .overlap(let tensor, let begin, let other, let otherEnd):
      return
        "tensor \(quoted(tensor)) begins at \(begin), inside \(quoted(other)), which ends at \(otherEnd)"
    case .hole(let before, let from, let to):
      return "no tensor covers the bytes \(from)..<\(to) before \(quoted(before))"
    case .trailingBytes(let count, let after):
      return "\(count) bytes follow the end of the last tensor at \(after)"
    case .noSuchTensor(let name):
      return "the file holds no tensor \(quoted(name))"
    case .unsupportedType(let tensor, let dtype):
      return "the values of tensor \(quoted(tensor)) are \(dtype.rawValue), which cannot be read"
    case .notRepresentable(let tensor, let element, let value, let target):
      return
        "element \(element) of tensor \(quoted(tensor)) is \(value), which \(target) cannot hold"
    case .valueCountMismatch(let tensor, let shape, let found):
      return "tensor \(quoted(tensor)) has shape \(listed(shape)) but \(found) values"
    case .file(let path, let reason):
      return "\(path): \(reason)"
    }
  }

  /// The tensor that is wrong, when one is.
  package var tensor: String? {
    switch self {
    case .missingField(let tensor, _), .wrongField(let tensor, _, _, _),
      .unknownType(let tensor, _), .badDimension(let tensor, _, _), .shapeTooLarge(let tensor, _),
      .reversedOffsets(let tensor, _, _), .offsetsBeyondData(let tensor, _, _),
      .sizeMismatch(let tensor, _, _, _, _), .overlap(let tensor, _, _, _),
      .unsupportedType(let tensor, _), .notRepresentable(let tensor, _, _, _),
      .valueCountMismatch(let tensor, _, _):
      tensor
    case .hole(let tensor, _, _), .duplicateName(let tensor, _, _), .noSuchTensor(let tensor):
      tensor
    default: nil
    }
  }

  /// The error as a diagnostic; a place exists only in texts, and this file is none.
  package var diagnostic: Diagnostic {
    if case .file = self { return Diagnostic(id: "unreadable-file", message: description) }
    return Diagnostic(id: "invalid-safetensors", message: description)
  }

  private func quoted(_ name: String) -> String {
    name.utf8.count > 200 ? "`\(name.prefix(200))…`" : "`\(name)`"
  }

  private func listed(_ shape: [Int]) -> String {
    shape.count > 16
      ? "[\(shape.prefix(16).map(String.init).joined(separator: ", ")), …]" : "\(shape)"
  }
}
