// ProductPlan: how a product is cut into pieces, from its extents alone.
// Neither the number of threads nor any address is known here, so the cuts are always the same.
import Kernels

/// The cuts of a product.
///
/// An operand is copied into panels first, `Tile.rows` rows of A or `Tile.columns` columns of B each,
/// so that the innermost loop reads consecutive elements. The smaller operand is *shared*: a job
/// of its own packs it once for all. The larger one is packed block by block by the pieces that
/// multiply, each into the scratch of its worker, from where it is used at once.
/// Source: Goto and van de Geijn 2008, doi:10.1145/1356052.1356053 (blocking).
struct ProductPlan: Sendable {
  let shape: ProductShape
  /// The steps of a sum between two visits of memory.
  let depth: Int
  /// The steps of a sum for which the shared operand is packed at a time; a multiple of `depth`.
  let reach: Int
  /// Whether a job packs all of an operand, within the reach, before the pieces run.
  let sharesA: Bool
  let sharesB: Bool
  /// The rows and columns of the pieces.
  let rowCuts: ProductCuts
  let columnCuts: ProductCuts
  /// The entries of the batch that a job takes: all of them, or one.
  let entries: Int

  init(_ shape: ProductShape) {
    self.shape = shape
    let (m, n, k) = (shape.m, shape.n, shape.k)
    let work = m &* n &* k
    if work <= Limit.alone || (shape.batch > 1 && work <= Limit.entry) {
      depth = evenDepth(k, Tile.depth)
      (sharesA, sharesB, entries) = (false, false, shape.batch)
      reach = max(depth, up(k, depth))
      rowCuts = ProductCuts(m, even(m, Limit.aloneRows, Tile.rows))
      columnCuts = ProductCuts(n, even(n, Limit.aloneColumns, Tile.columns))
      return
    }
    entries = 1
    let pieces = min(Limit.pieces, max(1, work / Limit.piece))
    let streamsA = m >= n
    let streamed =
      streamsA
      ? even(m, min(Limit.rows, ceiling(m, pieces)), Tile.rows)
      : even(n, min(Limit.columns, ceiling(n, pieces)), Tile.columns)
    let count = ceiling(streamsA ? m : n, streamed)
    let isThin = streamed < (streamsA ? Limit.rows : Limit.columns) / 2
    let packsBoth = (count &* 2 <= pieces || isThin) && (m &+ n) &* k <= Limit.both
    // Few rows of A come again for every panel of B, which has to stay in the first cache then.
    let returns = !packsBoth && !streamsA && m <= Limit.fewRows && !shape.keepsRows
    depth = evenDepth(k, returns ? Tile.depth / 2 : Tile.depth)
    let narrow = min(up(m, Tile.rows), up(n, Tile.columns))
    let blocks = max(1, ceiling(k, depth))
    reach = depth &* max(1, min(blocks, Limit.shared / max(1, narrow &* depth)))
    if packsBoth {
      // Too few or too thin pieces along one side: both are packed first, in whole rows, and the
      // result is cut both ways.
      (sharesA, sharesB) = (true, true)
      let cuts = ceiling(pieces, max(1, count))
      rowCuts =
        streamsA
        ? ProductCuts(m, streamed, tailUnit: Tile.rows)
        : ProductCuts(m, even(m, ceiling(m, cuts), Tile.rows))
      columnCuts =
        streamsA
        ? ProductCuts(n, even(n, ceiling(n, cuts), Tile.columns))
        : ProductCuts(n, streamed, tailUnit: Tile.columns)
      return
    }
    (sharesA, sharesB) = (!streamsA, streamsA)
    rowCuts =
      streamsA
      ? ProductCuts(m, streamed, tailUnit: Tile.rows) : ProductCuts(m, up(m, Tile.rows))
    columnCuts =
      streamsA
      ? ProductCuts(n, up(n, Tile.columns)) : ProductCuts(n, streamed, tailUnit: Tile.columns)
  }

