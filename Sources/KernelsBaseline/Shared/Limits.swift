// Limits: the loop that shows how many multiply-adds a core can make.
// Nothing is loaded and nothing is stored, so what it reaches is the bound of every product.
import Kernels

extension SIMDKernels: LimitKernels {
  package static var startCount: Int { (chains + 2) * lanes }

  package static func multiplyAddCount(rounds: Int) -> Int { rounds * chains * lanes }

  package static func multiplyAdds(rounds: Int, pieces: Int) -> KernelJob {
    KernelJob(pieces: pieces) { _, scratch in
      keepBusy(rounds: rounds, scratch.assumingMemoryBound(to: Float.self))
    }
  }
}

/// Enough to hide the latency of any unit: two of them with five cycles each need ten.
private let chains = 12

/// The factors come from memory and the sum goes back, so that nothing can be computed before.
private func keepBusy(rounds: Int, _ memory: UnsafeMutablePointer<Float>) {
  let factor = memory.vector(at: 0)
  let term = memory.vector(at: lanes)
  // Twelve different starts: of twelve equal chains the compiler would keep one.
  var (a, b, c) = (start(0, memory), start(1, memory), start(2, memory))
  var (d, e, f) = (start(3, memory), start(4, memory), start(5, memory))
  var (g, h, i) = (start(6, memory), start(7, memory), start(8, memory))
  var (j, k, l) = (start(9, memory), start(10, memory), start(11, memory))
  var round = 0
  while round < rounds {
    a = Vector.fma(a, factor, term)
    b = Vector.fma(b, factor, term)
    c = Vector.fma(c, factor, term)
    d = Vector.fma(d, factor, term)
    e = Vector.fma(e, factor, term)
    f = Vector.fma(f, factor, term)
    g = Vector.fma(g, factor, term)
    h = Vector.fma(h, factor, term)
    i = Vector.fma(i, factor, term)
    j = Vector.fma(j, factor, term)
    k = Vector.fma(k, factor, term)
    l = Vector.fma(l, factor, term)
    round &+= 1
  }
  let first = (a + b) + (c + d)
  let second = (e + f) + (g + h)
  memory.store((first + second) + ((i + j) + (k + l)), at: 2 &* lanes)
}

@inline(__always)
private func start(_ chain: Int, _ memory: UnsafeMutablePointer<Float>) -> Vector {
  memory.vector(at: (chain &+ 2) &* lanes)
}
