// MemoryReport+Text: the tables of `plumbline memory`, and their JSON.
// Apart from the numbers, which the picture shares.
import Foundation

extension MemoryReport {
  /// The most groups alive at the peak that a table lists.
  private static let shown = 16

  /// `gpt2 at B = 4, T = 64`.
  package var title: String {
    let known = sizes.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
    return known.isEmpty ? model : "\(model) at \(known.joined(separator: ", "))"
  }

  /// The unit in which the whole is a number of a few digits.
  package var unit: ByteUnit { ByteUnit(for: schedule.arenaBytes) }

  /// The tables, ending in a newline.
  package var text: String {
    var lines = [
      "\(title): one training step on \(threads) thread\(threads == 1 ? "" : "s"), as planned"
    ]
    lines += notes.map { "note: \($0)" }
    lines += [""] + uses.rendered + [""]
    if let peakStep {
      let step = schedule.steps[peakStep]
      lines.append(
        "peak: \(step.name), \(step.phase.rawValue), operation \(Figures.grouped(peakStep + 1))"
          + " of \(Figures.grouped(schedule.steps.count))")
    }
    lines += ["", "alive at the peak, the largest first:"] + residents.rendered.map { "  " + $0 }
    return lines.map { $0 + "\n" }.joined()
  }

  /// Bytes by use; the lines above the rule add up to the arena.
  private var uses: TextTable {
    var table = TextTable([.left, .right, .right, .right, .right])
    table.add(["memory", "bytes at the peak", unit.decimal, unit.binary, "most, " + unit.decimal])
    table.addRule()
    for row in rows {
      table.add([row.use.rawValue] + cells(row.bytesAtPeak) + [unit.decimalText(row.largestBytes)])
    }
    table.add(["alignment and gaps"] + cells(gapBytes) + [""])
    table.addRule()
    table.add(["arena"] + cells(schedule.arenaBytes) + [""])
    return table
  }

  private var residents: TextTable {
    var table = TextTable([.left, .right, .right, .right, .left])
    for group in alive.prefix(Self.shown) {
      table.add([
        group.path, group.count == 1 ? "" : "× \(Figures.grouped(group.count))",
        unit.decimalText(group.bytes) + " " + unit.decimal,
        Figures.share(group.bytes, of: peakBytes), group.use.rawValue,
      ])
    }
    let rest = alive.dropFirst(Self.shown)
    if !rest.isEmpty {
      let bytes = rest.reduce(0) { $0 + $1.bytes }
      table.add([
        "and \(rest.count) more", "", unit.decimalText(bytes) + " " + unit.decimal,
        Figures.share(bytes, of: peakBytes), "",
      ])
    }
    return table
  }

  private func cells(_ bytes: Int) -> [String] {
    [Figures.grouped(bytes), unit.decimalText(bytes), unit.binaryText(bytes)]
  }
}

/// A decimal unit of bytes and the binary one of the same order.
package struct ByteUnit: Hashable, Sendable {
  package let decimal: String
  package let binary: String
  package let decimalSize: Double
  package let binarySize: Double

  /// The largest unit of which there is at least one.
  package init(for bytes: Int) {
    (decimal, binary, decimalSize, binarySize) =
      bytes >= 1_000_000_000
      ? ("GB", "GiB", 1e9, 1_073_741_824)
      : bytes >= 1_000_000 ? ("MB", "MiB", 1e6, 1_048_576) : ("kB", "KiB", 1e3, 1024)
  }

  package func decimalText(_ bytes: Int) -> String {
    Figures.fixed(Double(bytes) / decimalSize, places: 3)
  }

  package func binaryText(_ bytes: Int) -> String {
    Figures.fixed(Double(bytes) / binarySize, places: 3)
  }
}

extension MemoryReport {
  private struct Document: Encodable {
    struct Peak: Encodable {
      let bytes: Int
      let step: Int?
      let operation: String?
      let path: String?
      let phase: String?
    }

    struct Use: Encodable {
      let name: String
      let bytesAtPeak: Int
      let largestBytes: Int

      enum CodingKeys: String, CodingKey {
        case name
        case bytesAtPeak = "bytes_at_peak"
        case largestBytes = "largest_bytes"
      }
    }

    struct Group: Encodable {
      let path: String
      let memory: String
      let count: Int
      let bytes: Int
    }

    let model: String
    let sizes: [String: Int]
    let threads: Int
    let notes: [String]
    let steps: Int
    let arenaBytes: Int
    let gapBytes: Int
    let peak: Peak
    let memory: [Use]
    let alive: [Group]

    enum CodingKeys: String, CodingKey {
      case model, sizes, threads, notes, steps, peak, memory
      case arenaBytes = "arena_bytes"
      case gapBytes = "gap_bytes"
      case alive = "alive_at_peak"
    }
  }

  /// The report as JSON; every group alive at the peak is in it.
  package func json() throws -> String {
    let step = peakStep.map { schedule.steps[$0] }
    let document = Document(
      model: model, sizes: sizes, threads: threads, notes: notes, steps: schedule.steps.count,
      arenaBytes: schedule.arenaBytes, gapBytes: gapBytes,
      peak: Document.Peak(
        bytes: peakBytes, step: peakStep, operation: step?.operation, path: step?.path,
        phase: step?.phase.rawValue),
      memory: rows.map {
        Document.Use(
          name: $0.use.rawValue, bytesAtPeak: $0.bytesAtPeak, largestBytes: $0.largestBytes)
      },
      alive: alive.map {
        Document.Group(path: $0.path, memory: $0.use.rawValue, count: $0.count, bytes: $0.bytes)
      })
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
  }
}
