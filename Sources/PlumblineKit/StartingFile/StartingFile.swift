// StartingFile: a model of the program as a file of the user's own, for `plumbline init`.
// Apart from the inlining, which knows nothing of where files come from or whether it went well.
import Analysis
import Architectures
import Diagnostics
import Language

/// A model file to begin with.
package struct StartingFile: Sendable {
  /// The text, with a heading that says what to do with it.
  package let text: String
  /// Whether every block stands in the file; otherwise it imports files of the program.
  package let isSelfContained: Bool

  /// The names that can be started from, sorted.
  package static var names: [String] { Architectures.all.map { stem($0.name) } }

  /// What can be started from, with the first sentence of each file.
  package static var summaries: [(name: String, summary: String)] {
    Architectures.all.map { (stem($0.name), summary(of: $0.text)) }
  }

  /// Nil when the program has no model of this name, such as `gpt2`.
  package init?(named name: String) {
    guard let file = Architectures.file(named: name + ".model") else { return nil }
    var library = ModuleLibrary(reader: Workspace.embeddedReader)
    let index = library.load(path: file.name, text: file.text)
    let inlined = ModelInliner(library, file: index).text
    isSelfContained = inlined.map { Self.isSame($0, as: library, file: index) } ?? false
    text = Self.heading(name) + "\n" + (isSelfContained ? inlined ?? file.text : file.text)
  }

  private static func stem(_ file: String) -> String { String(file.dropLast(".model".count)) }

  private static func heading(_ name: String) -> String {
    """
    // A copy of `\(name)` to make your own. `plumbline check FILE` proves its shapes, `plumbline count
    // FILE` counts its weights, `plumbline explain linear` opens a layer. Beside a `config.json` that
    // names the family of this file, it is read in place of the one that comes with the tool.

    """
  }

  /// The comment at the head of a file up to its first full stop.
  private static func summary(of text: String) -> String {
    let lines = text.split(separator: "\n").prefix { $0.hasPrefix("//") }
    let words = lines.map { $0.dropFirst(2).drop { $0 == " " } }.joined(separator: " ")
    // A full stop ends a sentence, `et al. 2024` and `1.5` do not.
    var end = words.endIndex
    for index in words.indices where words[index] == "." {
      let next = words.index(after: index)
      let before = words[..<index].split(separator: " ").last ?? ""
      let isEnd = next == words.endIndex || words[next] == " "
      if isEnd, before != "al", before.count > 1 {
        end = index
        break
      }
    }
    return String(words[..<end])
  }

  /// Whether a text without imports describes the same model: fields, tensors and work.
  private static func isSame(_ text: String, as library: ModuleLibrary, file: Int) -> Bool {
    var own = ModuleLibrary(reader: { _, _ in nil })
    let index = own.load(path: "own.model", text: text)
    guard let wanted = ModelPrint(library, file: file) else { return false }
    return ModelPrint(own, file: index) == wanted
  }
}

/// What makes two descriptions of a model the same.
private struct ModelPrint: Equatable {
  private struct Tensor: Equatable {
    let name: String
    let shape: String
    let tiedTo: String?
  }

  private let config: [String]
  private let tensors: [Tensor]
  private let work: Work?

  init?(_ library: ModuleLibrary, file: Int) {
    guard !library.diagnostics.contains(where: { $0.severity == .error }) else { return nil }
    var elaborator = Elaborator(library: library)
    let (model, found) = elaborator.elaborate(file: file)
    guard let program = model?.program, !found.contains(where: { $0.severity == .error }),
      let tensors = try? ParameterLedger(program).tensors()
    else { return nil }
    config = program.config.map { "\($0.name) = \($0.text)" }
    self.tensors = tensors.map {
      Tensor(name: $0.name, shape: $0.declaration.type.description, tiedTo: $0.tiedTo)
    }
    work = program.entry.map { WorkSums(program)[$0] }
  }
}
