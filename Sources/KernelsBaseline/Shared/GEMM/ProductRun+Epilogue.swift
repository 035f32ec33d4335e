// ProductRun+Epilogue: from a tile's sums to the result: bias, activation, residual, and the edges.
// Apart from the loops that multiply, which write whole tiles of bare products themselves.
import Intrinsics
import Kernels

/// Where a tile lies in the result.
struct TilePlace {
  let entry: Int
  let row: Int
  let column: Int
  let rows: Int
  let columns: Int
}

extension ProductRun {
  /// Asks for the memory that finishing a tile will read or write: it arrives during the sums.
  @inline(__always)
  func expect(_ place: TilePlace, target: UnsafeMutablePointer<Float>, ends: Bool) {
    expect(target, product.result.stride, place.rows)
    guard ends else { return }
    switch product.epilogue.activation {
    case .none: break
    case .apply(_, let kept):
      if let kept { expect(start(of: kept, place, 0), kept.stride, place.rows) }
    case .slope(_, let argument):
      expect(start(of: argument, place, 0), argument.stride, place.rows)
    }
    if let residual = product.epilogue.residual {
      expect(start(of: residual, place, 0), residual.stride, place.rows)
    }
  }

  @inline(__always)
  private func expect(_ start: UnsafeMutablePointer<Float>, _ stride: Int, _ rows: Int) {
    var (line, row) = (start, 0)
    while row < rows {
      plumbline_prefetch(line)
      plumbline_prefetch(line + lanes)
      line += stride
      row &+= 1
    }
  }

  /// Writes a tile that is cut off at an edge or has an epilogue.
  ///
  /// - Parameters:
  ///   - tile: The sums, rows `Tile.columns` apart.
  ///   - place: Where the tile lies in the result.
  ///   - target: The same, in memory.
  ///   - adds: Whether they are added to what is there.
  ///   - ends: Whether the sums are complete, so that the epilogue is due.
  @inline(never)
  func finish(
    _ tile: UnsafeMutablePointer<Float>, at place: TilePlace,
    target: UnsafeMutablePointer<Float>, adds: Bool, ends: Bool
  ) {
    var row = 0
    while row < place.rows {
      let target = target + row &* product.result.stride
      var column = 0
      while column < place.columns {
        let count = min(lanes, place.columns &- column)
        var value = tile.vector(at: row &* Tile.columns &+ column)
        if adds { value += load(target, column, count) }
        if ends { value = epilogue(value, place, row, column, count) }
        save(value, target, column, count)
        column &+= lanes
      }
      row &+= 1
    }
  }

  @inline(__always)
  private func epilogue(
    _ sums: Vector, _ place: TilePlace, _ row: Int, _ column: Int, _ count: Int
  ) -> Vector {
    var value = sums
    if let bias = product.epilogue.bias {
      value += load(bias.pointer, place.column &+ column, count)
    }
    switch product.epilogue.activation {
    case .none: break
    case .apply(let kind, let kept):
      if let kept { save(value, start(of: kept, place, row), column, count) }
      value = apply(kind, value)
    case .slope(let kind, let argument):
      value *= slope(kind, load(start(of: argument, place, row), column, count))
    }
    if let residual = product.epilogue.residual {
      value += load(start(of: residual, place, row), column, count)
    }
    return value
  }

  /// The place in another matrix that a row of the tile has in the result.
  @inline(__always)
  private func start(
    of matrix: Matrix, _ place: TilePlace, _ row: Int
  ) -> UnsafeMutablePointer<Float> {
    matrix.place.pointer
      + (place.entry &* matrix.batchStride &+ (place.row &+ row) &* matrix.stride &+ place.column)
  }
}

@inline(__always)
private func apply(_ kind: ActivationKind, _ value: Vector) -> Vector {
  switch kind {
  case .gelu: Vector.gelu(value)
  case .geluTanh: Vector.geluTanh(value)
  case .silu: Vector.silu(value)
  case .relu: value.replacing(with: 0, where: value .<= 0)
  }
}

@inline(__always)
private func slope(_ kind: ActivationKind, _ value: Vector) -> Vector {
  switch kind {
  case .gelu: Vector.geluSlope(value)
  case .geluTanh: Vector.geluTanhSlope(value)
  case .silu: Vector.siluSlope(value)
  case .relu: Vector(repeating: 0).replacing(with: 1, where: value .> 0)
  }
}

@inline(__always)
private func load(_ row: UnsafeMutablePointer<Float>, _ index: Int, _ count: Int) -> Vector {
  count == lanes ? row.vector(at: index) : row.vector(at: index, count: count)
}

@inline(__always)
private func save(
  _ value: Vector, _ row: UnsafeMutablePointer<Float>, _ index: Int, _ count: Int
) {
  if count == lanes {
    row.store(value, at: index)
  } else {
    row.store(value, at: index, count: count)
  }
}
