// ProductSample: products of matrices with everything that can vary, for the laws of GEMM.
// The definition lives here too: plain loops in double precision that know nothing of tiles.
import Kernels

/// Numbers in a fixed order.
struct Dice {
  var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  mutating func bits() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }

  mutating func below(_ count: Int) -> Int { Int(bits() >> 33) % count }
  mutating func coin() -> Bool { below(2) == 0 }
  mutating func real() -> Float { Float(below(1 << 20)) / Float(1 << 19) - 1 }
  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

  mutating func shuffled(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    guard count > 1 else { return order }
    for last in stride(from: count - 1, to: 0, by: -1) { order.swapAt(last, below(last + 1)) }
    return order
  }
}

/// What happens to the sums of a sample.
enum SampleActivation: Hashable, Sendable {
  case none
  case apply(ActivationKind, keeps: Bool)
  case slope(ActivationKind)
}

struct ProductSample: Sendable, CustomStringConvertible {
  var seed: UInt64
  var shape: ProductShape
  var transposesA = false
  var transposesB = false
  var accumulates = false
  /// Elements between the end of a row and the next, and between entries of a batch.
  var gap = 0
  var sharesB = false
  var hasBias = false
  var hasResidual = false
  var activation = SampleActivation.none
  var sums = false

  var description: String {
    "seed \(seed): m \(shape.m) n \(shape.n) k \(shape.k) batch \(shape.batch)"
      + (transposesA ? " Aᵀ" : "") + (transposesB ? " Bᵀ" : "") + (accumulates ? " +=" : "")
      + " gap \(gap)" + (sharesB ? " one B" : "") + (hasBias ? " bias" : "")
      + (hasResidual ? " residual" : "") + " \(activation)" + (sums ? " sums" : "")
  }

  /// Samples with extents around every edge: empty, one, prime, and next to the tiles'.
  static let small: [ProductSample] = (UInt64(1)...160).map { seed in
    var dice = Dice(seed)
    let extents = [0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 15, 16, 17, 23, 24, 25, 31, 32, 33, 37]
    var sample = ProductSample(
      seed: seed,
      shape: ProductShape(m: dice.pick(extents), n: dice.pick(extents), k: dice.pick(extents)))
    sample.vary(&dice)
    return sample
  }

  /// Samples that are cut in each of the ways that a plan knows.
  static let large: [ProductSample] =
    [
      (97, 131, 101), (211, 64, 90), (64, 401, 257), (130, 150, 600), (1201, 31, 33),
      (29, 1301, 40),
      (128, 128, 769), (260, 300, 30), (12, 2000, 90), (1, 1100, 1000), (1100, 1, 1000),
      (90, 97, 385),
    ].enumerated().flatMap { index, extents in
      (0..<3).map { turn in
        let seed = UInt64(1000 + 10 * index + turn)
        var dice = Dice(seed)
        var sample = ProductSample(
          seed: seed, shape: ProductShape(m: extents.0, n: extents.1, k: extents.2))
        sample.vary(&dice)
        return sample
      }
    } + [
      ProductSample(
        seed: 1, shape: ProductShape(m: 300, n: 301, k: 4001), transposesA: true, accumulates: true,
        gap: 3, sums: true),
      ProductSample(
        seed: 2, shape: ProductShape(m: 301, n: 299, k: 4001), transposesB: true, hasBias: true,
        activation: .apply(.silu, keeps: true), sums: true),
    ]

  private mutating func vary(_ dice: inout Dice) {
    transposesA = dice.coin()
    transposesB = dice.coin()
    gap = dice.pick([0, 0, 1, 5])
    hasBias = dice.coin()
    hasResidual = dice.below(3) == 0
    if dice.below(4) == 0 {
      shape.batch = 1 + dice.below(4)
      sharesB = dice.coin()
    } else {
      sums = dice.coin()
    }
    accumulates = dice.below(3) == 0
    guard !accumulates else { return }
    let kind = dice.pick(ActivationKind.allCases)
    activation = dice.pick([
      .none, .apply(kind, keeps: false), .apply(kind, keeps: true), .slope(kind),
    ])
  }
}

/// The functions of an epilogue by their definitions.
enum Definition {
  static func apply(_ kind: ActivationKind, _ x: Double) -> Double {
    switch kind {
    case .gelu: x * normal(x)
    case .geluTanh: x * (1 + Double.hyperbolicTangent(tanhArgument(x))) / 2
    case .silu: x / (1 + Double.exponential(-x))
    case .relu: max(0, x)
    }
  }

  /// The derivative, as a difference quotient: it owes nothing to the formulas of the kernels.
  static func slope(_ kind: ActivationKind, _ x: Double) -> Double {
    if kind == .relu { return x > 0 ? 1 : 0 }
    let step = 1e-5
    return (apply(kind, x + step) - apply(kind, x - step)) / (2 * step)
  }

  private static func normal(_ x: Double) -> Double {
    (1 + Double.errorFunction(x / 2.0.squareRoot())) / 2
  }

  private static func tanhArgument(_ x: Double) -> Double {
    (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)
  }
}
