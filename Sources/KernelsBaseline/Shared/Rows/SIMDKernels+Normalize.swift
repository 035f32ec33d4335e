// SIMDKernels+Normalize: layer norm and RMS norm, a row at a time while it is in the nearest cache.
// The gradient adds up weight and bias over fixed blocks of rows, joined in order by a second job.
import Kernels

extension SIMDKernels {
  package static func normalize(
    _ shape: NormalizationRows, _ x: Place<Float>, weight: Place<Float>?, bias: Place<Float>?,
    moments: Place<Float>?, to y: Place<Float>
  ) -> [KernelJob] {
    let block = NormalizationBlocks(shape)
    guard shape.width > 0 else { return [] }
    return [
      KernelJob(pieces: block.pieces) { piece, _ in
        for row in block.range(piece) {
          let from = x.pointer + row &* shape.width
          let (mean, factor) = rowMoments(shape, from)
          if let moments {
            moments.pointer[2 &* row] = mean
            moments.pointer[2 &* row &+ 1] = factor
          }
          let to = y.pointer + row &* shape.width
          normalizeRow(from, shape.width, mean, factor, weight?.pointer, bias?.pointer, to)
        }
      }
    ]
  }

  package static func normalizeGradientWorkspace(_ shape: NormalizationRows) -> KernelWorkspace {
    let partials = NormalizationBlocks(shape).pieces * 2 * shape.width
    return KernelWorkspace(shared: partials * MemoryLayout<Float>.stride)
  }

  package static func normalizeGradient(
    _ shape: NormalizationRows, _ x: Place<Float>, gradient: Place<Float>, weight: Place<Float>?,
    moments: Place<Float>?, adding: Place<Float>?, to targets: NormalizationTargets,
    workspace: Place<Float>
  ) -> [KernelJob] {
    let block = NormalizationBlocks(shape)
    let width = shape.width
    guard width > 0 else { return [] }
    let sums = targets.weight != nil || targets.bias != nil
    let rows = KernelJob(pieces: block.pieces) { piece, _ in
      let weightSum = workspace.pointer + piece &* 2 &* width
      let biasSum = weightSum + width
      if sums { weightSum.update(repeating: 0, count: 2 &* width) }
      for row in block.range(piece) {
        let offset = row &* width
        let (from, arriving) = (x.pointer + offset, gradient.pointer + offset)
        let (mean, factor) =
          moments.map { ($0.pointer[2 &* row], $0.pointer[2 &* row &+ 1]) }
          ?? rowMoments(shape, from)
        let context = NormalizedRow(
          width: width, mean: mean, factor: factor, x: from, gradient: arriving,
          weight: weight?.pointer)
        if sums { context.add(toWeight: weightSum, bias: biasSum) }
        if let input = targets.input {
          context.writeInput(
            isCentred: shape.kind == .layer, adding: adding.map { $0.pointer + offset },
            to: input.pointer + offset)
        }
      }
    }
    if !sums { return [rows] }
    let columns = 256
    return [
      rows,
      KernelJob(pieces: (width + columns - 1) / columns) { piece, _ in
        var column = piece &* columns
        let end = min(column &+ columns, width)
        while column < end {
          var (weightSum, biasSum) = (Float(0), Float(0))
          var part = 0
          while part < block.pieces {
            let partial = workspace.pointer + (part &* 2 &* width &+ column)
            weightSum += partial[0]
            biasSum += partial[width]
            part &+= 1
          }
          if let target = targets.weight { target.pointer[column] = weightSum }
          if let target = targets.bias { target.pointer[column] = biasSum }
          column &+= 1
        }
      },
    ]
  }

  /// The mean that is taken away from a row, and the factor that it is multiplied by.
  @inline(__always)
  private static func rowMoments(
    _ shape: NormalizationRows, _ x: UnsafeMutablePointer<Float>
  ) -> (mean: Float, factor: Float) {
    let width = shape.width
    var mean: Float = 0
    if shape.kind == .layer {
      var (first, second) = (Vector.zero, Vector.zero)
      var index = 0
      while index &+ 2 &* lanes <= width {
        first += x.vector(at: index)
        second += x.vector(at: index &+ lanes)
        index &+= 2 &* lanes
      }
      while index < width {
        first += x.vector(at: index, upTo: width, padding: 0)
        index &+= lanes
      }
      mean = (first + second).total / Float(width)
    }
    let centre = Vector(repeating: mean)
    var (first, second) = (Vector.zero, Vector.zero)
    var index = 0
    while index &+ 2 &* lanes <= width {
      let (a, b) = (x.vector(at: index) - centre, x.vector(at: index &+ lanes) - centre)
      first = Vector.fma(a, a, first)
      second = Vector.fma(b, b, second)
      index &+= 2 &* lanes
    }
    while index < width {
      let a = x.vector(at: index, upTo: width, padding: mean) - centre
      first = Vector.fma(a, a, first)
      index &+= lanes
    }
    let square = (first + second).total / Float(width)
    return (mean, 1 / (square + shape.epsilon).squareRoot())
  }

