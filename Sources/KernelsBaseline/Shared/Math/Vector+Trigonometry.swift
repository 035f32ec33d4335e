// Vector+Trigonometry: sine and cosine in every lane.
// Apart because only here a lane may leave the vector: huge angles need many digits of π.
import Kernels

extension Vector {
  /// The sine: absolute error at most 1.2e-7.
  @inline(__always) static func sine(_ x: Vector) -> Vector {
    let (result, _) = sineAndCosine(x)
    guard any(x.size .> farthest) else { return result }
    return farSine(result, x)
  }

  /// The cosine: absolute error at most 1.2e-7.
  @inline(__always) static func cosine(_ x: Vector) -> Vector {
    let (_, result) = sineAndCosine(x)
    guard any(x.size .> farthest) else { return result }
    return farCosine(result, x)
  }

  /// Quarter turns beyond this size are no longer subtracted exactly.
  @inline(__always) private static var farthest: Vector { all(25_000) }

  /// - Source: Cody and Waite's reduction with the constants of SLEEF, the polynomials of
  ///   Moshier's Cephes (`sinf`).
  @inline(__always) private static func sineAndCosine(_ x: Vector) -> (Vector, Vector) {
    let shifted = fma(x, all(0.636_619_772_367_581_343), rounder)
    let quarters = shifted - rounder
    var rest = fma(quarters, all(-1.570_312_5), x)
    rest = fma(quarters, all(-0.000_483_512_878_417_968_75), rest)
    rest = fma(quarters, all(-3.138_557_076_454_162_6e-7), rest)
    rest = fma(quarters, all(-6.077_100_628_276_710_4e-11), rest)
    let square = rest * rest
    var odd = fma(all(-1.951_529_589_1e-4), square, all(8.332_160_873_6e-3))
    odd = fma(odd, square, all(-1.666_665_461_1e-1))
    odd = fma(odd * square, rest, rest)
    var even = fma(all(2.443_315_711_809_948e-5), square, all(-1.388_731_625_493_765e-3))
    even = fma(even, square, all(4.166_664_568_298_827e-2))
    even = fma(even, square * square, fma(all(-0.5), square, all(1)))
    let turn = shifted.bits
    let swaps = (turn & Integers(repeating: 1)) .== Integers(repeating: 1)
    let sine = odd.replacing(with: even, where: swaps)
    let cosine = even.replacing(with: odd, where: swaps)
    let sineSign = (turn & Integers(repeating: 2)) &<< 30
    let cosineSign = ((turn &+ Integers(repeating: 1)) & Integers(repeating: 2)) &<< 30
    return (Vector(bits: sine.bits ^ sineSign), Vector(bits: cosine.bits ^ cosineSign))
  }

  @inline(never) private static func farSine(_ near: Vector, _ x: Vector) -> Vector {
    var result = near
    for lane in 0..<lanes where x[lane].magnitude > farthest[0] {
      result[lane] = Float.sine(x[lane])
    }
    return result
  }

  @inline(never) private static func farCosine(_ near: Vector, _ x: Vector) -> Vector {
    var result = near
    for lane in 0..<lanes where x[lane].magnitude > farthest[0] {
      result[lane] = Float.cosine(x[lane])
    }
    return result
  }
}
