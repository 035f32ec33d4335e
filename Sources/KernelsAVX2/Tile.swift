// Tile: the block of a matrix product that fits the registers of AVX2.
// Twelve sums, two vectors of columns and one element of a column: 15 of 16 registers.

/// The innermost blocks of a matrix product.
enum Tile {
  /// The rows and columns whose sums stay in registers.
  static var rows: Int { 6 }
  static var columns: Int { 16 }
  /// The most multiply-adds of one element before its sum goes to memory.
  static var depth: Int { 384 }

  /// The rows of the kernel that serves a panel with this many rows.
  @inline(__always) static func rows(serving count: Int) -> Int {
    count > 4 ? 6 : count > 2 ? 4 : 2
  }

  /// The product of a panel of `rows` rows with a panel of 16 columns.
  ///
  /// - Parameters:
  ///   - rows: The rows of the panel of A.
  ///   - depth: The length of the sums.
  ///   - a: `rows` consecutive elements for each step.
  ///   - b: 16 consecutive elements for each step.
  ///   - c: The result.
  ///   - stride: The elements between rows of the result.
  ///   - adds: Whether the result is added to what is there.
  @inline(__always) static func multiply(
    rows: Int, depth: Int, a: UnsafeMutablePointer<Float>, b: UnsafeMutablePointer<Float>,
    c: UnsafeMutablePointer<Float>, stride: Int, adds: Bool
  ) {
    switch rows {
    case 6: multiply6(depth, a, b, c, stride, adds)
    case 4: multiply4(depth, a, b, c, stride, adds)
    default: multiply2(depth, a, b, c, stride, adds)
    }
  }

  /// Six rows.
  private static func multiply6(
    _ depth: Int, _ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>,
    _ c: UnsafeMutablePointer<Float>, _ stride: Int, _ adds: Bool
  ) {
    let zero = Vector(repeating: 0)
    var (r0x, r0y) = (zero, zero)
    var (r1x, r1y) = (zero, zero)
    var (r2x, r2y) = (zero, zero)
    var (r3x, r3y) = (zero, zero)
    var (r4x, r4y) = (zero, zero)
    var (r5x, r5y) = (zero, zero)
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
      let a4 = Vector(repeating: a[4])
      r4x = Vector.fma(a4, bx, r4x)
      r4y = Vector.fma(a4, by, r4y)
      let a5 = Vector(repeating: a[5])
      r5x = Vector.fma(a5, bx, r5x)
      r5y = Vector.fma(a5, by, r5y)
      a += 6
      b += columns
      step &+= 1
    }
    put(r0x, r0y, c, adds)
    put(r1x, r1y, c + stride, adds)
    put(r2x, r2y, c + 2 &* stride, adds)
    put(r3x, r3y, c + 3 &* stride, adds)
    put(r4x, r4y, c + 4 &* stride, adds)
    put(r5x, r5y, c + 5 &* stride, adds)
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

  /// Two rows.
  private static func multiply2(
    _ depth: Int, _ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>,
    _ c: UnsafeMutablePointer<Float>, _ stride: Int, _ adds: Bool
  ) {
    let zero = Vector(repeating: 0)
    var (r0x, r0y) = (zero, zero)
    var (r1x, r1y) = (zero, zero)
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
      a += 2
      b += columns
      step &+= 1
    }
    put(r0x, r0y, c, adds)
    put(r1x, r1y, c + stride, adds)
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
