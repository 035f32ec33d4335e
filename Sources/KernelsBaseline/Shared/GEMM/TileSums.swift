// TileSums: what a tile's sums start from, and where they go once they are complete.
// The levels' tiles differ in size; how they read and write the result is the same for all.
import Intrinsics

/// Where one tile of a result lies, and what is added to its sums.
struct TileSums {
  let target: UnsafeMutablePointer<Float>
  let stride: Int
  /// The same place of what the sums are added to: earlier sums, or a residual.
  var addend: UnsafeMutablePointer<Float>?
  var addendStride = 0
  /// What each row of sums starts from instead of zero.
  var bias: UnsafeMutablePointer<Float>?

  /// The start of a row of sums, in two vectors.
  @inline(__always) var start: (Vector, Vector) {
    guard let bias else { return (Vector(repeating: 0), Vector(repeating: 0)) }
    return (bias.vector(at: 0), bias.vector(at: lanes))
  }

  /// Asks for the memory that the end of the tile reads or writes: it arrives during the sums.
  @inline(__always) func expect(rows: Int) {
    var row = 0
    while row < rows {
      let line = target + row &* stride
      plumbline_prefetch(line)
      plumbline_prefetch(line + lanes)
      row &+= 1
    }
    guard let addend, addend != target else { return }
    row = 0
    while row < rows {
      let line = addend + row &* addendStride
      plumbline_prefetch(line)
      plumbline_prefetch(line + lanes)
      row &+= 1
    }
  }

  /// Writes one row.
  @inline(__always) func put(_ x: Vector, _ y: Vector, row: Int) {
    let target = target + row &* stride
    if let addend {
      let addend = addend + row &* addendStride
      target.store(addend.vector(at: 0) + x, at: 0)
      target.store(addend.vector(at: lanes) + y, at: lanes)
    } else {
      target.store(x, at: 0)
      target.store(y, at: lanes)
    }
  }
}
