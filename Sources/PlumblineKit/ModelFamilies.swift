// ModelFamilies: which model file describes which `model_type`.
// The files say so themselves; nothing here names an architecture.
import Architectures
import Foundation
import Language

/// The families that model files describe: those beside a config, then those of the program.
package struct ModelFamilies: Sendable {
  /// More files than anybody puts beside a config.
  private static let mostFiles = 64

  private let beside: [ModuleLibrary.ImportedText]

  /// Looks for model files in the directory of a config, so that a new family needs only a file.
  package init(besideConfig path: String) {
    let directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    let listed = try? FileManager.default.contentsOfDirectory(
      atPath: directory.isEmpty ? "." : directory)
    let names = (listed ?? []).filter { $0.hasSuffix(".model") }.sorted()
    beside = names.prefix(Self.mostFiles).compactMap { name in
      guard let text = try? Workspace.read(directory + name) else { return nil }
      return ModuleLibrary.ImportedText(path: directory + name, text: text)
    }
  }

  /// The families, sorted.
  package var names: [String] {
    let texts = beside.map(\.text) + Architectures.all.map(\.text)
    return Set(texts.flatMap(Self.families)).sorted()
  }

  /// The file of a family.
  package func file(of family: String) -> ModuleLibrary.ImportedText? {
    if let own = beside.first(where: { Self.families(in: $0.text).contains(family) }) { return own }
    return Architectures.all.first { Self.families(in: $0.text).contains(family) }
      .map { ModuleLibrary.ImportedText(path: $0.name, text: $0.text) }
  }

  /// The families whose `family "…"` stands in a text, read without elaborating anything.
  private static func families(in text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      let words = line.split(maxSplits: 1, whereSeparator: \.isWhitespace)
      guard words.count == 2, words[0] == "family", words[1].first == "\"" else { return nil }
      return words[1].dropFirst().split(separator: "\"").first.map(String.init)
    }
  }
}
