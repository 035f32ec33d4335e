// ReportEncoder: how every report of this room becomes JSON.
// One place, so that keys, layout and numbers that JSON lacks are the same in all of them.
import Foundation

extension JSONEncoder {
  /// Keys in snake case and in order; a number that is not finite, as a log may hold, becomes a text.
  static var report: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return encoder
  }
}
