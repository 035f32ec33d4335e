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
    factor: Float, into target: UnsafeMutablePointer<Float>
  ) {
    let tile = queries
    var lane = 0
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
    width: Int, into target: UnsafeMutablePointer<Float>, row targetRow: Int
  ) {
    let tile = queries
    var lane = 0
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
