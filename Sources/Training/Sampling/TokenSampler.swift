// TokenSampler: from logits to a token: temperature, then the best k, then the likeliest mass p.
// In the order of transformers' warpers, and in double precision, so that no thread changes a text.
import Execution
import Kernels

/// How a token is chosen.
package struct SamplingSettings: Hashable, Sendable {
  /// What logits are divided by; zero takes the best.
  package var temperature = 1.0
  /// How many of the best may be chosen; `nil` for all.
  package var topK: Int?
  /// The mass that those which may be chosen hold at least; `nil` for all of it.
  package var topP: Double?

  package init() {}

  package var isGreedy: Bool { temperature == 0 || topK == 1 }
}

/// Chooses tokens; what it needs meanwhile is made once.
package struct TokenSampler: Sendable {
  /// A token, and what the model gave it before anything was cut off.
  package struct Choice: Hashable, Sendable {
    package let token: Int
    /// The logarithm of its probability at temperature one.
    package let logProbability: Double
  }

  package let settings: SamplingSettings
  /// The logits of a model, of which the first ones may be chosen.
  private let classes: Int
  /// By token: the scaled logit, then the probability; what may not be chosen is below zero.
  private var shares: [Double]
  /// For selection and sorting.
  private var room: [Double]
  private var order: [Int]

  /// - Parameters:
  ///   - settings: how tokens are chosen.
  ///   - classes: how many logits there are.
  ///   - symbols: how many of them stand for something; the others are never chosen.
  package init(_ settings: SamplingSettings, classes: Int, symbols: Int? = nil) {
    self.settings = settings
    self.classes = classes
    shares = Array(repeating: 0, count: min(max(symbols ?? classes, 1), classes))
    room = shares
    order = []
    order.reserveCapacity(classes)
  }

  /// Chooses a token.
  ///
  /// - Parameters:
  ///   - logits: one for each token.
  ///   - bits: where chance comes from; nothing is drawn for the best.
  /// - Returns: the choice; `nil` when the logits are not numbers.
  /// - Complexity: O(n) for n tokens, and O(m log m) for the m that top-p sorts.
  /// - Source: Holtzman and others 2020, arXiv:1904.09751 (top-p)
  package mutating func choose(
    _ logits: [Float], bits: inout RandomBits
  ) -> Choice? {
    precondition(logits.count == classes, "\(logits.count) logits of \(classes)")
    guard let best = best(of: logits) else { return nil }
    let top = Double(logits[best])
    let mass = logits.reduce(0) { $0 + Double.exponential(Double($1) - top) }
    let logMass = Double.logarithm(mass)
    guard let first = best < shares.count ? best : self.best(of: logits, below: shares.count)
    else { return nil }
    let token =
      settings.isGreedy ? first : draw(logits, top: Double(logits[first]), &bits)
    return Choice(token: token, logProbability: Double(logits[token]) - top - logMass)
  }

  /// The first of the largest; `nil` where there is none.
  private func best(of logits: [Float], below end: Int? = nil) -> Int? {
    var best: Int?
    for (token, logit) in logits.prefix(end ?? logits.count).enumerated() {
      if logit.isNaN || logit == .infinity { return nil }
      if logit > best.map({ logits[$0] }) ?? -.infinity { best = token }
    }
    return best
  }

  private mutating func draw(_ logits: [Float], top: Double, _ bits: inout RandomBits) -> Int {
    for (token, logit) in logits.prefix(shares.count).enumerated() {
      shares[token] = (Double(logit) - top) / settings.temperature
    }
    if let count = settings.topK, count < shares.count { keepBest(count) }
    var mass = 0.0
    for token in shares.indices {
      shares[token] = shares[token] == -.infinity ? -1 : Double.exponential(shares[token])
      if shares[token] > 0 { mass += shares[token] }
    }
    if let least = settings.topP, least < 1 { mass = keepMass(least, of: mass) }
    let aim = bits.uniform() * mass
    var sum = 0.0
    var last = 0
    for (token, share) in shares.enumerated() where share > 0 {
      sum += share
      last = token
      if sum > aim { return token }
    }
    return last
  }

  /// Leaves the best tokens, and those that are as good as the last of them.
  private mutating func keepBest(_ count: Int) {
    let least = largest(count)
    for token in shares.indices where shares[token] < least { shares[token] = -.infinity }
  }

  /// The value of that rank among the shares, by Hoare's selection.
  private mutating func largest(_ rank: Int) -> Double {
    for token in shares.indices { room[token] = shares[token] }
    var (low, high) = (0, room.count - 1)
    let place = max(rank, 1) - 1
    while low < high {
      let pivot = room[(low + high) / 2]
      var (left, right) = (low, high)
      while left <= right {
        while room[left] > pivot { left += 1 }
        while room[right] < pivot { right -= 1 }
        if left <= right {
          room.swapAt(left, right)
          left += 1
          right -= 1
        }
      }
      if place <= right {
        high = right
      } else if place >= left {
        low = left
      } else {
        break
      }
    }
    return room[place]
  }

  /// Leaves the likeliest tokens that hold a share of the mass together, at least one.
  ///
  /// - Returns: the mass that is left.
  private mutating func keepMass(_ least: Double, of mass: Double) -> Double {
    // The least likely go as long as all that is gone is no more than what may be missing.
    let spare = (1 - least) * mass
    var gone = 0.0
    order.removeAll(keepingCapacity: true)
    // Tokens this unlikely go in any case, all of them together.
    let tiny = spare / Double(max(shares.count, 1))
    for (token, share) in shares.enumerated() where share >= 0 {
      if share < tiny {
        gone += share
        shares[token] = -1
      } else {
        order.append(token)
      }
    }
    let known = shares
    order.sort { (known[$0], $1) < (known[$1], $0) }
    for token in order.dropLast() {
      gone += shares[token]
      if gone > spare { break }
      shares[token] = -1
    }
    return shares.reduce(0) { $1 > 0 ? $0 + $1 : $0 }
  }
}
