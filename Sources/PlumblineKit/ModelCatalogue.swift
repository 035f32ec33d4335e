// ModelCatalogue: the models that come with the program, with their sizes.
// Apart from ModelFamilies, which finds a file and elaborates nothing.
import Analysis
import Architectures
import Language

/// The models of the program.
package enum ModelCatalogue {
  /// One model as its file describes it, with the defaults of its config.
  package struct Entry: Hashable, Sendable {
    /// What `plumbline init` takes.
    package let name: String
    package let family: String?
    /// The file among the program's model files.
    package let file: String
    /// The config with its defaults, in the order of the file.
    package let config: [Field]
    package let parameters: Int
  }

  /// A field of the config as it is printed.
  package struct Field: Hashable, Sendable {
    package let name: String
    package let text: String
  }

  /// All models, by the names of their files.
  package static var entries: [Entry] {
    Architectures.all.compactMap { file in
      var library = ModuleLibrary(reader: Workspace.embeddedReader)
      let index = library.load(path: file.name, text: file.text)
      let loaded = Workspace.finish(
        path: file.name, library: library, file: index, settings: [], describesDefaults: false)
      guard let program = loaded.model?.program,
        let total = ParameterSums(program)[program.root].elements.constant
      else { return nil }
      return Entry(
        name: String(file.name.dropLast(".model".count)), family: loaded.family, file: file.name,
        config: program.config.map { Field(name: $0.name, text: $0.text) }, parameters: total)
    }
  }
}
