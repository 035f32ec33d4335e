// SIMDKernels+Indexing: gather, scatter-add and zeros, cut into pieces that don't depend on threads.
// Copies are the C library's, whose blocks are as wide as the machine allows; sums are vectors.
import Kernels

extension SIMDKernels: IndexingKernels {
  package static func firstOutside(
    _ indices: PlacedIndices, limit: Int, ignoring: Int?
  ) -> Int? {
    let elements = indices.place.pointer
    // An index is compared as a number without sign, so that negative ones are large.
    let bound = UInt32(clamping: max(limit, 0))
    let ignored = ignoring.flatMap { Int32(exactly: $0) }
    var position = 0
    while position < indices.count {
      let index = elements[position]
      let isInside = UInt32(bitPattern: index) < bound && index >= 0
      if !isInside && index != ignored { return position }
      position &+= 1
    }
    return nil
  }

  package static func gather(
    _ table: PlacedRows, _ indices: PlacedIndices, into result: PlacedRows
  ) -> [KernelJob] {
    let blocks = Blocks(of: indices.count, each: 1 << 15, width: table.width)
    return [
      KernelJob(pieces: blocks.count) { piece, _ in
        let range = blocks[piece]
        gatherRows(table, indices, into: result, from: range.start, to: range.end)
      }
    ]
  }

  package static func scatterAdd(
    _ updates: PlacedRows, _ indices: PlacedIndices, into table: PlacedRows, accumulating: Bool,
    ignoring: Int?
  ) -> [KernelJob] {
    var jobs: [KernelJob] = []
    if !accumulating { jobs += clearRows(table) }
    // Each piece has columns of its own and sees all updates in order: a sum has one order.
    let columns = Blocks(of: table.width, blockLength: 64)
    jobs.append(
      KernelJob(pieces: columns.count) { piece, _ in
        let range = columns[piece]
        addRows(
          updates, indices, into: table, from: range.start, to: range.end, ignoring: ignoring ?? -1)
      })
    return jobs
  }

  package static func clear(_ place: Place<UInt8>, count: Int) -> [KernelJob] {
    let blocks = Blocks(of: count, blockLength: 1 << 18)
    return [
      KernelJob(pieces: blocks.count) { piece, _ in
        let range = blocks[piece]
        UnsafeMutableRawPointer(place.pointer + range.start)
          .initializeMemory(as: UInt8.self, repeating: 0, count: range.end &- range.start)
      }
    ]
  }

  private static func clearRows(_ table: PlacedRows) -> [KernelJob] {
    if table.stride == table.width || table.rows < 2 {
      let bytes = UnsafeMutableRawPointer(table.place.pointer)
        .assumingMemoryBound(to: UInt8.self)
      return clear(Place(bytes), count: table.rows * table.width * MemoryLayout<Float>.stride)
    }
    let blocks = Blocks(of: table.rows, each: 1 << 16, width: table.width)
    return [
      KernelJob(pieces: blocks.count) { piece, _ in
        var row = blocks[piece].start
        while row < blocks[piece].end {
          (table.place.pointer + row &* table.stride).update(repeating: 0, count: table.width)
          row &+= 1
        }
      }
    ]
  }
}

/// Consecutive blocks of a range: how work is cut, from extents alone.
struct Blocks: Sendable {
  let total: Int
  let length: Int
  let count: Int

  init(of total: Int, blockLength: Int) {
    self.total = total
    length = max(1, blockLength)
    count = (total + length - 1) / length
  }

  /// Blocks of rows with about `each` elements.
  init(of rows: Int, each: Int, width: Int) {
    self.init(of: rows, blockLength: each / max(width, 1))
  }

  @inline(__always) subscript(_ block: Int) -> (start: Int, end: Int) {
    let start = block &* length
    return (start, min(total, start &+ length))
  }
}

/// Copies the rows that the indices `first ..< last` name.
private func gatherRows(
  _ table: PlacedRows, _ indices: PlacedIndices, into result: PlacedRows, from first: Int,
  to last: Int
) {
  let names = indices.place.pointer
  let source = table.place.pointer
  let target = result.place.pointer
  var position = first
  while position < last {
    let row = Int(names[position])
    let place = target + position &* result.stride
    if row >= 0, row < table.rows {
      place.update(from: source + row &* table.stride, count: table.width)
    } else {
      place.update(repeating: 0, count: table.width)
    }
    position &+= 1
  }
}

/// Adds the columns `first ..< last` of all updates to the rows that the indices name.
private func addRows(
  _ updates: PlacedRows, _ indices: PlacedIndices, into table: PlacedRows, from first: Int,
  to last: Int, ignoring: Int
) {
  let names = indices.place.pointer
  let source = updates.place.pointer
  let target = table.place.pointer
  let whole = first &+ (last &- first) / lanes &* lanes
  var position = 0
  while position < indices.count {
    let row = Int(names[position])
    if row >= 0, row < table.rows, row != ignoring {
      let update = source + position &* updates.stride
      let sum = target + row &* table.stride
      var column = first
      while column < whole {
        sum.store(sum.vector(at: column) + update.vector(at: column), at: column)
        column &+= lanes
      }
      while column < last {
        sum[column] += update[column]
        column &+= 1
      }
    }
    position &+= 1
  }
}
