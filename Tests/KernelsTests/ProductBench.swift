// ProductBench: the memory of one sample, its run on a set of kernels, and what the definition says.
// Everything that a kernel may not touch is poisoned with NaN, so that a slip shows in the result.
import Kernels

/// A matrix of a sample, with gaps between rows and between entries.
struct SampleMatrix {
  let rows: Int
  let columns: Int
  let stride: Int
  let batchStride: Int
  var elements: [Float]

  init(rows: Int, columns: Int, batch: Int, gap: Int, dice: inout Dice) {
    self.rows = rows
    self.columns = columns
    stride = columns + gap
    batchStride = batch == 0 ? 0 : rows * stride + gap
    elements = Array(repeating: .nan, count: rows * stride + gap)
    if batch > 1 { elements = Array(repeating: .nan, count: batchStride * batch) }
    for entry in 0..<max(1, batch) {
      for row in 0..<rows {
        for column in 0..<columns { elements[index(entry, row, column)] = dice.real() }
      }
    }
  }

  func index(_ entry: Int, _ row: Int, _ column: Int) -> Int {
    entry * batchStride + row * stride + column
  }

  func value(_ entry: Int, _ row: Int, _ column: Int) -> Double {
    Double(elements[index(entry, row, column)])
  }
}

/// Memory that stays where it is and is poisoned all around.
final class SampleMemory {
  let start: UnsafeMutablePointer<Float>
  private let raw: UnsafeMutableRawPointer
  private let count: Int

  init(_ elements: [Float]) {
    count = elements.count
    raw = .allocate(byteCount: (count + 64) * 4, alignment: 64)
    let all = raw.bindMemory(to: Float.self, capacity: count + 64)
    all.initialize(repeating: .nan, count: count + 64)
    start = all + 32
    start.update(from: elements, count: count)
  }

  /// Memory whose contents must not matter.
  convenience init(poisonedBytes: Int) {
    self.init(Array(repeating: .nan, count: poisonedBytes / 4))
  }

  var elements: [Float] { Array(UnsafeBufferPointer(start: start, count: count)) }

  /// Whether the poison around it is still there.
  var isSound: Bool {
    (0..<32).allSatisfy { start[$0 - 32].isNaN && start[count + $0].isNaN }
  }

  deinit { raw.deallocate() }
}

/// What a run leaves.
struct ProductOutcome: Equatable {
  var result: [UInt32]
  var kept: [UInt32]
  var rowSums: [UInt32]
  var columnSums: [UInt32]
  var isSound: Bool
}

/// The operands of a sample.
struct ProductBench {
  let sample: ProductSample
  let a: SampleMatrix
  let b: SampleMatrix
  let result: SampleMatrix
  let other: SampleMatrix
  let residual: SampleMatrix
  let bias: [Float]
  let sums: [Float]

  init(_ sample: ProductSample) {
    var dice = Dice(sample.seed &+ 77)
    let (m, n, k) = (sample.shape.m, sample.shape.n, sample.shape.k)
    let (batch, gap) = (sample.shape.batch, sample.gap)
    func matrix(_ rows: Int, _ columns: Int, _ batch: Int) -> SampleMatrix {
      SampleMatrix(rows: rows, columns: columns, batch: batch, gap: gap, dice: &dice)
    }
    self.sample = sample
    a = sample.transposesA ? matrix(k, m, batch) : matrix(m, k, batch)
    let batchB = sample.sharesB ? 0 : batch
    b = sample.transposesB ? matrix(n, k, batchB) : matrix(k, n, batchB)
    result = matrix(m, n, batch)
    other = matrix(m, n, batch)
    residual = matrix(m, n, batch)
    bias = (0..<n).map { _ in dice.real() }
    sums = (0..<max(m, n)).map { _ in dice.real() }
  }

