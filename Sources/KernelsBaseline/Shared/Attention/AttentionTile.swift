// AttentionTile: rows of queries turned so that each query has a lane, and turned back.
// A tile is two vectors of queries; what is broadcast against it is packed dense.

/// Moves rows between strided memory and dense scratch.
enum AttentionTile {
  /// The queries of a tile.
  @inline(__always) static var queries: Int { 2 &* lanes }

  /// The keys whose scores are made at once.
  @inline(__always) static var keys: Int { 64 }

  /// The smallest score that counts; what is hidden is -infinity.
  @inline(__always) static var lowest: Float { -Float.greatestFiniteMagnitude }

  /// Copies rows, each padded with zeros to `targetRow`.
  static func pack(
    _ source: UnsafeMutablePointer<Float>, row sourceRow: Int, rows: Int, width: Int,
    into target: UnsafeMutablePointer<Float>, row targetRow: Int
  ) {
    var row = 0
    while row < rows {
      let from = source + row &* sourceRow
      let to = target + row &* targetRow
      var index = 0
      while index &+ lanes <= width {
        to.store(from.vector(at: index), at: index)
        index &+= lanes
      }
      while index < width {
        to[index] = from[index]
        index &+= 1
      }
      while index < targetRow {
        to[index] = 0
        index &+= 1
      }
      row &+= 1
    }
  }

  static func clear(_ target: UnsafeMutablePointer<Float>, count: Int) {
    target.update(repeating: 0, count: count)
  }

  /// `target[x][lane] = source[lane][x] · factor`; lanes beyond the rows are zero.
  static func turn(
    _ source: UnsafeMutablePointer<Float>, row sourceRow: Int, rows: Int, width: Int,
    factor: Float, into target: UnsafeMutablePointer<Float>, tile: Int = queries
  ) {
    let factors = SIMD4<Float>(repeating: factor)
    var lane = 0
    while lane &+ 4 <= rows {
      let from = source + lane &* sourceRow
      var index = 0
      while index &+ 4 <= width {
        let block = FourByFour(from + index, row: sourceRow).turned
        block.times(factors, factors, factors, factors)
          .write(target + (index &* tile &+ lane), row: tile)
        index &+= 4
      }
      while index < width {
        let to = target + (index &* tile &+ lane)
        to[0] = from[index] * factor
        to[1] = from[index &+ sourceRow] * factor
        to[2] = from[index &+ 2 &* sourceRow] * factor
        to[3] = from[index &+ 3 &* sourceRow] * factor
        index &+= 1
      }
      lane &+= 4
    }
    while lane < rows {
      let from = source + lane &* sourceRow
      var index = 0
      while index < width {
        target[index &* tile &+ lane] = from[index] * factor
        index &+= 1
      }
      lane &+= 1
    }
    while lane < tile {
      var index = 0
      while index < width {
        target[index &* tile &+ lane] = 0
        index &+= 1
      }
      lane &+= 1
    }
  }

  /// `target[lane][x] = source[x][lane]`, multiplied by the lane's factor.
  static func turnBack(
    _ source: UnsafeMutablePointer<Float>, factors: UnsafeMutablePointer<Float>, rows: Int,
    width: Int, into target: UnsafeMutablePointer<Float>, row targetRow: Int, tile: Int = queries
  ) {
    var lane = 0
    while lane &+ 4 <= rows {
      let to = target + lane &* targetRow
      let (factor0, factor1) = (factors[lane], factors[lane &+ 1])
      let (factor2, factor3) = (factors[lane &+ 2], factors[lane &+ 3])
      var index = 0
      while index &+ 4 <= width {
        let block = FourByFour(source + (index &* tile &+ lane), row: tile).turned
        block.times(
          SIMD4(repeating: factor0), SIMD4(repeating: factor1), SIMD4(repeating: factor2),
          SIMD4(repeating: factor3)
        ).write(to + index, row: targetRow)
        index &+= 4
      }
      while index < width {
        let from = source + (index &* tile &+ lane)
        to[index] = from[0] * factor0
        to[index &+ targetRow] = from[1] * factor1
        to[index &+ 2 &* targetRow] = from[2] * factor2
        to[index &+ 3 &* targetRow] = from[3] * factor3
        index &+= 1
      }
      lane &+= 4
    }
    while lane < rows {
      let to = target + lane &* targetRow
      let factor = factors[lane]
      var index = 0
      while index < width {
        to[index] = source[index &* tile &+ lane] * factor
        index &+= 1
      }
      lane &+= 1
    }
  }

