// DeclarationPage: what `explain` says of a block, an adapter or a model.
// Its documentation is the comment above it, its source the text that the elaborator reads.
import Diagnostics
import Language

/// The explanation of a declaration.
struct DeclarationPage {
  private let kind: String
  private let declaration: Declaration
  private let name: Name
  private let sources: SourceMap

  /// Nil for imports and training sections, which have no name of their own.
  init?(_ reference: DeclarationReference, in library: ModuleLibrary) {
    declaration = library[reference]
    guard let name = declaration.name else { return nil }
    self.name = name
    sources = library.sources
    switch declaration {
    case .block: kind = "block"
    case .adapter: kind = "adapter"
    case .model: kind = "model"
    case .importFile, .train: return nil
    }
  }

  var text: String {
    let file = sources.file(declaration.range.source)
    let line = file?.lineNumber(ofUTF8Offset: declaration.range.lower) ?? 1
    var lines = ["\(kind) \(name.text)  (\(file?.path ?? ""):\(line))"]
    lines += declaration.documentation.map { "  " + $0 }
    if readsConfig {
      lines += ["", "reads the fields of the model's config, which also fill its parameters"]
    }
    if !parameters.isEmpty {
      lines += ["", "parameters:"]
      lines += parameters.map { "  " + sources.text(in: $0.range) }
    }
    lines += ["", "source:"]
    lines += sources.text(in: declaration.range).split(
      separator: "\n", omittingEmptySubsequences: false
    ).map { $0.isEmpty ? "" : "  " + $0 }
    return lines.map { DisplayText.safe($0) + "\n" }.joined()
  }

  private var readsConfig: Bool {
    switch declaration {
    case .block(let block): block.config != nil
    case .adapter(let adapter): adapter.block.config != nil
    case .model, .importFile, .train: false
    }
  }

  private var parameters: [StaticParameter] {
    switch declaration {
    case .block(let block): block.parameters
    case .adapter(let adapter): adapter.block.parameters
    case .model, .importFile, .train: []
    }
  }
}
