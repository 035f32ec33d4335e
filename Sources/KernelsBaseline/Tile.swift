// Tile: the block of a matrix product that fits the registers of SSE2 and NEON.
// Eight sums, two vectors of columns and products: 12 of the 16 registers that SSE2 has.
import Intrinsics

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
  ///   - sums: Where the sums start and where they go.
  ///   - ahead: What is fetched meanwhile.
  @inline(__always) static func multiply(
    rows: Int, depth: Int, a: UnsafeMutablePointer<Float>, b: UnsafeMutablePointer<Float>,
    sums: TileSums, ahead: Ahead
  ) {
    multiply4(depth, a, b, sums, ahead)
  }

  /// Four rows.
  @inline(never)
  private static func multiply4(
    _ depth: Int, _ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>,
    _ sums: TileSums, _ ahead: Ahead
  ) {
    sums.expect(rows: 4)
    let (startX, startY) = sums.start
    var (r0x, r0y) = (startX, startY)
    var (r1x, r1y) = (startX, startY)
    var (r2x, r2y) = (startX, startY)
    var (r3x, r3y) = (startX, startY)
    var (a, b, step) = (a, b, 0)
    var (line, stride, end) = (ahead.start, ahead.stride, min(ahead.count, depth))
    var left = ahead.following
    while true {
      while step < end {
        plumbline_prefetch(line)
        line += stride
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
      if end == depth { break }
      // At last nothing is left to fetch: a line that is there anyway.
      (line, stride) = left > 0 ? (ahead.next, 16) : (b, 0)
      (end, left) = (left > 0 ? min(depth, step &+ left) : depth, 0)
    }
    sums.put(r0x, r0y, row: 0)
    sums.put(r1x, r1y, row: 1)
    sums.put(r2x, r2y, row: 2)
    sums.put(r3x, r3y, row: 3)
  }
}
