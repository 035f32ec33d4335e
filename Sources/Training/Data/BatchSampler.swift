// BatchSampler: which tokens make batch number n, for a seed and nothing else.
// A run that goes on needs no state of it: the number of the batch is all there is.
import Execution

/// In which order blocks are taken.
package enum SampleOrder: String, Hashable, Sendable, CaseIterable {
  /// Blocks that begin anywhere, drawn with replacement.
  case crops
  /// Every block once in each epoch, in an order of the epoch's own.
  case epochs
  /// Blocks as the file has them, from the start again behind the end.
  case sequential
}

/// Rows of tokens, and the tokens that follow them.
package struct TokenBatch: Hashable, Sendable {
  package let rows: Int
  package let block: Int
  /// Row by row, `[rows, block]`.
  package let inputs: [Int32]
  /// The inputs moved by one, `[rows, block]`.
  package let targets: [Int32]
}

/// Batches by their number.
package struct BatchSampler: Sendable {
  package let tokens: TokenSequence
  package let rows: Int
  package let block: Int
  package let order: SampleOrder
  package let seed: UInt64

  /// - Parameters:
  ///   - tokens: what is read.
  ///   - rows: the blocks of one batch.
  ///   - block: the tokens of one row.
  ///   - order: how blocks are chosen.
  ///   - seed: of crops and permutations.
  /// - Throws: ``DataFault`` when the tokens don't fill a block and its targets.
  package init(
    _ tokens: TokenSequence, rows: Int, block: Int, order: SampleOrder = .crops, seed: UInt64 = 0
  ) throws(DataFault) {
    precondition(rows > 0 && block > 0, "a batch of \(rows) rows of \(block)")
    guard tokens.count > block else {
      throw DataFault(
        id: "data-too-short",
        "\(tokens.name) has \(DataFault.tokens(tokens.count)), but a block of"
          + " \(DataFault.grouped(block)) needs \(DataFault.grouped(block + 1))",
        help: "give more data, or shorten the block")
    }
    self.tokens = tokens
    self.rows = rows
    self.block = block
    self.order = order
    self.seed = seed
  }

  /// The blocks that stand side by side, each with the token after it.
  package var blocks: Int { (tokens.count - 1) / block }

  /// The batches that see as many tokens as there are, rounded up.
  package var batchesPerEpoch: Int { blocks / rows + (blocks % rows == 0 ? 0 : 1) }

  /// The batches of epochs after one another: one may end and another begin within a batch.
  ///
  /// - Returns: the number, rounded up; `nil` when it is beyond all counting.
  package func batches(epochs: Int) -> Int? {
    let (total, overflow) = blocks.multipliedReportingOverflow(by: epochs)
    return overflow ? nil : total / rows + (total % rows == 0 ? 0 : 1)
  }

  /// The batches that hold whole rows once each, at least one: those of a validation.
  package var wholeBatches: Int { max(blocks / rows, 1) }

  /// A batch by its number from 0; micro-batches count one by one.
  package func batch(_ number: Int) -> TokenBatch {
    var inputs: [Int32] = []
    var targets: [Int32] = []
    inputs.reserveCapacity(rows * block)
    targets.reserveCapacity(rows * block)
    for start in starts(ofBatch: number) {
      tokens.append(start..<start + block, to: &inputs)
      tokens.append(start + 1..<start + block + 1, to: &targets)
    }
    return TokenBatch(rows: rows, block: block, inputs: inputs, targets: targets)
  }

  /// Where the rows of a batch begin.
  package func starts(ofBatch number: Int) -> [Int] {
    switch order {
    case .crops:
      // A stream of its own for each batch, since batches are not asked for in order.
      var bits = RandomBits(seed: seed, name: "crops \(number)")
      return (0..<rows).map { _ in bits.below(tokens.count - block) }
    case .sequential:
      return samples(number).map { Int($0 % UInt64(blocks)) * block }
    case .epochs:
      return samples(number).map { sample in
        let (epoch, place) = sample.quotientAndRemainder(dividingBy: UInt64(blocks))
        let permutation = BlockPermutation(count: blocks, seed: seed, epoch: epoch)
        return permutation[Int(place)] * block
      }
    }
  }

  /// The numbers of a batch's rows in the row of all rows, modulo 2^64.
  private func samples(_ number: Int) -> [UInt64] {
    (0..<rows).map { UInt64(bitPattern: Int64(number)) &* UInt64(rows) &+ UInt64($0) }
  }
}

/// The numbers below a count in another order, without a list of them.
///
/// A Feistel network permutes the next power of four; what falls behind the count goes through it
/// again until it is below, which keeps it a permutation (cycle walking).
/// - Source: Black and Rogaway 2002, doi:10.1007/3-540-45760-7_9, section 3
package struct BlockPermutation: Sendable {
  package let count: Int
  private let half: UInt64
  private let keys: [UInt64]

  /// The order of an epoch, for a count of at least 1.
  package init(count: Int, seed: UInt64, epoch: UInt64) {
    precondition(count > 0, "a permutation of \(count)")
    self.count = count
    var bits = RandomBits(seed: seed, name: "epoch \(epoch)")
    keys = (0..<8).map { _ in bits.next() }
    let needed = UInt64(Int.bitWidth - (count - 1).leadingZeroBitCount)
    half = max((needed + 1) / 2, 1)
  }

  /// The number at a place, both below the count.
  package subscript(place: Int) -> Int {
    precondition((0..<count).contains(place), "place \(place) of \(count)")
    var value = UInt64(place)
    repeat { value = permuted(value) } while value >= UInt64(count)
    return Int(value)
  }

  private func permuted(_ value: UInt64) -> UInt64 {
    let mask = (1 << half) - 1 as UInt64
    var (left, right) = (value >> half, value & mask)
    for key in keys {
      // The finaliser of SplitMix64 spreads every bit of its input over all others.
      var mixed = right &+ key
      mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
      mixed ^= mixed >> 31
      (left, right) = (right, left ^ (mixed & mask))
    }
    return left << half | right
  }
}

extension RandomBits {
  /// A number below a limit, each as likely as any other.
  ///
  /// - Source: Lemire 2019, doi:10.1145/3230636
  package mutating func below(_ limit: Int) -> Int {
    precondition(limit > 0, "a number below \(limit)")
    let limit = UInt64(limit)
    var product = next().multipliedFullWidth(by: limit)
    if product.low < limit {
      let threshold = (0 &- limit) % limit
      while product.low < threshold { product = next().multipliedFullWidth(by: limit) }
    }
    return Int(product.high)
  }
}
