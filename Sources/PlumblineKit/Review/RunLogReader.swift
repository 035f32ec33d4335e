// RunLogReader: step logs as trainers write them: JSON Lines or CSV, under the usual names.
// Apart from the rules, which know steps and losses and no files.
import Diagnostics
import Interchange
import Validation

/// Reads the log of one run.
struct RunLogReader {
  /// What was read; `nil` when nothing could be.
  private(set) var log: RunLog?
  /// Why lines could not be read.
  private(set) var diagnostics: [Diagnostic] = []

  /// Columns and the names that trainers give them; the first that a line has is taken.
  private static let names: [(column: Column, names: [String])] = [
    (
      .step,
      [
        "step", "global_step", "iter", "iteration", "update", "train/step", "train/global_step",
        "trainer/global_step", "num_updates", "_step", "steps", "iterations", "updates",
      ]
    ),
    (.loss, ["loss", "train_loss", "train/loss", "training_loss", "lm_loss", "train_loss_step"]),
    (
      .rate,
      ["lr", "learning_rate", "rate", "train/lr", "train/learning_rate", "lr_adamw", "lr_adam"]
    ),
    (
      .norm,
      [
        "grad_norm", "gradient_norm", "norm", "train/grad_norm", "train/gradient_norm", "gnorm",
        "total_norm",
      ]
    ),
    (
      .validation,
      [
        "val_loss", "validation_loss", "eval_loss", "valid_loss", "val/loss", "eval/loss",
        "validation/loss", "valid/loss", "dev_loss",
      ]
    ),
  ]

  /// A name as the lists have it: `Train Loss` is `train_loss`, and the name of a run before ` - `,
  /// which Weights & Biases writes, is left out.
  private static func plain(_ name: String) -> String {
    let parts = name.split(separator: " - ", omittingEmptySubsequences: true)
    let own = parts.last.map { String($0) } ?? name
    return String(
      own.lowercased().filter { $0 != "\u{FEFF}" }.map { $0 == " " || $0 == "-" ? "_" : $0 })
  }

  private enum Column: Hashable { case step, loss, rate, norm, validation }

  /// A number of a line.
  private struct Cell {
    var value: Double
    var text: String
  }

  /// More mistakes than these are not told one by one.
  private static let mostFindings = 10

  private let source: SourceID
  private var entries: [RunLog.Entry] = []
  private var precision = RatePrecision()

