// TensorChanges: what differs between the tensors of two checkpoints, and how it is shown.
// Knows no file format: the names of types come as they stand in the files.
import Diagnostics

/// The tensors that two checkpoints do not share.
package struct TensorChanges: Hashable, Sendable {
  /// All tensors of one checkpoint.
  package struct Side: Hashable, Sendable {
    package var tensors: Int
    package var bytes: Int
    package var types: [String]

    package init(tensors: Int, bytes: Int, types: [String]) {
      self.tensors = tensors
      self.bytes = bytes
      self.types = types
    }
  }

  /// Tensors that differ in one way, `*` in the name standing for a layer's number.
  package struct Row: Hashable, Sendable {
    package var name: String
    /// `F32 [768, 2304]`; `nil` where the checkpoint has no such tensor.
    package var first: String?
    package var second: String?
    package var count: Int

    package init(name: String, first: String?, second: String?, count: Int) {
      self.name = name
      self.first = first
      self.second = second
      self.count = count
    }
  }

  /// More rows are told as a number.
  private static let mostRows = 40

  package var first: Side
  package var second: Side
  package var rows: [Row] = []
  /// How many tensors are the same in name, type and shape.
  package var same = 0

  package init(first: Side, second: Side) {
    self.first = first
    self.second = second
  }

  /// The report, each line with the sign of what became of its tensors.
  package var lines: [String] {
    var table = TextTable([.left, .left, .right, .left])
    for row in rows.prefix(Self.mostRows) {
      let mark = row.first == nil ? "+" : row.second == nil ? "-" : "~"
      let texts = [row.first, row.second].compactMap { $0 }
      table.add([
        mark, row.name, row.count > 1 ? "\(Figures.grouped(row.count)) ×" : "",
        texts.joined(separator: " → "),
      ])
    }
    var lines = ["tensors of the checkpoints", side("-", first), side("+", second)]
    lines += table.rendered
    if rows.count > Self.mostRows {
      lines.append("and \(rows.count - Self.mostRows) more kinds of tensors")
    }
    lines.append("\(Figures.grouped(same)) tensor\(same == 1 ? " is" : "s are") the same")
    return lines
  }

  private func side(_ mark: String, _ side: Side) -> String {
    "\(mark)  \(Figures.grouped(side.tensors)) tensors, \(Figures.bytes(side.bytes)),"
      + " \(side.types.joined(separator: ", "))"
  }
}