  /// The jobs along the sums.
  var rounds: Int { max(1, ceiling(shape.k, reach)) }

  /// Elements of a shared operand.
  var sharedA: Int { sharesA ? up(shape.m, Tile.rows) &* reach : 0 }
  var sharedB: Int { sharesB ? up(shape.n, Tile.columns) &* reach : 0 }

  /// Elements of a worker's copy of an operand.
  var scratchA: Int { sharesA ? 0 : up(rowCuts.size &* depth, 16) }
  var scratchB: Int { sharesB ? 0 : up(columnCuts.size &* depth, 16) }

  /// The memory of the plan; a tile that the epilogue reads is part of the scratch.
  var workspace: KernelWorkspace {
    KernelWorkspace(
      shared: 4 &* (sharedA &+ sharedB),
      scratch: 4 &* (scratchA &+ scratchB &+ Tile.rows &* Tile.columns))
  }
}

/// Even cuts of rows or columns, at most tile's edges, with smaller ones at the end: whoever is
/// done first takes more of these, so that all are done at about the same time.
struct ProductCuts: Sendable {
  let total: Int
  /// The rows or columns of all but the last pieces.
  let size: Int
  private let large: Int
  private let small: Int

  /// Cuts of `size`; the sizes of the last pieces are multiples of `tailUnit`, or like the others if
  /// it is `nil`.
  init(_ total: Int, _ size: Int, tailUnit: Int? = nil) {
    self.total = total
    self.size = max(1, size)
    if let tailUnit {
      large = max(0, total &- size &* 3 / 2) / max(1, size)
      small = up(ceiling(size, 4), tailUnit)
    } else {
      large = ceiling(total, self.size)
      small = self.size
    }
  }

  /// The number of pieces.
  var count: Int { large &+ ceiling(max(0, total &- large &* size), small) }

  /// What a piece covers; empty behind the last.
  func range(_ piece: Int) -> Range<Int> {
    let isLarge = piece < large
    let start = isLarge ? piece &* size : large &* size &+ (piece &- large) &* small
    return min(start, total)..<min(start &+ (isLarge ? size : small), total)
  }
}

/// Where one kind of cut gives way to another; multiply-adds, rows and elements.
private enum Limit {
  /// Work that is not worth a job that packs.
  static var alone: Int { 1 << 20 }
  /// Work of one entry of a batch that is.
  static var entry: Int { 1 << 26 }
  static var aloneRows: Int { 96 }
  static var aloneColumns: Int { 256 }
  /// Work of a piece, as long as there are not too many.
  static var piece: Int { 3 << 20 }
  static var pieces: Int { 16 }
  /// The most rows or columns of a piece: its panels stay in a core's second cache.
  static var rows: Int { 96 }
  static var columns: Int { 128 }
  /// The most rows of A that are few.
  static var fewRows: Int { 384 }
  /// The most elements of two shared operands.
  static var both: Int { 3 << 19 }
  /// The most elements of a shared operand.
  static var shared: Int { 1 << 20 }
}

/// `count / size`, rounded up.
@inline(__always) func ceiling(_ count: Int, _ size: Int) -> Int { (count &+ size &- 1) / size }

/// The next multiple of `unit`.
@inline(__always) func up(_ count: Int, _ unit: Int) -> Int { ceiling(count, unit) &* unit }

/// A depth of at most `most` that cuts `k` steps evenly.
private func evenDepth(_ k: Int, _ most: Int) -> Int {
  max(1, ceiling(k, max(1, ceiling(k, most))))
}

/// A size of about `target`, a multiple of `unit`, that cuts `count` into even pieces.
private func even(_ count: Int, _ target: Int, _ unit: Int) -> Int {
  let pieces = max(1, ceiling(count, max(unit, target)))
  return max(unit, up(ceiling(count, pieces), unit))
}
