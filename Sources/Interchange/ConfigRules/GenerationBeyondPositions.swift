// GenerationBeyondPositions: texts that are to be generated longer than the model has positions.
// Reads the config's own settings of generation and those of the file beside it.
import Diagnostics
import Language

/// The length of generated texts exceeds the positions of the model.
///
/// `max_length` counts the prompt and what is generated, `max_new_tokens` only the latter, to which
/// at least one token of a prompt is added. Beyond the last position a learnt table has no row, and
/// generation fails there or reads what is none; positions that are computed go on, but were never
/// trained. A `rope_scaling` with a factor makes room by that factor. The rule reads both keys in
/// `generation_config.json` and in `config.json`, and leaves alone what families without positions
/// are asked for.
///
/// - Example: "max_length": 1100 with "n_positions": 1024
/// - Remedy: Generate less, or use a model with more positions.
/// - Catalogue: A10
enum GenerationBeyondPositions: ConfigRule {
  static let id = "generation-beyond-positions"

  static func findings(in subject: ConfigSubject) -> [Diagnostic] {
    guard let positions = subject.count(KeySynonyms.positions), positions.value > 0,
      subject.field(reading: KeySynonyms.positions) != nil
    else { return [] }
    let keys = subject.fields.flatMap { $0.keys.map(\.text) }
    let isComputed = keys.contains { key in
      ["rope", "rotary", "alibi"].contains { key.contains($0) }
    }
    var room = Double(positions.value)
    if let factor = subject.config.member(at: "rope_scaling.factor")?.node.double, factor > 1 {
      room *= factor
    }
    let files = [subject.generation, subject.config].compactMap { $0 }
    for file in files {
      for (key, prompt) in [("max_new_tokens", 1), ("max_length", 0)] {
        guard let member = file.member(key), let length = member.node.integer, length > 0 else {
          continue
        }
        // Every old config says 20, which is the default of the program and nobody's wish.
        if key == "max_length", length == 20 { continue }
        guard Double(length) + Double(prompt) > room else { return [] }
        return [finding(key, length, prompt, isComputed, positions, in: file, member, subject)]
      }
    }
    return []
  }

  private static func finding(
    _ key: String, _ length: Int, _ prompt: Int, _ isComputed: Bool,
    _ positions: (value: Int, key: String, range: SourceRange?), in file: HuggingFaceConfig,
    _ member: JSONMember, _ subject: ConfigSubject
  ) -> Diagnostic {
    let count = positions.value
    let total = prompt == 0 ? "" : " and a prompt of at least 1"
    var notes: [Note] = []
    if let range = positions.range {
      notes = [Note(message: "the positions are counted here", range: range)]
    } else if let field = subject.field(reading: KeySynonyms.positions) {
      notes = [Note(message: "the architecture has them by default", range: field.range)]
    }
    return Diagnostic(
      id: id, severity: isComputed ? .warning : .error,
      message: "`\(key)` is \(length)\(total), but `\(positions.key)` is \(count)",
      range: file.range(member.node.range),
      facts: [
        .line(
          isComputed
            ? "positions from \(count) on were never trained"
            : "the last row of the table is \(count - 1): position \(count) has none"),
        .line(
          "after a prompt of n tokens, step \(count + 1) - n of generation is the first beyond"),
      ], notes: notes)
  }
}
