// Tile: the block of a matrix product that fits the registers of AVX-512.
// Twenty-four sums, two vectors of columns and one element of a column: 27 of 32 registers.
import Intrinsics

/// The innermost blocks of a matrix product.
enum Tile {
  /// The rows and columns whose sums stay in registers.
  static var rows: Int { 12 }
  static var columns: Int { 32 }
  /// The most multiply-adds of one element before its sum goes to memory.
  static var depth: Int { 512 }

  /// The steps after which an element of A is needed that is asked for now.
  private static var distance: Int { 64 }

  /// The rows of the kernel that serves a panel with this many rows.
  @inline(__always) static func rows(serving count: Int) -> Int {
    count > 8 ? 12 : count > 4 ? 8 : 4
  }

  /// The product of a panel of `rows` rows with a panel of 32 columns.
  ///
  /// - Parameters:
  ///   - rows: The rows of the panel of A.
  ///   - depth: The length of the sums.
  ///   - a: `rows` consecutive elements for each step.
  ///   - b: 32 consecutive elements for each step.
  ///   - sums: Where the sums start and where they go.
  ///   - ahead: What is fetched meanwhile.
  @inline(__always) static func multiply(
    rows: Int, depth: Int, a: UnsafeMutablePointer<Float>, b: UnsafeMutablePointer<Float>,
    sums: TileSums, ahead: Ahead
  ) {
    switch rows {
    case 12: multiply12(depth, a, b, sums, ahead)
    case 8: multiply8(depth, a, b, sums, ahead)
    default: multiply4(depth, a, b, sums, ahead)
    }
  }

  /// Twelve rows.
  @inline(never)
  private static func multiply12(
    _ depth: Int, _ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>,
    _ sums: TileSums, _ ahead: Ahead
  ) {
    sums.expect(rows: 12)
    let (startX, startY) = sums.start
    var (r0x, r0y) = (startX, startY)
    var (r1x, r1y) = (startX, startY)
    var (r2x, r2y) = (startX, startY)
    var (r3x, r3y) = (startX, startY)
    var (r4x, r4y) = (startX, startY)
    var (r5x, r5y) = (startX, startY)
    var (r6x, r6y) = (startX, startY)
    var (r7x, r7y) = (startX, startY)
    var (r8x, r8y) = (startX, startY)
    var (r9x, r9y) = (startX, startY)
    var (r10x, r10y) = (startX, startY)
    var (r11x, r11y) = (startX, startY)
    var (a, b, step) = (a, b, 0)
    var (line, stride, end) = (ahead.start, ahead.stride, min(ahead.count, depth))
    var left = ahead.following
    while true {
      while step < end {
        plumbline_prefetch(line)
        line += stride
        plumbline_prefetch(a + 12 &* distance)
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
        let a6 = Vector(repeating: a[6])
        r6x = Vector.fma(a6, bx, r6x)
        r6y = Vector.fma(a6, by, r6y)
        let a7 = Vector(repeating: a[7])
        r7x = Vector.fma(a7, bx, r7x)
        r7y = Vector.fma(a7, by, r7y)
        let a8 = Vector(repeating: a[8])
        r8x = Vector.fma(a8, bx, r8x)
        r8y = Vector.fma(a8, by, r8y)
        let a9 = Vector(repeating: a[9])
        r9x = Vector.fma(a9, bx, r9x)
        r9y = Vector.fma(a9, by, r9y)
        let a10 = Vector(repeating: a[10])
        r10x = Vector.fma(a10, bx, r10x)
        r10y = Vector.fma(a10, by, r10y)
        let a11 = Vector(repeating: a[11])
        r11x = Vector.fma(a11, bx, r11x)
        r11y = Vector.fma(a11, by, r11y)
        a += 12
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
    sums.put(r4x, r4y, row: 4)
    sums.put(r5x, r5y, row: 5)
    sums.put(r6x, r6y, row: 6)
    sums.put(r7x, r7y, row: 7)
    sums.put(r8x, r8y, row: 8)
    sums.put(r9x, r9y, row: 9)
    sums.put(r10x, r10y, row: 10)
    sums.put(r11x, r11y, row: 11)
  }

  /// Eight rows.
  @inline(never)
  private static func multiply8(
    _ depth: Int, _ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>,
    _ sums: TileSums, _ ahead: Ahead
  ) {
    sums.expect(rows: 8)
    let (startX, startY) = sums.start
    var (r0x, r0y) = (startX, startY)
    var (r1x, r1y) = (startX, startY)
    var (r2x, r2y) = (startX, startY)
    var (r3x, r3y) = (startX, startY)
    var (r4x, r4y) = (startX, startY)
    var (r5x, r5y) = (startX, startY)
    var (r6x, r6y) = (startX, startY)
    var (r7x, r7y) = (startX, startY)
    var (a, b, step) = (a, b, 0)
    var (line, stride, end) = (ahead.start, ahead.stride, min(ahead.count, depth))
    var left = ahead.following
    while true {
      while step < end {
        plumbline_prefetch(line)
        line += stride
        plumbline_prefetch(a + 8 &* distance)
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
        let a6 = Vector(repeating: a[6])
        r6x = Vector.fma(a6, bx, r6x)
        r6y = Vector.fma(a6, by, r6y)
        let a7 = Vector(repeating: a[7])
        r7x = Vector.fma(a7, bx, r7x)
        r7y = Vector.fma(a7, by, r7y)
        a += 8
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
    sums.put(r4x, r4y, row: 4)
    sums.put(r5x, r5y, row: 5)
    sums.put(r6x, r6y, row: 6)
    sums.put(r7x, r7y, row: 7)
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
        plumbline_prefetch(a + 4 &* distance)
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
