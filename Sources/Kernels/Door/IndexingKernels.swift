// IndexingKernels: the door to rows chosen by index, sums back into them, and zeros.
// Only here do addresses depend on data, so the indices have a check of their own.

/// Rows in memory: row `i` starts `i · stride` elements after the first.
package struct PlacedRows: Sendable {
  package var place: Place<Float>
  package var rows: Int
  /// The elements of a row, which lie side by side.
  package var width: Int
  /// From one row to the next, in elements.
  package var stride: Int

  /// - Parameters:
  ///   - place: The first element.
  ///   - rows: How many rows there are.
  ///   - width: The elements of a row.
  ///   - stride: From one row to the next; the width when `nil`.
  package init(_ place: Place<Float>, rows: Int, width: Int, stride: Int? = nil) {
    self.place = place
    self.rows = rows
    self.width = width
    self.stride = stride ?? width
  }

  /// The rows of a range.
  package subscript(_ range: Range<Int>) -> PlacedRows {
    PlacedRows(
      place + range.lowerBound * stride, rows: range.count, width: width, stride: stride)
  }
}

/// Integers side by side that name rows or classes.
package struct PlacedIndices: Sendable {
  package var place: Place<Int32>
  package var count: Int

  package init(_ place: Place<Int32>, count: Int) {
    self.place = place
    self.count = count
  }
}

/// Loops whose addresses come from data.
///
/// None of them reads or writes outside its table: an index that names no row makes a row of zeros
/// in ``gather(_:_:into:)`` and adds nothing in ``scatterAdd(_:_:into:accumulating:ignoring:)``.
/// Whoever promises a fault asks ``firstOutside(_:limit:ignoring:)`` before the jobs run.
package protocol IndexingKernels {
  /// The position of the first index that is neither in `0 ..< limit` nor the one that is ignored;
  /// `nil` when all are.
  static func firstOutside(_ indices: PlacedIndices, limit: Int, ignoring: Int?) -> Int?

  /// Copies the rows of a table that the indices name; integers may be handed over as floats,
  /// because bits are moved and nothing is computed.
  ///
  /// - Shapes: `table [rows, width]`, `indices [count]` → `[count, width]`
  static func gather(
    _ table: PlacedRows, _ indices: PlacedIndices, into result: PlacedRows
  ) -> [KernelJob]

  /// Adds each update to the row that its index names, in the order of the updates.
  ///
  /// - Shapes: `updates [count, width]`, `indices [count]` → `table [rows, width]`
  /// - Parameters:
  ///   - updates: What is added.
  ///   - indices: The row of each update.
  ///   - table: The sums.
  ///   - accumulating: Whether the table keeps what it holds, instead of starting from zeros.
  ///   - ignoring: A row to which nothing is added.
  /// - Returns: Zeros first, where asked for, then the sums.
  static func scatterAdd(
    _ updates: PlacedRows, _ indices: PlacedIndices, into table: PlacedRows, accumulating: Bool,
    ignoring: Int?
  ) -> [KernelJob]

  /// Writes zeros over `count` bytes side by side.
  static func clear(_ place: Place<UInt8>, count: Int) -> [KernelJob]
}

extension IndexingKernels {
  /// Adds each update to the row that its index names, whichever it is.
  ///
  /// - Shapes: `updates [count, width]`, `indices [count]` → `table [rows, width]`
  package static func scatterAdd(
    _ updates: PlacedRows, _ indices: PlacedIndices, into table: PlacedRows, accumulating: Bool
  ) -> [KernelJob] {
    scatterAdd(updates, indices, into: table, accumulating: accumulating, ignoring: nil)
  }
}
