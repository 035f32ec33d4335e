// PanelProduct: a strided matrix times rows of vectors, the one product of which attention is made.
// Apart from the packed matrix product: its operands lie in the first cache and are small.

/// `c[r][x] (+)= Σ_k a[r·aRow + k·aStep] · b[k·bRow + x]`, with `x` in the lanes.
///
/// Elements of `a` are broadcast, so that it may lie turned; rows of `b` and `c` are padded to whole
/// vectors.
struct PanelProduct {
  var a: UnsafeMutablePointer<Float>
  var aRow: Int
  var aStep: Int
  var b: UnsafeMutablePointer<Float>
  var bRow: Int
  var c: UnsafeMutablePointer<Float>
  var cRow: Int
  var depth: Int
  /// False to overwrite `c`.
  var accumulates: Bool

  /// To what the rows of `b` and `c` are padded: half a vector is as good where it has eight lanes.
  @inline(__always) static var unit: Int { lanes < 8 ? lanes : 8 }

  @inline(__always) static func padded(_ width: Int) -> Int {
    (width &+ unit &- 1) / unit &* unit
  }

  /// Does `rows` rows and `columns` columns, a multiple of ``unit``.
  func run(rows: Int, columns: Int) {
    var column = 0
    while columns &- column >= 2 &* lanes {
      runPair(rows: rows, column: column)
      column &+= 2 &* lanes
    }
    if columns &- column >= lanes {
      runSingle(rows: rows, column: column)
      column &+= lanes
    }
    if column < columns { runHalf(rows: rows, column: column) }
  }

  /// Two vectors of columns.
  private func runPair(rows: Int, column: Int) {
    var row = 0
    while rows &- row >= 6, rows &- row != 8 {
      sixByTwo(row, column)
      row &+= 6
    }
    while rows &- row >= 4 {
      fourByTwo(row, column)
      row &+= 4
    }
    while row < rows {
      oneByTwo(row, column)
      row &+= 1
    }
  }

  @inline(__always)
  private func sixByTwo(_ row: Int, _ column: Int) {
    let a0 = a + row &* aRow
    let a1 = a0 + aRow
    let a2 = a1 + aRow
    let a3 = a2 + aRow
    let a4 = a3 + aRow
    let a5 = a4 + aRow
    let c0 = c + (row &* cRow &+ column)
    let c1 = c0 + cRow
    let c2 = c1 + cRow
    let c3 = c2 + cRow
    let c4 = c3 + cRow
    let c5 = c4 + cRow
    var (s00, s01, s10, s11) = (Vector(), Vector(), Vector(), Vector())
    var (s20, s21, s30, s31) = (Vector(), Vector(), Vector(), Vector())
    var (s40, s41, s50, s51) = (Vector(), Vector(), Vector(), Vector())
    if accumulates {
      s00 = c0.vector(at: 0)
      s01 = c0.vector(at: lanes)
      s10 = c1.vector(at: 0)
      s11 = c1.vector(at: lanes)
      s20 = c2.vector(at: 0)
      s21 = c2.vector(at: lanes)
      s30 = c3.vector(at: 0)
      s31 = c3.vector(at: lanes)
      s40 = c4.vector(at: 0)
      s41 = c4.vector(at: lanes)
      s50 = c5.vector(at: 0)
      s51 = c5.vector(at: lanes)
    }
    var from = b + column
    var place = 0
    var step = 0
    while step < depth {
      let b0 = from.vector(at: 0)
      let b1 = from.vector(at: lanes)
      var x = Vector(repeating: a0[place])
      s00 = Vector.fma(x, b0, s00)
      s01 = Vector.fma(x, b1, s01)
      x = Vector(repeating: a1[place])
      s10 = Vector.fma(x, b0, s10)
      s11 = Vector.fma(x, b1, s11)
      x = Vector(repeating: a2[place])
      s20 = Vector.fma(x, b0, s20)
      s21 = Vector.fma(x, b1, s21)
      x = Vector(repeating: a3[place])
      s30 = Vector.fma(x, b0, s30)
      s31 = Vector.fma(x, b1, s31)
      x = Vector(repeating: a4[place])
      s40 = Vector.fma(x, b0, s40)
      s41 = Vector.fma(x, b1, s41)
      x = Vector(repeating: a5[place])
      s50 = Vector.fma(x, b0, s50)
      s51 = Vector.fma(x, b1, s51)
      from += bRow
      place &+= aStep
      step &+= 1
    }
    c0.store(s00, at: 0)
    c0.store(s01, at: lanes)
    c1.store(s10, at: 0)
    c1.store(s11, at: lanes)
    c2.store(s20, at: 0)
    c2.store(s21, at: lanes)
    c3.store(s30, at: 0)
    c3.store(s31, at: lanes)
    c4.store(s40, at: 0)
    c4.store(s41, at: lanes)
    c5.store(s50, at: 0)
    c5.store(s51, at: lanes)
  }

