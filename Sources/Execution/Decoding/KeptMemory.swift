// KeptMemory: memory that several steps share: kept rows, and weights that lie in no file.
// One step's arena is its own; what a block of rows leaves behind, the next single row must find.

/// Memory for a list of tensors, all zero at first.
///
/// A class, because its memory has an identity: whoever holds a step that uses it holds it too.
package final class KeptMemory {
  private let arena: Arena
  private let offsets: [Int]
  private let sizes: [Int]

  /// - Parameter sizes: the bytes of each tensor.
  /// - Throws: ``ExecutionFault`` when the system grants no memory.
  package init(_ sizes: [Int]) throws(ExecutionFault) {
    var offsets: [Int] = []
    var end = 0
    for size in sizes {
      let (sum, overflow) = ArenaLayout.aligned(end).addingReportingOverflow(size)
      guard size >= 0, !overflow else {
        throw .tooLarge("what is kept", bytes: "\(size)", limit: Int.max)
      }
      offsets.append(ArenaLayout.aligned(end))
      end = sum
    }
    self.sizes = sizes
    self.offsets = offsets
    arena = try Arena(bytes: end)
  }

  /// The memory of a tensor, as a step takes it.
  package func tensor(_ index: Int) -> ExternalWeight {
    ExternalWeight(arena.raw(at: offsets[index]), bytes: sizes[index])
  }

  /// Copies numbers into a tensor.
  package func write(_ numbers: [Float], to index: Int) {
    precondition(
      numbers.count * MemoryLayout<Float>.stride == sizes[index],
      "\(numbers.count) numbers for \(sizes[index]) bytes")
    numbers.withUnsafeBytes { source in
      guard let base = source.baseAddress else { return }
      arena.raw(at: offsets[index]).copyMemory(from: base, byteCount: source.count)
    }
  }

  /// Makes everything zero again.
  package func clear() {
    for (offset, size) in zip(offsets, sizes) where size > 0 {
      arena.paint(offset..<offset + size, with: 0)
    }
  }
}
