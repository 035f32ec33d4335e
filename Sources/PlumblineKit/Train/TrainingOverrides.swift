// TrainingOverrides: what a command line or a program changes in a `train` section.
// Written into the section as text, so that what is saved is what runs.
import Analysis
import Diagnostics
import Dimensions
import Language
import Validation

/// Values in the place of those of the section.
package struct TrainingOverrides: Hashable, Sendable {
  package var steps: Int?
  package var rate: Double?
  /// Sizes of a micro-batch by the dimension's name.
  package var batch: [String: Int] = [:]
  package var accumulate: Int?
  package var seed: Int?
  package var clip: Double?
  /// What stands after `schedule`.
  package var schedule: String?
  /// Rules whose errors do not stop the start.
  package var allowed: [String] = []

  package init() {}

  /// Whether nothing is changed; what is allowed changes nothing that is run.
  var isEmpty: Bool {
    var plain = self
    plain.allowed = []
    return plain == TrainingOverrides()
  }

  /// The section with the values in it.
  ///
  /// - Parameters:
  ///   - declaration: the section as it is written; `nil` where there is none.
  ///   - name: of the model.
  ///   - allowing: ids of rules for each of which a line is added.
  ///   - dropped: lines that are left out.
  ///   - sources: hold the texts.
  /// - Returns: the text, not yet in the standard layout.
  func section(
    _ declaration: TrainDeclaration?, of name: String, allowing: [String],
    without dropped: Set<SourceRange>, in sources: SourceMap
  ) -> String {
    var lines: [String] = []
    var written: Set<String> = []
    func put(_ keyword: String, _ text: String) {
      if written.insert(keyword).inserted { lines.append("\(keyword) \(text)") }
    }
    for member in declaration?.members ?? [] where !dropped.contains(member.range) {
      let text = sources.text(in: member.range)
      switch member {
      case .batch(let sizes, let accumulate, _):
        put("batch", batchText(sizes, accumulate, in: sources))
      case .length where steps != nil: put("steps", Self.grouped(steps ?? 0))
      case .optimizer(let expression, _):
        put("optimizer", optimizerText(expression, in: sources))
      case .schedule where schedule != nil: put("schedule", schedule ?? "")
      case .clip where clip != nil: put("clip", "global_norm \(Self.number(clip ?? 0))")
      case .seed where seed != nil: put("seed", "\(seed ?? 0)")
      default:
        lines.append(text)
        if let word = text.split(whereSeparator: \.isWhitespace).first {
          written.insert(String(word))
        }
      }
    }
    if !batch.isEmpty || accumulate != nil { put("batch", batchText([], nil, in: sources)) }
    if let steps { put("steps", Self.grouped(steps)) }
    if let rate { put("optimizer", "adamw(rate: \(Self.number(rate)))") }
    if let schedule { put("schedule", schedule) }
    if let clip { put("clip", "global_norm \(Self.number(clip))") }
    if let seed { put("seed", "\(seed)") }
    lines += allowing.map { "allow \($0) because \"--allow of the command line\"" }
    return (["train \(name) {"] + lines.map { "  " + $0 } + ["}"]).joined(separator: "\n")
  }

  private static func grouped(_ count: Int) -> String {
    Figures.grouped(Dimension(count), by: "_")
  }

  /// `3e-3` where that is the same number, and else all digits.
  private static func number(_ value: Double) -> String {
    let short = RateText.rate(value, digits: 12)
    return Double(short) == value ? short : "\(value)"
  }

  private func batchText(
    _ sizes: [SizeBinding], _ count: Expression?, in sources: SourceMap
  ) -> String {
    var parts = sizes.map { size in
      batch[size.name.text].map { "\(size.name.text) = \($0)" } ?? sources.text(in: size.range)
    }
    let known = Set(sizes.map(\.name.text))
    for (name, size) in batch.sorted(by: { $0.key < $1.key }) where !known.contains(name) {
      parts.append("\(name) = \(size)")
    }
    if let accumulate {
      if accumulate > 1 { parts.append("accumulate \(accumulate)") }
    } else if let count {
      parts.append("accumulate \(sources.text(in: count.range))")
    }
    return parts.joined(separator: ", ")
  }

  private func optimizerText(_ expression: Expression, in sources: SourceMap) -> String {
    let text = sources.text(in: expression.range)
    guard let rate, case .call(let call) = expression.kind else { return text }
    var rest = call.arguments.filter { $0.label?.text != "rate" }.map { argument in
      (argument.label.map { $0.text + ": " } ?? "") + sources.text(in: argument.value.range)
    }
    rest.insert("rate: \(Self.number(rate))", at: 0)
    return "\(sources.text(in: call.callee.range))(\(rest.joined(separator: ", ")))"
  }
}
