// ProductRun: the pieces of one product of matrices: packing, and tiles of the result.
// What a piece covers comes from the plan; what happens inside a tile lives with the level's `Tile`.
import Kernels

/// A plan with the places of its operands.
struct ProductRun: Sendable {
  let plan: ProductPlan
  let product: MatrixProduct
  let workspace: Place<Float>

  /// The jobs of all entries of the batch, in order.
  var jobs: [KernelJob] {
    var jobs: [KernelJob] = []
    var entry = 0
    while entry < product.shape.batch {
      for round in 0..<plan.rounds { append(round, of: entry, to: &jobs) }
      entry += plan.entries
    }
    return jobs
  }

  private func append(_ round: Int, of entry: Int, to jobs: inout [KernelJob]) {
    let shared = sharedPieces
    if shared > 0 {
      jobs.append(
        KernelJob(pieces: shared) { piece, _ in
          pack(piece, round: round, entry: entry)
        })
    }
    let pieces = resultPieces * plan.entries
    if pieces > 0 {
      jobs.append(
        KernelJob(pieces: pieces) { piece, scratch in
          multiply(
            piece, round: round, entry: entry,
            scratch: scratch.assumingMemoryBound(to: Float.self))
        })
    }
  }

  /// The pieces that pack the shared operands: a few panels each.
  private var sharedPieces: Int { panelsA + panelsB }
  private var panelsA: Int { plan.sharesA ? ceiling(product.shape.m, Tile.rows) : 0 }
  private var panelsB: Int { plan.sharesB ? ceiling(product.shape.n, Tile.columns) : 0 }

  /// The pieces that multiply; sums are wanted even where the result is empty.
  private var resultPieces: Int {
    let sums = product.rowSums != nil || product.columnSums != nil
    let least = sums ? 1 : 0
    return max(least, plan.rowPieces) * max(least, plan.columnPieces)
  }
}

// MARK: Packing

extension ProductRun {
  private func sourceA(_ entry: Int) -> PackSource {
    PackSource(
      start: product.a.matrix.place.pointer + entry &* product.a.matrix.batchStride,
      stride: product.a.matrix.stride, alongX: product.a.isTransposed)
  }

  private func sourceB(_ entry: Int) -> PackSource {
    PackSource(
      start: product.b.matrix.place.pointer + entry &* product.b.matrix.batchStride,
      stride: product.b.matrix.stride, alongX: !product.b.isTransposed)
  }

  /// Packs one panel of a shared operand over the reach of a round.
  private func pack(_ piece: Int, round: Int, entry: Int) {
    let start = round &* plan.reach
    let end = min(product.shape.k, start &+ plan.reach)
    var step = start
    repeat {
      let depth = min(plan.depth, end &- step)
      if piece < panelsA {
        let block = sharedA(step &- start)
        packA(piece, step, depth, block + piece &* Tile.rows &* depth, entry, sums: true)
      } else {
        let block = sharedB(step &- start)
        let panel = piece &- panelsA
        packB(panel, step, depth, block + panel &* Tile.columns &* depth, entry, sums: true)
      }
      step &+= plan.depth
    } while step < end
  }

  /// The shared copy of A from a step of the round on.
  @inline(__always) private func sharedA(_ step: Int) -> UnsafeMutablePointer<Float> {
    workspace.pointer + step &* up(product.shape.m, Tile.rows)
  }

  @inline(__always) private func sharedB(_ step: Int) -> UnsafeMutablePointer<Float> {
    workspace.pointer + (plan.sharedA &+ step &* up(product.shape.n, Tile.columns))
  }

  private func packA(
    _ panel: Int, _ step: Int, _ depth: Int, _ target: UnsafeMutablePointer<Float>, _ entry: Int,
    sums: Bool
  ) {
    let x = panel &* Tile.rows
    let valid = min(Tile.rows, product.shape.m &- x)
    let width = Tile.rows(serving: valid)
    sourceA(entry).pack(x: x, step: step, valid: valid, width: width, depth: depth, to: target)
    if sums, let rowSums = product.rowSums {
      sumPanel(
        target, width, depth, valid, to: rowSums.pointer + x,
        adds: step > 0 || product.accumulatesSums)
    }
  }

  private func packB(
    _ panel: Int, _ step: Int, _ depth: Int, _ target: UnsafeMutablePointer<Float>, _ entry: Int,
    sums: Bool
  ) {
    let x = panel &* Tile.columns
    let valid = min(Tile.columns, product.shape.n &- x)
    sourceB(entry).pack(
      x: x, step: step, valid: valid, width: Tile.columns, depth: depth, to: target)
    if sums, let columnSums = product.columnSums {
      sumPanel(
        target, Tile.columns, depth, valid, to: columnSums.pointer + x,
        adds: step > 0 || product.accumulatesSums)
    }
  }
}

// MARK: Multiplying

