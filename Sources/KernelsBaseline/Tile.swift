// Tile: the block of a matrix product that fits the registers of SSE2 and NEON.
// Eight sums, two vectors of columns and products: 12 of the 16 registers that SSE2 has.

/// The innermost blocks of a matrix product.
enum Tile {
  /// The rows and columns whose sums stay in registers.
  static var rows: Int { 4 }
  static var columns: Int { 8 }
  /// The most multiply-adds of one element before its sum goes to memory.
  static var depth: Int { 384 }

  /// The rows of the kernel that serves a panel with this many rows.
  @inline(__always) static func rows(serving count: Int) -> Int {
    rows
  }

  /// The product of a panel of `rows` rows with a panel of 8 columns.
  ///
  /// - Parameters:
  ///   - rows: The rows of the panel of A.
  ///   - depth: The length of the sums.
  ///   - a: `rows` consecutive elements for each step.
  ///   - b: 8 consecutive elements for each step.
  ///   - c: The result.
  ///   - stride: The elements between rows of the result.
  ///   - adds: Whether the result is added to what is there.
  @inline(__always) static func multiply(
    rows: Int, depth: Int, a: UnsafeMutablePointer<Float>, b: UnsafeMutablePointer<Float>,
    c: UnsafeMutablePointer<Float>, stride: Int, adds: Bool
  ) {
    multiply4(depth, a, b, c, stride, adds)
  }

  /// Four rows.
  private static func multiply4(
    _ depth: Int, _ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>,
    _ c: UnsafeMutablePointer<Float>, _ stride: Int, _ adds: Bool
  ) {
    let zero = Vector(repeating: 0)
    var (r0x, r0y) = (zero, zero)
    var (r1x, r1y) = (zero, zero)
    var (r2x, r2y) = (zero, zero)
    var (r3x, r3y) = (zero, zero)
    var (a, b, step) = (a, b, 0)
    while step < depth {
      let bx = b.vector(at: 0)
      let by = b.vector(at: lanes)
      let a0 = Vector(repeating: a[0])
      r0x = Vector.fma(a0, bx, r0x)
      r0y = Vector.fma(a0, by, r0y)
      let a1 = Vector(repeating: a[1])
      r1x = Vector.fma(a1, bx, r1x)
      r1y = Vector.fma(a1, by, r1y)
      let a2 = Vector(repeating: a[2])
      r2x = Vector.fma(a2, bx, r2x)
      r2y = Vector.fma(a2, by, r2y)
      let a3 = Vector(repeating: a[3])
      r3x = Vector.fma(a3, bx, r3x)
      r3y = Vector.fma(a3, by, r3y)
      a += 4
      b += columns
      step &+= 1
    }
    put(r0x, r0y, c, adds)
    put(r1x, r1y, c + stride, adds)
    put(r2x, r2y, c + 2 &* stride, adds)
    put(r3x, r3y, c + 3 &* stride, adds)
  }

  /// Writes a row, or adds it to what is there.
  @inline(__always) private static func put(
    _ x: Vector, _ y: Vector, _ c: UnsafeMutablePointer<Float>, _ adds: Bool
  ) {
    if adds {
      c.store(c.vector(at: 0) + x, at: 0)
      c.store(c.vector(at: lanes) + y, at: lanes)
    } else {
      c.store(x, at: 0)
      c.store(y, at: lanes)
    }
  }
}
