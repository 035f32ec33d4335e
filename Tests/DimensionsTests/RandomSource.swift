// RandomSource: a seeded generator and the random dimensions, points and constraints of the laws.
// Apart so that every law draws from one distribution and prints one seed.
import Dimensions
import class Foundation.ProcessInfo

/// SplitMix64 (Steele, Lea and Flood 2014, doi:10.1145/2660193.2660195).
struct RandomSource: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  /// The seed in the environment, or the one that is always used.
  static var seed: UInt64 {
    ProcessInfo.processInfo.environment["DIMENSIONS_SEED"].flatMap { UInt64($0) } ?? 20_240_607
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func integer(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &self)
  }

  static let symbols = ["B", "S", "T", "width"].map { Symbol($0) }

  mutating func symbol() -> Symbol {
    RandomSource.symbols[integer(0...(RandomSource.symbols.count - 1))]
  }

  mutating func point(_ range: ClosedRange<Int> = -9...30) -> [Symbol: Int] {
    var values: [Symbol: Int] = [:]
    for symbol in RandomSource.symbols { values[symbol] = integer(range) }
    return values
  }

  /// A polynomial without floor, mod, min or max.
  mutating func polynomial() -> Dimension {
    var sum: Dimension = 0
    for _ in 0..<integer(1...4) {
      var product = Dimension(integer(-6...6))
      for _ in 0..<integer(0...2) { product *= Dimension(symbol()) }
      sum += product
    }
    return sum
  }

  /// A dimension together with a way to compute its value that never simplifies.
  mutating func expression(depth: Int) -> Expression {
    if depth == 0 {
      return integer(0...2) == 0 ? .constant(integer(-7...12)) : .symbol(symbol())
    }
    let left = expression(depth: depth - 1)
    let right = expression(depth: integer(0...(depth - 1)))
    switch integer(0...9) {
    case 0...2: return .sum(left, right)
    case 3: return .difference(left, right)
    case 4...5: return .product(left, right)
    case 6: return .floor(left, integer(0...2) > 0 ? .constant(integer(1...9)) : right)
    case 7: return .modulo(left, integer(0...2) > 0 ? .constant(integer(1...9)) : right)
    case 8: return .minimum(left, right)
    default: return .maximum(left, right)
    }
  }

  mutating func constraint() -> Constraint {
    let left = integer(0...2) == 0 ? Dimension(symbol()) : polynomial()
    let right = integer(0...1) == 0 ? Dimension(integer(-4...12)) : Dimension(symbol())
    switch integer(0...7) {
    case 0: return .equal(left, right)
    case 1: return .notEqual(left, right)
    case 2: return .divisible(left, by: Dimension(integer(1...6)))
    case 3: return .atLeast(left.floorDivided(by: Dimension(integer(2...4))), right)
    case 4: return .atLeast(Dimension.minimum(left, Dimension(symbol())), right)
    default: return .atLeast(left, right)
    }
  }
}

/// An arithmetic expression as it was written, evaluated by the definition.
indirect enum Expression {
  case constant(Int)
  case symbol(Symbol)
  case sum(Expression, Expression)
  case difference(Expression, Expression)
  case product(Expression, Expression)
  case floor(Expression, Expression)
  case modulo(Expression, Expression)
  case minimum(Expression, Expression)
  case maximum(Expression, Expression)

  var dimension: Dimension {
    switch self {
    case .constant(let value): Dimension(value)
    case .symbol(let symbol): Dimension(symbol)
    case .sum(let left, let right): left.dimension + right.dimension
    case .difference(let left, let right): left.dimension - right.dimension
    case .product(let left, let right): left.dimension * right.dimension
    case .floor(let left, let right): left.dimension.floorDivided(by: right.dimension)
    case .modulo(let left, let right): left.dimension.modulo(right.dimension)
    case .minimum(let left, let right): Dimension.minimum(left.dimension, right.dimension)
    case .maximum(let left, let right): Dimension.maximum(left.dimension, right.dimension)
    }
  }

  /// The value at a point in plain integers; nil for a division by zero.
  func value(_ values: [Symbol: Int]) -> Int128? {
    func both(
      _ left: Expression, _ right: Expression, _ combine: (Int128, Int128) -> Int128?
    ) -> Int128? {
      guard let own = left.value(values), let other = right.value(values) else { return nil }
      return combine(own, other)
    }
    /// By the definition: the largest q with q·b <= a for b > 0, and with q·b >= a for b < 0.
    func quotient(_ top: Int128, _ bottom: Int128) -> Int128? {
      if bottom == 0 { return nil }
      var result = top / bottom
      while bottom > 0 ? result * bottom > top : result * bottom < top { result -= 1 }
      while bottom > 0 ? (result + 1) * bottom <= top : (result + 1) * bottom >= top {
        result += 1
      }
      return result
    }
    switch self {
    case .constant(let value): return Int128(value)
    case .symbol(let symbol): return values[symbol].map { Int128($0) }
    case .sum(let left, let right): return both(left, right) { $0 + $1 }
    case .difference(let left, let right): return both(left, right) { $0 - $1 }
    case .product(let left, let right): return both(left, right) { $0 * $1 }
    case .floor(let left, let right): return both(left, right, quotient)
    case .modulo(let left, let right):
      return both(left, right) { top, bottom in
        quotient(top, bottom).map { top - $0 * bottom }
      }
    case .minimum(let left, let right): return both(left, right) { min($0, $1) }
    case .maximum(let left, let right): return both(left, right) { max($0, $1) }
    }
  }
}
