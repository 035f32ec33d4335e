// ModelFamilies: which embedded model file describes which `model_type`.
// The files say so themselves; nothing here names an architecture.
import Architectures
import Language

/// The families that the embedded model files describe.
package enum ModelFamilies {
  /// The families, sorted.
  package static var names: [String] {
    Array(Set(Architectures.all.flatMap { families(in: $0) })).sorted()
  }

  /// The file of a family.
  package static func file(of family: String) -> EmbeddedModel? {
    Architectures.all.first { families(in: $0).contains(family) }
  }

  /// The families whose `family "…"` stands in a file, read without elaborating anything.
  private static func families(in file: EmbeddedModel) -> [String] {
    file.text.split(separator: "\n").compactMap { line in
      let words = line.split(maxSplits: 1, whereSeparator: \.isWhitespace)
      guard words.count == 2, words[0] == "family", words[1].first == "\"" else { return nil }
      return words[1].dropFirst().split(separator: "\"").first.map(String.init)
    }
  }
}