  /// Copies packed rows out, multiplied by a factor.
  static func unpack(
    _ source: UnsafeMutablePointer<Float>, row sourceRow: Int, factor: Float, rows: Int,
    width: Int, into target: UnsafeMutablePointer<Float>, row targetRow: Int
  ) {
    let factors = Vector.all(factor)
    var row = 0
    while row < rows {
      let from = source + row &* sourceRow
      let to = target + row &* targetRow
      var index = 0
      while index &+ lanes <= width {
        to.store(from.vector(at: index) * factors, at: index)
        index &+= lanes
      }
      while index < width {
        to[index] = from[index] * factor
        index &+= 1
      }
      row &+= 1
    }
  }

  /// The products of rows with rows, one sum each.
  static func dots(
    _ left: UnsafeMutablePointer<Float>, row leftRow: Int,
    _ right: UnsafeMutablePointer<Float>, row rightRow: Int, rows: Int, width: Int,
    into target: UnsafeMutablePointer<Float>
  ) {
    var row = 0
    while row < rows {
      let (x, y) = (left + row &* leftRow, right + row &* rightRow)
      var sums = Vector()
      var index = 0
      while index &+ lanes <= width {
        sums = Vector.fma(x.vector(at: index), y.vector(at: index), sums)
        index &+= lanes
      }
      var sum = width >= lanes ? sums.total : 0
      while index < width {
        sum += x[index] * y[index]
        index &+= 1
      }
      target[row] = sum
      row &+= 1
    }
  }
}

/// Four rows of four elements, which turn in registers.
private struct FourByFour {
  var rows: (SIMD4<Float>, SIMD4<Float>, SIMD4<Float>, SIMD4<Float>)

  @inline(__always)
  init(_ source: UnsafeMutablePointer<Float>, row: Int) {
    rows = (
      FourByFour.read(source), FourByFour.read(source + row),
      FourByFour.read(source + 2 &* row), FourByFour.read(source + 3 &* row)
    )
  }

  @inline(__always)
  private static func read(_ source: UnsafeMutablePointer<Float>) -> SIMD4<Float> {
    UnsafeRawPointer(source).loadUnaligned(as: SIMD4<Float>.self)
  }

  @inline(__always) var turned: FourByFour {
    let (a, b, c, d) = rows
    var result = self
    result.rows = (
      SIMD4(a[0], b[0], c[0], d[0]), SIMD4(a[1], b[1], c[1], d[1]),
      SIMD4(a[2], b[2], c[2], d[2]), SIMD4(a[3], b[3], c[3], d[3])
    )
    return result
  }

  @inline(__always)
  func times(
    _ a: SIMD4<Float>, _ b: SIMD4<Float>, _ c: SIMD4<Float>, _ d: SIMD4<Float>
  ) -> FourByFour {
    var result = self
    result.rows = (rows.0 * a, rows.1 * b, rows.2 * c, rows.3 * d)
    return result
  }

  @inline(__always)
  func write(_ target: UnsafeMutablePointer<Float>, row: Int) {
    UnsafeMutableRawPointer(target).storeBytes(of: rows.0, as: SIMD4<Float>.self)
    UnsafeMutableRawPointer(target + row).storeBytes(of: rows.1, as: SIMD4<Float>.self)
    UnsafeMutableRawPointer(target + 2 &* row).storeBytes(of: rows.2, as: SIMD4<Float>.self)
    UnsafeMutableRawPointer(target + 3 &* row).storeBytes(of: rows.3, as: SIMD4<Float>.self)
  }
}
