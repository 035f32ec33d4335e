// SIMDKernels+Rotary: rotary position embedding, with one table of cosines and sines for all heads.
// Three jobs: the frequencies in double precision, the table, and the turning of the rows.
import Kernels

extension SIMDKernels: RowKernels {
  package static func rotaryWorkspace(
    extents: [Int], positionStrides: [Int]
  ) -> KernelWorkspace {
    let plan = RotaryPlan(extents, positionStrides)
    return KernelWorkspace(
      shared: (plan.half + 2 * plan.half * plan.count) * MemoryLayout<Float>.stride)
  }

  package static func rotary(
    _ x: PlacedTensor<Float>, positions: PlacedTensor<Int32>, base: Double, interleaved: Bool,
    inverse: Bool, to y: PlacedTensor<Float>, workspace: Place<Float>
  ) -> [KernelJob] {
    let plan = RotaryPlan(x.extents, positions.strides)
    let half = plan.half
    guard half > 0, plan.count > 0 else { return [] }
    let table = workspace + half
    let rows = RowWalk(
      x.extents, axis: x.extents.count - 1, y.strides, x.strides, plan.tableStrides + [0])
    let (target, source, places) = (y.place, x.place, positions.place)
    let entries = RunWalk(
      plan.extents, strides: [plan.ownStrides, positions.strides],
      block: max(1, RunWalk.blockSize / (4 * half)))
    return [
      KernelJob(pieces: 1) { _, _ in
        for pair in 0..<half {
          // In double precision: an error of a frequency is multiplied by the position.
          workspace.pointer[pair] = Float(
            Double.exponential(Double(pair) * (-Double.logarithm(base) / Double(half))))
        }
      },
      KernelJob(pieces: entries.pieces) { piece, _ in
        let steps = entries.steps
        entries.forEachRun(piece) { start, count in
          for index in 0..<count {
            let entry = table.pointer + (start[0] &+ index &* steps[0]) &* 2 &* half
            let position = Float(places.pointer[start[1] &+ index &* steps[1]])
            fillAngles(position, workspace.pointer, half, inverse ? -1 : 1, entry)
          }
        }
      },
      KernelJob(pieces: rows.walk.pieces) { piece, _ in
        rows.forEachRow(piece) { start in
          let angles = table.pointer + start[2] &* 2 &* half
          let (y, x) = (target.pointer + start[0], source.pointer + start[1])
          if interleaved {
            turn(x, rows.along[1], y, rows.along[0], angles, half, 2, 1)
          } else if rows.along[0] == 1 && rows.along[1] == 1 {
            turnHalves(x, y, angles, half)
          } else {
            turn(x, rows.along[1], y, rows.along[0], angles, half, 1, half)
          }
        }
      },
    ]
  }

  private static func fillAngles(
    _ position: Float, _ frequencies: UnsafeMutablePointer<Float>, _ half: Int, _ sense: Float,
    _ entry: UnsafeMutablePointer<Float>
  ) {
    var index = 0
    while index < half {
      let angle =
        frequencies.vector(at: index, upTo: half, padding: 0) * Vector(repeating: position)
      entry.store(Vector.cosine(angle), at: index, upTo: half)
      let sine = Vector.sine(angle) * Vector(repeating: sense)
      (entry + half).store(sine, at: index, upTo: half)
      index &+= lanes
    }
  }

  private static func turnHalves(
    _ x: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Float>,
    _ angles: UnsafeMutablePointer<Float>, _ half: Int
  ) {
    var index = 0
    while index < half {
      let cosine = angles.vector(at: index, upTo: half, padding: 0)
      let sine = (angles + half).vector(at: index, upTo: half, padding: 0)
      let a = x.vector(at: index, upTo: half, padding: 0)
      let b = (x + half).vector(at: index, upTo: half, padding: 0)
      y.store(a * cosine - b * sine, at: index, upTo: half)
      (y + half).store(b * cosine + a * sine, at: index, upTo: half)
      index &+= lanes
    }
  }

  /// Pairs start `pairStep` apart and hold elements `partStep` apart, both in elements of the row.
  private static func turn(
    _ x: UnsafeMutablePointer<Float>, _ stepX: Int, _ y: UnsafeMutablePointer<Float>,
    _ stepY: Int, _ angles: UnsafeMutablePointer<Float>, _ half: Int, _ pairStep: Int,
    _ partStep: Int
  ) {
    var pair = 0
    while pair < half {
      let (cosine, sine) = (angles[pair], angles[pair &+ half])
      let (first, second) = (pair &* pairStep, pair &* pairStep &+ partStep)
      let (a, b) = (x[first &* stepX], x[second &* stepX])
      y[first &* stepY] = a * cosine - b * sine
      y[second &* stepY] = b * cosine + a * sine
      pair &+= 1
    }
  }
}

/// The table of angles: one entry for each position that is stored, not for each row.
private struct RotaryPlan: Sendable {
  let half: Int
  /// Of the positions, with 1 where a stride of zero repeats them.
  let extents: [Int]
  /// Of the table, in entries, for the positions that are stored.
  let ownStrides: [Int]
  /// The same, with zero along repeated axes.
  let tableStrides: [Int]
  let count: Int

  init(_ rows: [Int], _ positionStrides: [Int]) {
    half = (rows.last ?? 0) / 2
    var extents = Array(rows.dropLast())
    for axis in extents.indices where positionStrides[axis] == 0 {
      extents[axis] = min(1, extents[axis])
    }
    var strides = Array(repeating: 1, count: extents.count)
    var stride = 1
    for axis in extents.indices.reversed() {
      strides[axis] = stride
      stride *= max(1, extents[axis])
    }
    self.extents = extents
    count = extents.reduce(1, *)
    ownStrides = strides
    tableStrides = strides.indices.map { positionStrides[$0] == 0 ? 0 : strides[$0] }
  }
}