/// The part of the result that a piece makes, and where its memory is.
struct ProductBlock {
  let entry: Int
  /// The first and the end of its rows, columns, and panels of each.
  let rows: Range<Int>
  let columns: Range<Int>
  let rowPanels: Range<Int>
  let columnPanels: Range<Int>
}

extension ProductRun {
  private func block(_ piece: Int, _ entry: Int) -> ProductBlock {
    let (rowPieces, columnPieces) = (max(1, plan.rowPieces), max(1, plan.columnPieces))
    let inEntry = piece % (rowPieces &* columnPieces)
    let row = inEntry / columnPieces &* plan.rows
    let column = inEntry % columnPieces &* plan.columns
    let rows = min(row, product.shape.m)..<min(row &+ plan.rows, product.shape.m)
    let columns = min(column, product.shape.n)..<min(column &+ plan.columns, product.shape.n)
    return ProductBlock(
      entry: entry &+ piece / (rowPieces &* columnPieces), rows: rows, columns: columns,
      rowPanels: row / Tile.rows..<ceiling(rows.upperBound, Tile.rows),
      columnPanels: column / Tile.columns..<ceiling(columns.upperBound, Tile.columns))
  }

  /// Makes one block of the result, as far as a round goes.
  private func multiply(
    _ piece: Int, round: Int, entry: Int, scratch: UnsafeMutablePointer<Float>
  ) {
    let block = block(piece, entry)
    let start = round &* plan.reach
    let end = min(product.shape.k, start &+ plan.reach)
    let ownA = scratch
    let ownB = scratch + plan.scratchA
    let corner = ownB + plan.scratchB
    var step = start
    repeat {
      let depth = min(plan.depth, end &- step)
      let a: UnsafeMutablePointer<Float>
      let b: UnsafeMutablePointer<Float>
      if plan.sharesA {
        a = sharedA(step &- start) + block.rowPanels.lowerBound &* Tile.rows &* depth
      } else {
        a = ownA
        var (panel, target) = (block.rowPanels.lowerBound, ownA)
        while panel < block.rowPanels.upperBound {
          packA(
            panel, step, depth, target, block.entry, sums: block.columnPanels.lowerBound == 0)
          target += Tile.rows &* depth
          panel &+= 1
        }
      }
      if plan.sharesB {
        b = sharedB(step &- start) + block.columnPanels.lowerBound &* Tile.columns &* depth
      } else {
        b = ownB
        var (panel, target) = (block.columnPanels.lowerBound, ownB)
        while panel < block.columnPanels.upperBound {
          packB(panel, step, depth, target, block.entry, sums: block.rowPanels.lowerBound == 0)
          target += Tile.columns &* depth
          panel &+= 1
        }
      }
      tiles(
        block, a: a, b: b, depth: depth, corner: corner,
        adds: step > 0 || product.accumulates, ends: step &+ depth == product.shape.k)
      step &+= plan.depth
    } while step < end
  }

  /// All tiles of a block for one depth; the panels of the operand that is a worker's own, and
  /// so nearest, are the inner loop.
  @inline(__always)
  private func tiles(
    _ block: ProductBlock, a: UnsafeMutablePointer<Float>, b: UnsafeMutablePointer<Float>,
    depth: Int, corner: UnsafeMutablePointer<Float>, adds: Bool, ends: Bool
  ) {
    let finishes = ends && !product.epilogue.isEmpty
    let result = product.result.place.pointer + block.entry &* product.result.batchStride
    let outerIsB = plan.sharesB
    let outer = outerIsB ? block.columnPanels.count : block.rowPanels.count
    let inner = outerIsB ? block.rowPanels.count : block.columnPanels.count
    var first = 0
    while first < outer {
      var second = 0
      while second < inner {
        let rowPanel = outerIsB ? second : first
        let columnPanel = outerIsB ? first : second
        let row = block.rows.lowerBound &+ rowPanel &* Tile.rows
        let column = block.columns.lowerBound &+ columnPanel &* Tile.columns
        let rows = min(Tile.rows, block.rows.upperBound &- row)
        let columns = min(Tile.columns, block.columns.upperBound &- column)
        let height = Tile.rows(serving: rows)
        let panelA = a + rowPanel &* Tile.rows &* depth
        let panelB = b + columnPanel &* Tile.columns &* depth
        let target = result + (row &* product.result.stride &+ column)
        if rows == height, columns == Tile.columns, !finishes {
          Tile.multiply(
            rows: height, depth: depth, a: panelA, b: panelB, c: target,
            stride: product.result.stride, adds: adds)
        } else {
          Tile.multiply(
            rows: height, depth: depth, a: panelA, b: panelB, c: corner, stride: Tile.columns,
            adds: false)
          let place = TilePlace(
            entry: block.entry, row: row, column: column, rows: rows, columns: columns)
          finish(corner, at: place, target: target, adds: adds, ends: finishes)
        }
        second &+= 1
      }
      first &+= 1
    }
  }
}
