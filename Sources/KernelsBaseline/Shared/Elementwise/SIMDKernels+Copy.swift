// SIMDKernels+Copy: constants, positions, and copies between layouts.
// Apart because these move memory and compute nothing; a transposed copy goes by square tiles.
import Kernels

extension SIMDKernels: ElementwiseKernels {
  package static func fill(_ value: Float, to y: PlacedTensor<Float>) -> [KernelJob] {
    filled(value, y)
  }

  package static func fill(_ value: Int32, to y: PlacedTensor<Int32>) -> [KernelJob] {
    filled(value, y)
  }

  package static func fill(_ value: Bool, to y: PlacedTensor<Bool>) -> [KernelJob] {
    filled(value ? 1 : 0, y.bytes)
  }

  package static func iota(to y: PlacedTensor<Int32>) -> [KernelJob] {
    let (target, step) = (y.place, y.strides[0])
    let count = y.extents[0]
    let block = RunWalk.blockSize
    return [
      KernelJob(pieces: (count + block - 1) / block) { piece, _ in
        var index = piece &* block
        let end = min(index &+ block, count)
        while index < end {
          target.pointer[index &* step] = Int32(truncatingIfNeeded: index)
          index &+= 1
        }
      }
    ]
  }

  package static func copy(_ x: PlacedTensor<Float>, to y: PlacedTensor<Float>) -> [KernelJob] {
    if let (plane, tiles) = TileWalk.make(x, y) {
      let (target, source) = (y.place, x.place)
      return [
        KernelJob(pieces: plane.pieces) { piece, _ in
          plane.forEachRun(piece) { start, count in
            // One run step is a whole plane of tiles.
            for index in 0..<count {
              let offsets = start &+ plane.steps &* index
              tiles.copy(source.pointer + offsets[1], target.pointer + offsets[0])
            }
          }
        }
      ]
    }
    return copied(x, y)
  }

  package static func copy(_ x: PlacedTensor<Int32>, to y: PlacedTensor<Int32>) -> [KernelJob] {
    copy(x.moved, to: y.moved)
  }

  package static func copy(_ x: PlacedTensor<Bool>, to y: PlacedTensor<Bool>) -> [KernelJob] {
    copied(x.bytes, y.bytes)
  }

  @inline(__always) private static func filled<Element: Sendable>(
    _ value: Element, _ y: PlacedTensor<Element>
  ) -> [KernelJob] {
    let walk = RunWalk(y.extents, y.strides)
    let target = y.place
    return [
      KernelJob(pieces: walk.pieces) { piece, _ in
        walk.forEachRun(piece) { start, count in
          let y = target.pointer + start[0]
          if walk.steps[0] == 1 {
            y.update(repeating: value, count: count)
          } else {
            for index in 0..<count { y[index &* walk.steps[0]] = value }
          }
        }
      }
    ]
  }

  @inline(__always) private static func copied<Element>(
    _ x: PlacedTensor<Element>, _ y: PlacedTensor<Element>
  ) -> [KernelJob] {
    let walk = RunWalk(y.extents, y.strides, x.strides)
    let (target, source) = (y.place, x.place)
    return [
      KernelJob(pieces: walk.pieces) { piece, _ in
        let steps = walk.steps
        walk.forEachRun(piece) { start, count in
          let (y, x) = (target.pointer + start[0], source.pointer + start[1])
          if steps[0] == 1 && steps[1] == 1 {
            y.update(from: x, count: count)
          } else if steps[0] == 1 && steps[1] == 0 {
            y.update(repeating: x[0], count: count)
          } else {
            var index = 0
            while index < count {
              y[index &* steps[0]] = x[index &* steps[1]]
              index &+= 1
            }
          }
        }
      }
    ]
  }
}

/// A transposed plane: the target's inner axis is not the source's.
///
/// Tiles of 16 by 16 keep both sides in whole cache lines.
private struct TileWalk: Sendable {
  static var side: Int { 16 }

  let rows: Int
  let columns: Int
  /// Strides along rows and columns; the target's columns and the source's rows lie side by side.
  let targetRow: Int
  let sourceColumn: Int

  /// The tiles of one plane and the walk over planes, if the source is dense along another axis than
  /// the target.
  static func make(
    _ x: PlacedTensor<Float>, _ y: PlacedTensor<Float>
  ) -> (RunWalk, TileWalk)? {
    guard
      let column = y.strides.indices.last(where: { y.extents[$0] > 1 && y.strides[$0] == 1 }),
      let row = x.strides.indices.last(where: { x.extents[$0] > 1 && x.strides[$0] == 1 }),
      row != column, y.extents[row] >= 4, y.extents[column] >= 4
    else { return nil }
    // Long rows are cut in strips, an axis more, so that one large plane is shared by workers.
    let (rows, columns) = (y.extents[row], y.extents[column])
    var extents = y.extents
    var (target, source) = (y.strides, x.strides)
    extents[column] = 1
    var strip = rows
    while strip * columns > RunWalk.blockSize, strip.isMultiple(of: 2 * side) { strip /= 2 }
    extents[row] = rows / strip
    target[row] *= strip
    source[row] *= strip
    let walk = RunWalk(
      extents, strides: [target, source], block: max(1, RunWalk.blockSize / (strip * columns)))
    return (
      walk,
      TileWalk(
        rows: strip, columns: columns, targetRow: y.strides[row], sourceColumn: x.strides[column])
    )
  }

  @inline(__always)
  func copy(_ x: UnsafeMutablePointer<Float>, _ y: UnsafeMutablePointer<Float>) {
    var row = 0
    while row < rows {
      let rowEnd = min(row &+ Self.side, rows)
      var column = 0
      while column < columns {
        let columnEnd = min(column &+ Self.side, columns)
        var i = row
        while i < rowEnd {
          var j = column
          while j < columnEnd {
            y[i &* targetRow &+ j] = x[i &+ j &* sourceColumn]
            j &+= 1
          }
          i &+= 1
        }
        column = columnEnd
      }
      row = rowEnd
    }
  }
}
