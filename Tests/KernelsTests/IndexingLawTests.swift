// IndexingLawTests: fast gather and scatter-add against the plain kernels, at every level.
// Sums are made in the plain kernel's order, so the two agree to the bit.
import Execution
import Kernels
import Testing

@Suite struct IndexingLawTests {
  private struct Sample {
    var rows: Int
    var width: Int
    var count: Int
  }

  /// Extents at and around the edges of vectors, pieces and nothing.
  private static func samples(seed: UInt64) -> [Sample] {
    var random = KernelRandom(seed: seed)
    var samples = [
      Sample(rows: 1, width: 1, count: 0), Sample(rows: 3, width: 0, count: 5),
      Sample(rows: 1, width: 1, count: 1), Sample(rows: 7, width: 64, count: 40),
      Sample(rows: 5, width: 65, count: 9), Sample(rows: 2, width: 127, count: 33),
      Sample(rows: 300, width: 129, count: 700), Sample(rows: 9, width: 40_000, count: 3),
    ]
    for _ in 0..<20 {
      samples.append(
        Sample(
          rows: .random(in: 1...50, using: &random), width: .random(in: 1...200, using: &random),
          count: .random(in: 0...90, using: &random)))
    }
    return samples
  }

  @Test("gather copies the rows that the plain kernel copies")
  func gathers() throws {
    for kernels in KernelChoice.available {
      var random = KernelRandom(seed: 11)
      for sample in IndexingLawTests.samples(seed: 1) {
        let table = random.reals(sample.rows * sample.width)
        let ids = random.indices(sample.count, below: sample.rows)
        let expected = try Indexing.gather(
          NDArray<Float>(extents: [sample.rows, sample.width], real: table),
          NDArray(extents: [sample.count], index: ids))
        let memory = KernelMemory()
        let result = memory.garbage(sample.count * sample.width)
        memory.run(
          kernels.gather(
            PlacedRows(memory.reals(table), rows: sample.rows, width: sample.width),
            PlacedIndices(memory.indices(ids), count: sample.count),
            into: PlacedRows(result, rows: sample.count, width: sample.width)))
        #expect(
          memory.elements(result, sample.count * sample.width) == expected.reals,
          "\(kernels.level) \(sample)")
      }
    }
  }

  @Test("scatter-add sums in the plain kernel's order, from zeros or from what is there")
  func scatters() throws {
    for kernels in KernelChoice.available {
      var random = KernelRandom(seed: 12)
      for (number, sample) in IndexingLawTests.samples(seed: 2).enumerated() {
        let updates = random.reals(sample.count * sample.width)
        // Few rows, so that duplicates are the rule.
        let ids = random.indices(sample.count, below: max(1, sample.rows / 3))
        let before = random.reals(sample.rows * sample.width)
        let accumulating = number % 2 == 1
        var allIds = ids
        var allUpdates = updates
        if accumulating {
          // What is there is the first update of each row.
          allIds = (0..<sample.rows).map { Int32($0) } + ids
          allUpdates = before + updates
        }
        let expected = try Indexing.scatterAdd(
          NDArray<Float>(extents: [allIds.count], index: allIds),
          NDArray(extents: [allIds.count, sample.width], real: allUpdates), rows: sample.rows)
        let memory = KernelMemory()
        let table =
          accumulating ? memory.reals(before) : memory.garbage(sample.rows * sample.width)
        memory.run(
          kernels.scatterAdd(
            PlacedRows(memory.reals(updates), rows: sample.count, width: sample.width),
            PlacedIndices(memory.indices(ids), count: sample.count),
            into: PlacedRows(table, rows: sample.rows, width: sample.width),
            accumulating: accumulating))
        #expect(
          memory.elements(table, sample.rows * sample.width) == expected.reals,
          "\(kernels.level) \(sample)")
      }
    }
  }

  @Test("rows with room between them are read and written at their strides")
  func strides() {
    for kernels in KernelChoice.available {
      let memory = KernelMemory()
      let table = memory.reals([1, 2, -1, 3, 4, -1, 5, 6, -1])
      let result = memory.reals(Array(repeating: 9, count: 8))
      let chosen = PlacedIndices(memory.indices([2, 0]), count: 2)
      memory.run(
        kernels.gather(
          PlacedRows(table, rows: 3, width: 2, stride: 3), chosen,
          into: PlacedRows(result, rows: 2, width: 2, stride: 4)))
      #expect(memory.elements(result, 8) == [5, 6, 9, 9, 1, 2, 9, 9])
      memory.run(
        kernels.scatterAdd(
          PlacedRows(result, rows: 2, width: 2, stride: 4), chosen,
          into: PlacedRows(table, rows: 3, width: 2, stride: 3), accumulating: false))
      #expect(memory.elements(table, 9) == [1, 2, -1, 0, 0, -1, 5, 6, -1])
    }
  }

  @Test("an index outside is found by position, and touches no memory that isn't the table's")
  func outside() {
    for kernels in KernelChoice.available {
      let memory = KernelMemory()
      let good = PlacedIndices(memory.indices([0, 3, 1]), count: 3)
      #expect(kernels.firstOutside(good, limit: 4, ignoring: nil) == nil)
      #expect(kernels.firstOutside(good, limit: 3, ignoring: nil) == 1)
      #expect(kernels.firstOutside(good, limit: 0, ignoring: nil) == 0)
      let bad = PlacedIndices(memory.indices([0, -100, .max, .min]), count: 4)
      #expect(kernels.firstOutside(bad, limit: 4, ignoring: nil) == 1)
      #expect(kernels.firstOutside(bad, limit: 4, ignoring: -100) == 2)
      #expect(kernels.firstOutside(bad, limit: .max, ignoring: -100) == 3)
      #expect(kernels.firstOutside(bad, limit: 4, ignoring: .max) == 1)

      let table = PlacedRows(memory.reals([1, 2]), rows: 2, width: 1)
      let result = PlacedRows(memory.garbage(4), rows: 4, width: 1)
      memory.run(kernels.gather(table, bad, into: result))
      #expect(memory.elements(result.place, 4) == [1, 0, 0, 0])
      let updates = PlacedRows(memory.reals([1, 1, 1, 1]), rows: 4, width: 1)
      memory.run(kernels.scatterAdd(updates, bad, into: table, accumulating: true))
      #expect(memory.elements(table.place, 2) == [2, 2])
    }
  }

  @Test("clearing writes zeros over all bytes and no other")
  func clears() {
    for kernels in KernelChoice.available {
      for count in [0, 1, 17, 65_536, 65_537] {
        let memory = KernelMemory()
        let place = memory.garbage(count)
        let bytes = UnsafeMutableRawPointer(place.pointer).assumingMemoryBound(to: UInt8.self)
        memory.run(kernels.clear(Place(bytes), count: count * 4))
        #expect(memory.elements(place, count).allSatisfy { $0 == 0 })
      }
    }
  }
}
