// ModelsCommand: `plumbline models`, the architectures that come with the tool.
// Their numbers are counted when asked for, so that none of them can be out of date.
import Analysis
import Foundation
import PlumblineKit

extension Command {
  /// `plumbline models`.
  static var models: Command {
    Command(
      CommandSpecification(
        name: "models", summary: "List the architectures that come with the tool",
        options: [.reportFormat],
        details: [
          "The sizes are the defaults of each file; a config.json or `--set` gives others.",
          "`plumbline init NAME` prints the file, to make it your own.",
        ],
        example: "plumbline models")
    ) { (invocation: Invocation) throws(CommandFailure) -> Outcome in
      let entries = ModelCatalogue.entries
      return Outcome(output: invocation.wantsJSON ? json(entries) : text(entries))
    }
  }

  /// The fields that tell a reader how large a model is, by what model files call them.
  private static let telling = [
    "depth", "layers", "encoder_depth", "decoder_depth", "width", "heads", "vocab",
  ]

  private static func text(_ entries: [ModelCatalogue.Entry]) -> String {
    var rows = [["model", "family", "parameters", "default size", "file"]]
    rows += entries.map { entry in
      let size = telling.compactMap { name in
        entry.config.first { $0.name == name }.map {
          "\(name) \(ModelComparison.grouped($0.text))"
        }
      }.joined(separator: ", ")
      return [
        entry.name, entry.family ?? "", Figures.grouped(entry.parameters), size,
        "models/" + entry.file,
      ]
    }
    let widths = (0..<5).map { column in rows.map { $0[column].count }.max() ?? 0 }
    let lines = rows.map { row in
      row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 2 ? space + cell : column == 4 ? cell : cell + space
      }.joined(separator: "  ")
    }
    let families = Set(entries.compactMap(\.family)).count
    return lines.map { $0 + "\n" }.joined()
      + "\n\(entries.count) models of \(families) families\n"
  }

  private struct Document: Encodable {
    struct Model: Encodable {
      let name: String
      let family: String?
      let file: String
      let parameters: Int
      let config: [String: String]
    }

    let models: [Model]
  }

  private static func json(_ entries: [ModelCatalogue.Entry]) -> String {
    let document = Document(
      models: entries.map { entry in
        Document.Model(
          name: entry.name, family: entry.family, file: entry.file, parameters: entry.parameters,
          config: Dictionary(
            entry.config.map { ($0.name, $0.text) }, uniquingKeysWith: { first, _ in first }))
      })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
    } catch {
      preconditionFailure("numbers and names could not be encoded: \(error)")
    }
  }
}