  @inline(__always)
  private func fourByTwo(_ row: Int, _ column: Int) {
    let a0 = a + row &* aRow
    let a1 = a0 + aRow
    let a2 = a1 + aRow
    let a3 = a2 + aRow
    let c0 = c + (row &* cRow &+ column)
    let c1 = c0 + cRow
    let c2 = c1 + cRow
    let c3 = c2 + cRow
    var (s00, s01, s10, s11) = (Vector(), Vector(), Vector(), Vector())
    var (s20, s21, s30, s31) = (Vector(), Vector(), Vector(), Vector())
    if accumulates {
      s00 = c0.vector(at: 0)
      s01 = c0.vector(at: lanes)
      s10 = c1.vector(at: 0)
      s11 = c1.vector(at: lanes)
      s20 = c2.vector(at: 0)
      s21 = c2.vector(at: lanes)
      s30 = c3.vector(at: 0)
      s31 = c3.vector(at: lanes)
    }
    var from = b + column
    var place = 0
    var step = 0
    while step < depth {
      let b0 = from.vector(at: 0)
      let b1 = from.vector(at: lanes)
      var x = Vector(repeating: a0[place])
      s00 = Vector.fma(x, b0, s00)
      s01 = Vector.fma(x, b1, s01)
      x = Vector(repeating: a1[place])
      s10 = Vector.fma(x, b0, s10)
      s11 = Vector.fma(x, b1, s11)
      x = Vector(repeating: a2[place])
      s20 = Vector.fma(x, b0, s20)
      s21 = Vector.fma(x, b1, s21)
      x = Vector(repeating: a3[place])
      s30 = Vector.fma(x, b0, s30)
      s31 = Vector.fma(x, b1, s31)
      from += bRow
      place &+= aStep
      step &+= 1
    }
    c0.store(s00, at: 0)
    c0.store(s01, at: lanes)
    c1.store(s10, at: 0)
    c1.store(s11, at: lanes)
    c2.store(s20, at: 0)
    c2.store(s21, at: lanes)
    c3.store(s30, at: 0)
    c3.store(s31, at: lanes)
  }

  @inline(__always)
  private func oneByTwo(_ row: Int, _ column: Int) {
    let a0 = a + row &* aRow
    let c0 = c + (row &* cRow &+ column)
    var s00 = accumulates ? c0.vector(at: 0) : Vector()
    var s01 = accumulates ? c0.vector(at: lanes) : Vector()
    var from = b + column
    var place = 0
    var step = 0
    while step < depth {
      let x = Vector(repeating: a0[place])
      s00 = Vector.fma(x, from.vector(at: 0), s00)
      s01 = Vector.fma(x, from.vector(at: lanes), s01)
      from += bRow
      place &+= aStep
      step &+= 1
    }
    c0.store(s00, at: 0)
    c0.store(s01, at: lanes)
  }

  /// One vector of columns.
  private func runSingle(rows: Int, column: Int) {
    var row = 0
    while rows &- row >= 8 {
      eightByOne(Vector.self, row, column)
      row &+= 8
    }
    while row < rows {
      oneByOne(Vector.self, row, column)
      row &+= 1
    }
  }

