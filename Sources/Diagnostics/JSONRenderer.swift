// JSONRenderer: reports as one JSON document with sorted keys.
// Apart from CheckReport because it needs Foundation, which costs start-up time.

import Foundation

/// Renders a report as JSON.
package enum JSONRenderer {
  /// The document, ending in a newline.
  package static func render(_ report: CheckReport) -> String { encode(report) }

  /// The findings of several diagnostics as a JSON array, ending in a newline.
  package static func render(_ diagnostics: [Diagnostic], in sources: SourceMap) -> String {
    encode(diagnostics.map { Finding($0, in: sources) })
  }

  /// Any value as JSON in the house layout, ending in a newline.
  package static func encode(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    } catch {
      // Strings, integers and arrays always encode.
      preconditionFailure("cannot encode \(type(of: value)): \(error)")
    }
  }
}