  @inline(__always)
  private static func normalizeRow(
    _ x: UnsafeMutablePointer<Float>, _ width: Int, _ mean: Float, _ factor: Float,
    _ weight: UnsafeMutablePointer<Float>?, _ bias: UnsafeMutablePointer<Float>?,
    _ y: UnsafeMutablePointer<Float>
  ) {
    let (centre, scale) = (Vector(repeating: mean), Vector(repeating: factor))
    var index = 0
    while index < width {
      var value = (x.vector(at: index, upTo: width, padding: 0) - centre) * scale
      if let weight { value *= weight.vector(at: index, upTo: width, padding: 0) }
      if let bias { value += bias.vector(at: index, upTo: width, padding: 0) }
      y.store(value, at: index, upTo: width)
      index &+= lanes
    }
  }
}

/// Fixed blocks of rows: about 32 thousand elements, and never more than 64 blocks.
private struct NormalizationBlocks: Sendable {
  let pieces: Int
  private let rows: Int
  private let rowsOfPiece: Int

  init(_ shape: NormalizationRows) {
    rows = shape.rows
    rowsOfPiece = max(2 * RunWalk.blockSize / max(1, shape.width), (shape.rows + 63) / 64, 1)
    pieces = (rows + rowsOfPiece - 1) / rowsOfPiece
  }

  @inline(__always) func range(_ piece: Int) -> Range<Int> {
    let start = piece &* rowsOfPiece
    return start..<min(rows, start &+ rowsOfPiece)
  }
}

/// A row of a normalisation and the gradient that arrives for it.
private struct NormalizedRow {
  let width: Int
  let mean: Float
  let factor: Float
  let x: UnsafeMutablePointer<Float>
  let gradient: UnsafeMutablePointer<Float>
  let weight: UnsafeMutablePointer<Float>?

  @inline(__always)
  func add(toWeight weightSum: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>) {
    let (centre, scale) = (Vector(repeating: mean), Vector(repeating: factor))
    var index = 0
    while index < width {
      let normalized = (x.vector(at: index, upTo: width, padding: mean) - centre) * scale
      let arriving = gradient.vector(at: index, upTo: width, padding: 0)
      let product = Vector.fma(
        arriving, normalized, weightSum.vector(at: index, upTo: width, padding: 0))
      weightSum.store(product, at: index, upTo: width)
      let sum = bias.vector(at: index, upTo: width, padding: 0) + arriving
      bias.store(sum, at: index, upTo: width)
      index &+= lanes
    }
  }

  /// Writes `(h - mean(h) - x̂ · mean(h · x̂)) · factor` with h = gradient · weight; RMS norm lacks the
  /// term `mean(h)`.
  @inline(__always)
  func writeInput(
    isCentred: Bool, adding: UnsafeMutablePointer<Float>?, to y: UnsafeMutablePointer<Float>
  ) {
    let (centre, scale) = (Vector(repeating: mean), Vector(repeating: factor))
    var (sum, product) = (Vector.zero, Vector.zero)
    var index = 0
    while index < width {
      let normalized = (x.vector(at: index, upTo: width, padding: mean) - centre) * scale
      let scaled = scaledGradient(index)
      sum += scaled
      product = Vector.fma(scaled, normalized, product)
      index &+= lanes
    }
    let shift = Vector(repeating: isCentred ? sum.total / Float(width) : 0)
    let slope = Vector(repeating: -(product.total / Float(width)))
    index = 0
    while index < width {
      let normalized = (x.vector(at: index, upTo: width, padding: mean) - centre) * scale
      var value = Vector.fma(normalized, slope, scaledGradient(index) - shift) * scale
      if let adding { value += adding.vector(at: index, upTo: width, padding: 0) }
      y.store(value, at: index, upTo: width)
      index &+= lanes
    }
  }

  @inline(__always) private func scaledGradient(_ index: Int) -> Vector {
    let arriving = gradient.vector(at: index, upTo: width, padding: 0)
    guard let weight else { return arriving }
    return arriving * weight.vector(at: index, upTo: width, padding: 0)
  }
}