  /// The last eight columns where a vector has sixteen lanes.
  private func runHalf(rows: Int, column: Int) {
    var row = 0
    while rows &- row >= 8 {
      eightByOne(SIMD8<Float>.self, row, column)
      row &+= 8
    }
    while row < rows {
      oneByOne(SIMD8<Float>.self, row, column)
      row &+= 1
    }
  }

  @inline(__always)
  private func eightByOne<Lanes: RegisterVector & BitwiseCopyable>(
    _: Lanes.Type, _ row: Int, _ column: Int
  ) {
    let a0 = a + row &* aRow
    let a1 = a0 + aRow
    let a2 = a1 + aRow
    let a3 = a2 + aRow
    let a4 = a3 + aRow
    let a5 = a4 + aRow
    let a6 = a5 + aRow
    let a7 = a6 + aRow
    let target = c + (row &* cRow &+ column)
    var (s0, s1, s2, s3) = (Lanes(), Lanes(), Lanes(), Lanes())
    var (s4, s5, s6, s7) = (Lanes(), Lanes(), Lanes(), Lanes())
    if accumulates {
      s0 = target.lanes(at: 0)
      s1 = target.lanes(at: cRow)
      s2 = target.lanes(at: 2 &* cRow)
      s3 = target.lanes(at: 3 &* cRow)
      s4 = target.lanes(at: 4 &* cRow)
      s5 = target.lanes(at: 5 &* cRow)
      s6 = target.lanes(at: 6 &* cRow)
      s7 = target.lanes(at: 7 &* cRow)
    }
    var from = b + column
    var place = 0
    var step = 0
    while step < depth {
      let x: Lanes = from.lanes(at: 0)
      s0 = Lanes.fma(Lanes(repeating: a0[place]), x, s0)
      s1 = Lanes.fma(Lanes(repeating: a1[place]), x, s1)
      s2 = Lanes.fma(Lanes(repeating: a2[place]), x, s2)
      s3 = Lanes.fma(Lanes(repeating: a3[place]), x, s3)
      s4 = Lanes.fma(Lanes(repeating: a4[place]), x, s4)
      s5 = Lanes.fma(Lanes(repeating: a5[place]), x, s5)
      s6 = Lanes.fma(Lanes(repeating: a6[place]), x, s6)
      s7 = Lanes.fma(Lanes(repeating: a7[place]), x, s7)
      from += bRow
      place &+= aStep
      step &+= 1
    }
    target.put(s0, at: 0)
    target.put(s1, at: cRow)
    target.put(s2, at: 2 &* cRow)
    target.put(s3, at: 3 &* cRow)
    target.put(s4, at: 4 &* cRow)
    target.put(s5, at: 5 &* cRow)
    target.put(s6, at: 6 &* cRow)
    target.put(s7, at: 7 &* cRow)
  }

  @inline(__always)
  private func oneByOne<Lanes: RegisterVector & BitwiseCopyable>(
    _: Lanes.Type, _ row: Int, _ column: Int
  ) {
    let a0 = a + row &* aRow
    let target = c + (row &* cRow &+ column)
    var sum: Lanes = accumulates ? target.lanes(at: 0) : Lanes()
    var from = b + column
    var place = 0
    var step = 0
    while step < depth {
      let x: Lanes = from.lanes(at: 0)
      sum = Lanes.fma(Lanes(repeating: a0[place]), x, sum)
      from += bRow
      place &+= aStep
      step &+= 1
    }
    target.put(sum, at: 0)
  }
}

extension UnsafeMutablePointer<Float> {
  @inline(__always)
  fileprivate func lanes<Lanes: RegisterVector & BitwiseCopyable>(at index: Int) -> Lanes {
    UnsafeRawPointer(self + index).loadUnaligned(as: Lanes.self)
  }

  @inline(__always)
  fileprivate func put<Lanes: RegisterVector & BitwiseCopyable>(_ vector: Lanes, at index: Int) {
    UnsafeMutableRawPointer(self + index).storeBytes(of: vector, as: Lanes.self)
  }
}