  init(_ source: SourceID, name: String, in sources: SourceMap) {
    self.source = source
    let bytes = sources[source].bytes
    // A mark of the byte order may stand first.
    let blank: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF]
    let start = bytes.firstIndex { !blank.contains($0) }
    guard let start else {
      report("the log is empty", 0..<bytes.count)
      return
    }
    if bytes[start] == UInt8(ascii: "{") {
      if !readHistory(bytes) { readLines(bytes) }
    } else {
      readTable(bytes)
    }
    guard diagnostics.isEmpty || !entries.isEmpty else { return }
    if entries.isEmpty {
      report("no line of the log has a step with a number", start..<bytes.count)
    } else {
      log = RunLog(name: name, entries: entries, precision: precision)
    }
  }

  private mutating func report(_ message: String, _ range: Range<Int>, _ facts: [String] = []) {
    guard diagnostics.count < Self.mostFindings else { return }
    diagnostics.append(
      Diagnostic(
        id: "log-unreadable", message: message,
        range: SourceRange(source: source, lower: range.lowerBound, upper: range.upperBound),
        facts: facts.map { Fact.line($0) }))
  }

  private mutating func add(_ cells: [Column: Cell], _ place: Range<Int>) {
    guard let step = cells[.step], let whole = Int(exactly: step.value), whole >= 0 else { return }
    var entry = RunLog.Entry(
      step: whole,
      place: SourceRange(source: source, lower: place.lowerBound, upper: place.upperBound))
    entry.loss = cells[.loss]?.value
    entry.norm = cells[.norm]?.value
    entry.validation = cells[.validation]?.value
    if let rate = cells[.rate] {
      entry.rate = rate.value
      precision.note(rate.text)
    }
    if cells.count > 1 { entries.append(entry) }
  }

  // MARK: JSON Lines

  private mutating func readLines(_ bytes: [UInt8]) {
    var limits = JSONLimits()
    limits.allowsNonFinite = true
    limits.values = 100_000
    for line in Self.lines(bytes) {
      let document: JSONDocument
      do throws(JSONError) {
        document = try JSONDocument(utf8: Array(bytes[line]), limits: limits)
      } catch {
        let place = min(line.lowerBound + error.offset, line.upperBound)
        // A run that was killed leaves half a line at the end.
        if line.upperBound < bytes.count || entries.isEmpty {
          report(
            "a line of a log is one JSON object: expected \(error.expected), found \(error.found)",
            place..<min(place + 1, bytes.count))
        }
        continue
      }
      // The summary that transformers appends gives means of the whole run.
      guard document.root.members != nil, document.root["train_runtime"] == nil else { continue }
      add(Self.cells(of: document.root), line)
    }
  }

  /// The `log_history` of the `trainer_state.json` that transformers writes.
  ///
  /// - Returns: false when the log is something else.
  private mutating func readHistory(_ bytes: [UInt8]) -> Bool {
    var limits = JSONLimits()
    limits.allowsNonFinite = true
    guard let document = try? JSONDocument(utf8: bytes, limits: limits),
      let history = document.root["log_history"]?.elements
    else { return false }
    for entry in history where entry["train_runtime"] == nil {
      add(Self.cells(of: entry), entry.range)
    }
    return true
  }

  /// The numbers of an object, also where they stand in quotes.
  private static func cells(of object: JSONNode) -> [Column: Cell] {
    let members = object.members ?? []
    let keys = members.map { plain($0.key) }
    var cells: [Column: Cell] = [:]
    for (column, names) in names {
      for name in names {
        guard let place = keys.firstIndex(of: name) else { continue }
        switch members[place].node.value {
        case .number(let text, let value, _): cells[column] = Cell(value: value, text: text)
        case .string(let text):
          guard let value = number(text) else { continue }
          cells[column] = Cell(value: value, text: text)
        default: continue
        }
        break
      }
    }
    return cells
  }

  /// The lines that are not blank, without their ends.
  private static func lines(_ bytes: [UInt8]) -> [Range<Int>] {
    var lines: [Range<Int>] = []
    var start = 0
    for index in 0...bytes.count where index == bytes.count || bytes[index] == UInt8(ascii: "\n") {
      var end = index
      if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
      if bytes[start..<end].contains(where: { $0 != 0x20 && $0 != 0x09 }) {
        lines.append(start..<end)
      }
      start = index + 1
    }
    return lines
  }

  // MARK: CSV

  private mutating func readTable(_ bytes: [UInt8]) {
    // Some tools begin with lines of remarks.
    let lines = Self.lines(bytes).drop { bytes[$0.lowerBound] == UInt8(ascii: "#") }
    guard let head = lines.first else { return }
    let separator =
      [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
      .first { bytes[head].contains($0) } ?? UInt8(ascii: ",")
    let titles = Self.cells(bytes, head, separator).map { Self.plain($0.text) }
    var columns: [Column: Int] = [:]
    for (column, names) in Self.names {
      columns[column] = names.lazy.compactMap { titles.firstIndex(of: $0) }.first
    }
    guard columns[.step] != nil else {
      report(
        "the first line names no column `step`", head,
        [
          "a log is JSON Lines, or CSV whose first line names its columns",
          "known: step or iter, loss, lr, grad_norm, val_loss",
        ])
      return
    }
    for line in lines.dropFirst() {
      let row = Self.cells(bytes, line, separator)
      var cells: [Column: Cell] = [:]
      for (column, place) in columns where row.indices.contains(place) {
        let (text, range) = row[place]
        guard !text.isEmpty else { continue }
        guard let value = Self.number(text) else {
          if line.upperBound < bytes.count {
            report("`\(titles[place])` must be a number, found `\(text.prefix(40))`", range)
          }
          continue
        }
        cells[column] = Cell(value: value, text: text)
      }
      add(cells, line)
    }
  }

  /// A number as programs print it, `nan` and `inf` included.
  private static func number(_ text: String) -> Double? {
    switch text.lowercased() {
    case "nan", "none", "null": .nan
    case "inf", "+inf", "infinity": .infinity
    case "-inf", "-infinity": -.infinity
    default: Double(text)
    }
  }

  /// The cells of a line without blanks and quotes, and where they stand.
  private static func cells(
    _ bytes: [UInt8], _ line: Range<Int>, _ separator: UInt8
  ) -> [(text: String, range: Range<Int>)] {
    let blank: Set<UInt8> = [0x20, 0x09, UInt8(ascii: "\"")]
    var cells: [(String, Range<Int>)] = []
    var start = line.lowerBound
    for index in line.lowerBound...line.upperBound
    where index == line.upperBound || bytes[index] == separator {
      var lower = start
      var upper = index
      while lower < upper, blank.contains(bytes[lower]) { lower += 1 }
      while upper > lower, blank.contains(bytes[upper - 1]) { upper -= 1 }
      cells.append((String(decoding: bytes[lower..<upper], as: UTF8.self), lower..<upper))
      start = index + 1
    }
    return cells
  }
}
