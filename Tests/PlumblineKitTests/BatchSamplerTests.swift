// BatchSamplerTests: batch number n from the seed and n alone, in all three orders.
// Tokens are their own positions, so that a batch shows where it was cut.
import Testing
import Training

@Suite struct BatchSamplerTests {
  private func sampler(
    _ count: Int, rows: Int, block: Int, _ order: SampleOrder, seed: UInt64 = 1
  ) throws -> BatchSampler {
    try BatchSampler(
      TokenSequence((0..<count).map { UInt16($0) }), rows: rows, block: block, order: order,
      seed: seed)
  }

  @Test("targets are the tokens behind the inputs", arguments: SampleOrder.allCases)
  func shifted(_ order: SampleOrder) throws {
    let sampler = try sampler(101, rows: 3, block: 7, order)
    for number in 0..<40 {
      let batch = sampler.batch(number)
      #expect(batch.inputs.count == 21 && batch.targets == batch.inputs.map { $0 + 1 })
      for row in 0..<3 {
        let inputs = batch.inputs[row * 7..<row * 7 + 7]
        #expect(Array(inputs) == (0..<7).map { batch.inputs[row * 7] + $0 })
      }
    }
  }

  @Test("a batch depends on seed and number alone", arguments: SampleOrder.allCases)
  func pure(_ order: SampleOrder) throws {
    let one = try sampler(1_000, rows: 4, block: 8, order)
    let other = try sampler(1_000, rows: 4, block: 8, order)
    let forward = (0..<70).map { one.batch($0) }
    let backward = (0..<70).reversed().map { other.batch($0) }
    #expect(forward == backward.reversed())
    let seeded = try sampler(1_000, rows: 4, block: 8, order, seed: 2)
    #expect(((0..<5).map { seeded.batch($0) } == Array(forward[..<5])) == (order == .sequential))
  }

  @Test("crops begin everywhere, the last possible place included")
  func crops() throws {
    let sampler = try sampler(20, rows: 10, block: 16, .crops)
    var counts = [Int](repeating: 0, count: 4)
    for number in 0..<400 { for start in sampler.starts(ofBatch: number) { counts[start] += 1 } }
    // 1,000 expected of each; five standard deviations are 137.
    #expect(counts.allSatisfy { (863...1_137).contains($0) }, "\(counts)")
  }

  @Test(
    "an epoch has every block once, and each epoch its own order",
    arguments: [1, 2, 3, 5, 16, 17, 100])
  func epochs(_ blocks: Int) throws {
    // One token short of another block.
    let sampler = try sampler(blocks * 4 + 4, rows: 1, block: 4, .epochs)
    #expect(sampler.blocks == blocks && sampler.batchesPerEpoch == blocks)
    let orders = (0..<3).map { epoch in
      (0..<blocks).map { sampler.starts(ofBatch: epoch * blocks + $0)[0] }
    }
    for order in orders { #expect(order.sorted() == (0..<blocks).map { $0 * 4 }) }
    if blocks >= 16 {
      #expect(orders[0] != orders[1] && orders[1] != orders[2])
      #expect(orders[0] != orders[0].sorted())
    }
  }

  @Test("an epoch that ends within a batch is followed by the next")
  func acrossEpochs() throws {
    let sampler = try sampler(10 * 3 + 1, rows: 4, block: 3, .epochs)
    let starts = (0..<5).flatMap { sampler.starts(ofBatch: $0) }
    #expect(Set(starts[..<10]).count == 10 && Set(starts[10...]).count == 10)
    #expect(sampler.batchesPerEpoch == 3 && sampler.batches(epochs: 2) == 5)
    #expect(sampler.batches(epochs: .max) == nil && sampler.wholeBatches == 2)
  }

  @Test("sequential blocks wrap at the end")
  func sequential() throws {
    let sampler = try sampler(3 * 5 + 1, rows: 2, block: 5, .sequential)
    #expect(sampler.starts(ofBatch: 0) == [0, 5] && sampler.starts(ofBatch: 1) == [10, 0])
  }

  @Test("first places of a permutation are as likely as one another")
  func evenly() {
    var counts = [Int](repeating: 0, count: 7)
    for epoch in 0..<7_000 {
      counts[BlockPermutation(count: 7, seed: 3, epoch: UInt64(epoch))[2]] += 1
    }
    #expect(counts.allSatisfy { (850...1_150).contains($0) }, "\(counts)")
  }

  @Test("tokens that don't fill a block and its targets are refused")
  func tooShort() throws {
    _ = try sampler(9, rows: 1, block: 8, .crops)
    let tokens = TokenSequence([1, 2, 3] as [UInt16])
    let found = fault { () throws(DataFault) in try BatchSampler(tokens, rows: 1, block: 3) }
    #expect(found?.diagnostic.message == "the data has 3 tokens, but a block of 3 needs 4")
  }
}