  /// Runs a set's kernels, the pieces of each job in an order that a number chooses.
  func run(_ kernels: any KernelSet.Type, order: UInt64 = 0) -> ProductOutcome {
    let memories = [a, b, result, other, residual].map { SampleMemory($0.elements) }
    let biasMemory = SampleMemory(bias)
    let rowSums = SampleMemory(Array(sums.prefix(sample.shape.m)))
    let columnSums = SampleMemory(Array(sums.prefix(sample.shape.n)))
    func matrix(_ index: Int, _ matrix: SampleMatrix) -> Matrix {
      Matrix(
        Place(memories[index].start), stride: matrix.stride, batchStride: matrix.batchStride)
    }
    var product = MatrixProduct(
      sample.shape, a: ProductOperand(matrix(0, a), isTransposed: sample.transposesA),
      b: ProductOperand(matrix(1, b), isTransposed: sample.transposesB), result: matrix(2, result))
    product.accumulates = sample.accumulates
    product.accumulatesSums = sample.accumulates
    if sample.hasBias { product.epilogue.bias = Place(biasMemory.start) }
    if sample.hasResidual { product.epilogue.residual = matrix(4, residual) }
    switch sample.activation {
    case .none: break
    case .apply(let kind, let keeps):
      product.epilogue.activation = .apply(kind, keeping: keeps ? matrix(3, other) : nil)
    case .slope(let kind): product.epilogue.activation = .slope(kind, at: matrix(3, other))
    }
    if sample.sums {
      product.rowSums = Place(rowSums.start)
      product.columnSums = Place(columnSums.start)
    }
    let needs = kernels.productWorkspace(sample.shape)
    let shared = SampleMemory(poisonedBytes: needs.shared)
    let scratch = SampleMemory(poisonedBytes: needs.scratch)
    var dice = Dice(order)
    for job in kernels.product(product, workspace: Place(shared.start)) {
      let pieces = order == 0 ? Array(0..<job.pieces) : dice.shuffled(job.pieces)
      for piece in pieces { job.body(piece, scratch.start) }
    }
    let all = memories + [biasMemory, rowSums, columnSums, shared, scratch]
    func bits(_ memory: SampleMemory) -> [UInt32] { memory.elements.map(\.bitPattern) }
    return ProductOutcome(
      result: bits(memories[2]), kept: bits(memories[3]), rowSums: bits(rowSums),
      columnSums: bits(columnSums), isSound: all.allSatisfy(\.isSound))
  }
}

// MARK: The definition

extension ProductBench {
  /// An element of op(A) or op(B).
  private func left(_ entry: Int, _ row: Int, _ step: Int) -> Double {
    sample.transposesA ? a.value(entry, step, row) : a.value(entry, row, step)
  }

  private func right(_ entry: Int, _ step: Int, _ column: Int) -> Double {
    sample.transposesB ? b.value(entry, column, step) : b.value(entry, step, column)
  }

  /// An element of the result, what is kept of it before the activation, and how far off a sum in
  /// single precision may be.
  func expected(_ entry: Int, _ row: Int, _ column: Int) -> (
    result: Double, kept: Double, bound: Double
  ) {
    var (sum, size) = (0.0, 0.0)
    for step in 0..<sample.shape.k {
      let term = left(entry, row, step) * right(entry, step, column)
      sum += term
      size += term.magnitude
    }
    if sample.accumulates {
      sum += result.value(entry, row, column)
      size += result.value(entry, row, column).magnitude
    }
    if sample.hasBias {
      sum += Double(bias[column])
      size += Double(bias[column]).magnitude
    }
    var value = sum
    let unit = 0x1p-24
    // Sums in blocks of at most 520 steps, each rounding once a step.
    var bound = size * unit * Double(min(sample.shape.k, 520) + 16)
    switch sample.activation {
    case .none: break
    case .apply(let kind, _):
      value = Definition.apply(kind, sum)
      bound = 1.2 * bound + 8 * unit * (value.magnitude + sum.magnitude)
    case .slope(let kind):
      let slope = Definition.slope(kind, other.value(entry, row, column))
      value = sum * slope
      bound = 1.2 * bound + 32 * unit * sum.magnitude
    }
    if sample.hasResidual {
      value += residual.value(entry, row, column)
      bound += unit * (2 * value.magnitude + residual.value(entry, row, column).magnitude)
    }
    return (value, sum, bound + 1e-30)
  }

  func expectedRowSum(_ row: Int) -> (sum: Double, bound: Double) {
    expectedSum(sample.accumulates ? sums[row] : 0) { left(0, row, $0) }
  }

  func expectedColumnSum(_ column: Int) -> (sum: Double, bound: Double) {
    expectedSum(sample.accumulates ? sums[column] : 0) { right(0, $0, column) }
  }

  private func expectedSum(
    _ start: Float, _ term: (Int) -> Double
  ) -> (sum: Double, bound: Double) {
    var (sum, size) = (Double(start), Double(start).magnitude)
    for step in 0..<sample.shape.k {
      sum += term(step)
      size += term(step).magnitude
    }
    return (sum, size * 0x1p-24 * Double(min(sample.shape.k, 100) + 16) + 1e-30)
  }
}
