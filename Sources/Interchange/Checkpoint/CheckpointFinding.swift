// CheckpointFinding: something wrong with a checkpoint, and the bytes of the file where it shows.
// Apart from Diagnostic, whose places are in texts: a weights file is none.

import Diagnostics

/// A finding about a checkpoint.
package struct CheckpointFinding: Hashable, Sendable {
  /// The finding without its place in the file; notes and fixes may point into a config.
  package var diagnostic: Diagnostic
  /// Which file of the checkpoint.
  package var file: Int
  /// The bytes of that file, when some can be named.
  package var place: Range<Int>?
  /// The tensor that it is about, when it is about one.
  package var tensor: String?

  package init(
    _ id: String, _ severity: Severity = .error, _ message: String, file: Int,
    place: Range<Int>? = nil, tensor: String? = nil, facts: [String] = [], notes: [Note] = [],
    fixes: [FixIt] = []
  ) {
    diagnostic = Diagnostic(
      id: id, severity: severity, message: message, facts: facts.map { Fact.line($0) },
      notes: notes, fixes: fixes)
    self.file = file
    self.place = place
    self.tensor = tensor
  }
}

extension SafetensorsScan.Problem {
  /// The problem as a finding about a file.
  func finding(file: Int) -> CheckpointFinding {
    CheckpointFinding(
      id, .error, error.description, file: file, place: place, tensor: tensor, facts: facts)
  }

  private var id: String {
    switch error {
    case .fileTooShort, .headerTooLarge, .headerBeyondFile, .malformedHeader, .headerNotObject,
      .file:
      "checkpoint-unreadable"
    case .duplicateName: "tensor-declared-twice"
    case .metadataNotText: "checkpoint-metadata-invalid"
    case .unknownType, .unsupportedType: "tensor-type-unknown"
    case .shapeTooLarge, .sizeMismatch, .valueCountMismatch, .notRepresentable:
      "tensor-size-differs"
    case .reversedOffsets, .offsetsBeyondData: "tensor-outside-file"
    case .overlap: "tensors-overlap"
    case .hole, .trailingBytes: "checkpoint-bytes-unused"
    case .missingField, .wrongField, .badDimension, .noSuchTensor: "tensor-entry-invalid"
    }
  }

  private var facts: [String] {
    switch error {
    case .duplicateName(let name, _, _) where tensor != name:
      ["it stands in the entry of `\(tensor ?? "")`"]
    case .duplicateName: ["usual readers take one of the two and don't say which"]
    case .offsetsBeyondData:
      ["a file that ends early was often not copied or fetched to its end"]
    case .unknownType:
      ["known: " + SafetensorsType.allCases.map(\.rawValue).joined(separator: ", ")]
    case .sizeMismatch(_, _, let shape, let expected?, let found) where expected != found:
      Self.reading(shape, bytes: found).map { ["\(found) bytes would be \($0)"] } ?? []
    default: []
    }
  }

  /// What the bytes could be, if not the declared type.
  private static func reading(_ shape: [Int], bytes: Int) -> String? {
    let fitting = [SafetensorsType.f32, .f16, .f64, .u8].first { $0.byteCount(of: shape) == bytes }
    return fitting.map { "\($0.rawValue) \(shape)" }
  }
}

extension GGUFError {
  /// The error as a finding about a file.
  func finding(file: Int) -> CheckpointFinding {
    CheckpointFinding(
      id, .error, description, file: file, place: offset.map { $0..<$0 }, tensor: tensor)
  }

  private var id: String {
    switch self {
    case .wrongMagic, .otherByteOrder, .unsupportedVersion, .endsEarly, .countBeyondFile,
      .tooManyEntries, .headerTooLong, .nestedTooDeep, .badAlignment, .unknownValueType, .file:
      "checkpoint-unreadable"
    case .duplicateKey, .notTruthValue: "checkpoint-metadata-invalid"
    case .duplicateName: "tensor-declared-twice"
    case .unknownType: "tensor-type-unknown"
    case .tooManyAxes, .badDimension, .notText: "tensor-entry-invalid"
    case .shapeTooLarge, .partialBlock: "tensor-size-differs"
    case .misaligned, .beyondFile: "tensor-outside-file"
    case .overlap: "tensors-overlap"
    case .hole, .trailingBytes: "checkpoint-bytes-unused"
    }
  }
}
