// TextTable: rows of cells as aligned text.
// Apart because every report lays out columns, and none should count spaces.
import Diagnostics

/// A table whose columns are as wide as their widest cell.
package struct TextTable {
  package enum Alignment: Sendable { case left, right }

  /// A line of the table.
  private enum Line {
    case cells([[String]])
    case rule
  }

  static let gap = "  "

  private let alignments: [Alignment]
  private var lines: [Line] = []

  package init(_ alignments: [Alignment]) {
    self.alignments = alignments
  }

  /// Adds a row; a cell with line breaks takes several lines.
  package mutating func add(_ cells: [String]) {
    lines.append(
      .cells(
        cells.map { cell in
          cell.split(separator: "\n", omittingEmptySubsequences: false)
            .map { DisplayText.safe(String($0)) }
        }))
  }

  /// Adds a rule across all columns.
  package mutating func addRule() {
    lines.append(.rule)
  }

  private var widths: [Int] {
    var widths = [Int](repeating: 0, count: alignments.count)
    for case .cells(let cells) in lines {
      for (column, cell) in cells.enumerated() {
        widths[column] = max(widths[column], cell.map(\.count).max() ?? 0)
      }
    }
    return widths
  }

  /// The columns of the widest line.
  var width: Int {
    let used = widths.filter { $0 > 0 }
    return used.reduce(0, +) + max(used.count - 1, 0) * TextTable.gap.count
  }

  /// The lines, without spaces at their ends; columns without text are left out.
  package var rendered: [String] {
    let widths = widths
    let total = width
    return lines.flatMap { line -> [String] in
      guard case .cells(let cells) = line else { return [String(repeating: "─", count: total)] }
      let height = cells.map(\.count).max() ?? 0
      return (0..<height).map { row in
        var text = ""
        for (column, cell) in cells.enumerated() where widths[column] > 0 {
          let part = row < cell.count ? cell[row] : ""
          let space = String(repeating: " ", count: widths[column] - part.count)
          if !text.isEmpty || column > 0 && widths[..<column].contains(where: { $0 > 0 }) {
            text += TextTable.gap
          }
          text += alignments[column] == .left ? part + space : space + part
        }
        let end = text.lastIndex { $0 != " " }
        return end.map { String(text[...$0]) } ?? ""
      }
    }
  }
}
