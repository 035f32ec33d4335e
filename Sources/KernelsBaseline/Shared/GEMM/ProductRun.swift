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
    let start = round &* plan.reach
    let steps = start..<min(product.shape.k, start &+ plan.reach)
    let (a, b) = (packingA(steps), packingB(steps))
    if a.pieces &+ b.pieces > 0 {
      jobs.append(
        KernelJob(pieces: a.pieces &+ b.pieces) { piece, _ in
          if piece < a.pieces {
            packA(piece, a, entry)
          } else {
            packB(piece &- a.pieces, b, entry)
          }
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

  /// The pieces that multiply; sums are wanted even where the result is empty.
  private var resultPieces: Int {
    let sums = product.rowSums != nil || product.columnSums != nil
    let least = sums ? 1 : 0
    return max(least, plan.rowCuts.count) * max(least, plan.columnCuts.count)
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

  /// How a shared operand is packed over the steps of a round.
  private func packingA(_ steps: Range<Int>) -> SharedPacking {
    SharedPacking(
      panels: plan.sharesA ? ceiling(product.shape.m, Tile.rows) : 0, group: 8, steps: steps,
      depth: plan.depth, isWhole: product.rowSums != nil)
  }

  private func packingB(_ steps: Range<Int>) -> SharedPacking {
    SharedPacking(
      panels: plan.sharesB ? ceiling(product.shape.n, Tile.columns) : 0, group: 4, steps: steps,
      depth: plan.depth, isWhole: product.columnSums != nil)
  }

  private func packA(_ piece: Int, _ packing: SharedPacking, _ entry: Int) {
    let panels = packing.panels(of: piece)
    var step = packing.start(of: piece)
    let end = packing.end(of: piece)
    repeat {
      let depth = min(plan.depth, end &- step)
      let target = sharedA(step &- packing.steps.lowerBound)
      packA(
        panels, step, depth, target + panels.lowerBound &* Tile.rows &* depth, entry, sums: true)
      step &+= plan.depth
    } while step < end
  }

  private func packB(_ piece: Int, _ packing: SharedPacking, _ entry: Int) {
    let panels = packing.panels(of: piece)
    var step = packing.start(of: piece)
    let end = packing.end(of: piece)
    repeat {
      let depth = min(plan.depth, end &- step)
      let target = sharedB(step &- packing.steps.lowerBound)
      packB(
        panels, step, depth, target + panels.lowerBound &* Tile.columns &* depth, entry,
        sums: true)
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
    _ panels: Range<Int>, _ step: Int, _ depth: Int, _ target: UnsafeMutablePointer<Float>,
    _ entry: Int, sums: Bool
  ) {
    let x = panels.lowerBound &* Tile.rows
    let valid = min(panels.count &* Tile.rows, product.shape.m &- x)
    let last = Tile.rows(serving: valid &- (panels.count &- 1) &* Tile.rows)
    sourceA(entry).pack(
      x: x, step: step, valid: valid, width: Tile.rows, last: last, depth: depth, to: target)
    if sums, let rowSums = product.rowSums {
      sum(
        target, width: Tile.rows, last: last, depth, valid, to: rowSums.pointer + x, from: step)
    }
  }

  private func packB(
    _ panels: Range<Int>, _ step: Int, _ depth: Int, _ target: UnsafeMutablePointer<Float>,
    _ entry: Int, sums: Bool
  ) {
    let x = panels.lowerBound &* Tile.columns
    let valid = min(panels.count &* Tile.columns, product.shape.n &- x)
    sourceB(entry).pack(
      x: x, step: step, valid: valid, width: Tile.columns, last: Tile.columns, depth: depth,
      to: target)
    if sums, let columnSums = product.columnSums {
      sum(
        target, width: Tile.columns, last: Tile.columns, depth, valid,
        to: columnSums.pointer + x, from: step)
    }
  }

  /// Adds the steps of packed panels.
  private func sum(
    _ panels: UnsafeMutablePointer<Float>, width: Int, last: Int, _ depth: Int, _ valid: Int,
    to sums: UnsafeMutablePointer<Float>, from step: Int
  ) {
    var (panel, sums, left) = (panels, sums, valid)
    while left > 0 {
      sumPanel(
        panel, left > width ? width : last, depth, min(left, width), to: sums,
        adds: step > 0 || product.accumulatesSums)
      panel += width &* depth
      sums += width
      left &-= width
    }
  }
}

/// How the panels of a shared operand are dealt out: a few side by side, for one depth.
struct SharedPacking: Sendable {
  let panels: Int
  /// The panels of a piece.
  let group: Int
  /// The steps of the round, and how many a piece packs.
  let steps: Range<Int>
  let depth: Int
  private let cuts: Int

  /// Deals out panels; `isWhole` lets a piece pack all steps, because it sums them up in order.
  init(panels: Int, group: Int, steps: Range<Int>, depth: Int, isWhole: Bool) {
    self.panels = panels
    self.group = group
    self.steps = steps
    cuts = isWhole ? 1 : max(1, ceiling(steps.count, depth))
    self.depth = isWhole ? max(1, steps.count) : depth
  }

  var pieces: Int { ceiling(panels, group) &* cuts }

  func panels(of piece: Int) -> Range<Int> {
    let first = piece / cuts &* group
    return first..<min(panels, first &+ group)
  }

  func start(of piece: Int) -> Int { steps.lowerBound &+ piece % cuts &* depth }
  func end(of piece: Int) -> Int { min(steps.upperBound, start(of: piece) &+ depth) }
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
    let (rowPieces, columnPieces) = (max(1, plan.rowCuts.count), max(1, plan.columnCuts.count))
    let inEntry = piece % (rowPieces &* columnPieces)
    let rows = plan.rowCuts.range(inEntry / columnPieces)
    let columns = plan.columnCuts.range(inEntry % columnPieces)
    return ProductBlock(
      entry: entry &+ piece / (rowPieces &* columnPieces), rows: rows, columns: columns,
      rowPanels: rows.lowerBound / Tile.rows..<ceiling(rows.upperBound, Tile.rows),
      columnPanels: columns.lowerBound / Tile.columns..<ceiling(columns.upperBound, Tile.columns))
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
        packA(
          block.rowPanels, step, depth, a, block.entry, sums: block.columnPanels.lowerBound == 0)
      }
      if plan.sharesB {
        b = sharedB(step &- start) + block.columnPanels.lowerBound &* Tile.columns &* depth
      } else {
        b = ownB
        packB(
          block.columnPanels, step, depth, b, block.entry, sums: block.rowPanels.lowerBound == 0)
      }
      tiles(
        block, a: a, b: b, depth: depth, corner: corner, step: step,
        ahead: lookahead(block, piece: piece, entry: entry, next: step &+ depth))
      step &+= plan.depth
    } while step < end
  }

  /// What will probably be packed next: the same rows or columns further down, or else those of
  /// the piece after the next one, because a second worker takes the next.
  private func lookahead(_ block: ProductBlock, piece: Int, entry: Int, next: Int) -> Lookahead {
    let tiles = block.rowPanels.count &* block.columnPanels.count
    guard !plan.sharesA || !plan.sharesB, tiles > 1 else { return Lookahead() }
    let isDown = next < product.shape.k
    let step = isDown ? next : 0
    let other = isDown ? block : self.block(piece &+ 2, entry)
    guard other.entry < product.shape.batch else { return Lookahead() }
    let depth = min(plan.depth, product.shape.k &- step)
    return plan.sharesA
      ? Lookahead(sourceB(other.entry), other.columns, step..<step &+ depth, tiles: tiles)
      : Lookahead(sourceA(other.entry), other.rows, step..<step &+ depth, tiles: tiles)
  }

  /// All tiles of a block for one depth: each panel of B meets all of A while it is near.
  @inline(__always)
  private func tiles(
    _ block: ProductBlock, a: UnsafeMutablePointer<Float>, b: UnsafeMutablePointer<Float>,
    depth: Int, corner: UnsafeMutablePointer<Float>, step: Int, ahead: Lookahead
  ) {
    let ends = step &+ depth == product.shape.k
    let finishing = finishing
    let finishes = ends && finishing != .inTile
    let result = product.result
    let start = result.place.pointer + block.entry &* result.batchStride
    var ahead = ahead
    var columnPanel = 0
    while columnPanel < block.columnPanels.count {
      let column = block.columns.lowerBound &+ columnPanel &* Tile.columns
      let columns = min(Tile.columns, block.columns.upperBound &- column)
      let panelB = b + columnPanel &* Tile.columns &* depth
      var rowPanel = 0
      while rowPanel < block.rowPanels.count {
        let row = block.rows.lowerBound &+ rowPanel &* Tile.rows
        let rows = min(Tile.rows, block.rows.upperBound &- row)
        let height = Tile.rows(serving: rows)
        let panelA = a + rowPanel &* Tile.rows &* depth
        let target = start + (row &* result.stride &+ column)
        var fetched = ahead.next(otherwise: panelB)
        if plan.sharesB, columnPanel &+ 1 < block.columnPanels.count {
          // The next panel may have left the core's own caches since it was read last.
          let size = Tile.columns &* depth
          fetched.fetch(panelB + size, size, part: rowPanel, of: block.rowPanels.count)
        }
        if rows == height, columns == Tile.columns, !finishes {
          Tile.multiply(
            rows: height, depth: depth, a: panelA, b: panelB,
            sums: sums(target, block.entry, row, column, isFirst: step == 0, finishing),
            ahead: fetched)
        } else {
          let place = TilePlace(
            entry: block.entry, row: row, column: column, rows: rows, columns: columns)
          expect(place, target: target, ends: ends)
          Tile.multiply(
            rows: height, depth: depth, a: panelA, b: panelB,
            sums: TileSums(target: corner, stride: Tile.columns), ahead: fetched)
          finish(
            corner, at: place, target: target, adds: step > 0 || product.accumulates, ends: ends)
        }
        rowPanel &+= 1
      }
      columnPanel &+= 1
    }
  }

  /// Whether the epilogue of a whole tile is part of its sums, or comes after them.
  private enum Finishing {
    case inTile
    case after
  }

  /// A bias and a residual are what sums start from, unless there is something to add them to.
  private var finishing: Finishing {
    guard case .none = product.epilogue.activation else { return .after }
    // A tile that is cut off adds them afterwards, and which tile is cut off depends on the rows.
    if product.shape.keepsRows, product.epilogue.bias != nil || product.epilogue.residual != nil {
      return .after
    }
    return product.accumulates && product.epilogue.residual != nil ? .after : .inTile
  }

  /// What a whole tile's sums start from and where they go.
  @inline(__always)
  private func sums(
    _ target: UnsafeMutablePointer<Float>, _ entry: Int, _ row: Int, _ column: Int, isFirst: Bool,
    _ finishing: Finishing
  ) -> TileSums {
    var sums = TileSums(target: target, stride: product.result.stride)
    if !isFirst || product.accumulates {
      sums.addend = target
      sums.addendStride = product.result.stride
    } else if finishing == .inTile, let residual = product.epilogue.residual {
      sums.addend =
        residual.place.pointer
        + (entry &* residual.batchStride &+ row &* residual.stride &+ column)
      sums.addendStride = residual.stride
    }
    if isFirst, finishing == .inTile, let bias = product.epilogue.bias {
      sums.bias = bias.pointer + column
    }
    return sums
  }
}
