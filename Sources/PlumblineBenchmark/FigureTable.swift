// FigureTable: columns of figures for people.
// Names to the left, numbers to the right, as wide as they need.
import Foundation

/// A table with a header.
struct FigureTable {
  private var rows: [[String]]

  init(_ header: String...) { rows = [header] }

  mutating func add(_ row: [String]) { rows.append(row) }

  var text: String {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
      rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      row.enumerated().map { column, cell in
        let space = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + space : space + cell
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }
}

extension Double {
  /// The number with a fixed number of decimals.
  func decimals(_ places: Int) -> String { String(format: "%.\(places)f", self) }
}
