// ModelFamilies: which model file describes which `model_type`.
// The files say so themselves; nothing here names an architecture.
import Architectures
import Foundation
import Language

/// The families that model files describe: those beside a config, then those of the program.
package struct ModelFamilies: Sendable {
  /// A file that describes a family.
  package struct File: Sendable {
    package let text: ModuleLibrary.ImportedText
    /// Whether it is part of the program, as its imports then are.
    package let isEmbedded: Bool
  }

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
    let texts = beside.map { Array($0.text.utf8) } + Architectures.all.map(\.bytes)
    return Set(texts.flatMap(Self.families)).sorted()
  }

  /// The file of a family.
  package func file(of family: String) -> File? {
    for text in beside where Self.families(in: Array(text.text.utf8)).contains(family) {
      return File(text: text, isEmbedded: false)
    }
    // Most files have the name of their family, which spares a search through all of them.
    let usual = Architectures.file(named: family + ".model")
    let found =
      usual.flatMap { Self.families(in: $0.bytes).contains(family) ? $0 : nil }
      ?? Architectures.all.first { Self.families(in: $0.bytes).contains(family) }
    return found.map { file in
      File(
        text: ModuleLibrary.ImportedText(path: file.name, text: file.text), isEmbedded: true)
    }
  }

  /// The families whose `family "…"` stands in a text, read without elaborating anything.
  ///
  /// Works on bytes: as characters, all files of the program would take longer than a check.
  static func families(in bytes: [UInt8]) -> [String] {
    var found: [String] = []
    var index = 0
    while index < bytes.count {
      var start = index
      while start < bytes.count, bytes[start] == UInt8(ascii: " ") { start += 1 }
      if start < bytes.count, bytes[start] == keyword[0], let name = name(in: bytes, from: start) {
        found.append(name)
      }
      index = start
      while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
      index += 1
    }
    return found
  }

  private static let keyword = Array("family".utf8)

  /// The name that a line states which begins with `family`.
  private static func name(in bytes: [UInt8], from start: Int) -> String? {
    var index = start + keyword.count
    guard bytes[start...].starts(with: keyword), index < bytes.count,
      bytes[index] == UInt8(ascii: " ")
    else { return nil }
    while index < bytes.count, bytes[index] == UInt8(ascii: " ") { index += 1 }
    guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { return nil }
    let rest = bytes[(index + 1)...].prefix { $0 != UInt8(ascii: "\n") }
    guard let end = rest.firstIndex(of: UInt8(ascii: "\"")), end > rest.startIndex else {
      return nil
    }
    return String(decoding: rest[..<end], as: UTF8.self)
  }
}
