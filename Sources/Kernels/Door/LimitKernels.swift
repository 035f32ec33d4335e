// LimitKernels: loops that do nothing but keep the multiply-add units or the memory busy.
// Benchmarks hold the other kernels against them, in the same run and on the same instruction set.

/// What the machine could give at most.
package protocol LimitKernels {
  /// Multiplies and adds in registers: `rounds` times 12 vectors in each piece, no chain waiting for
  /// another. The scratch holds the numbers to begin with, at least ``startCount`` of them.
  static func multiplyAdds(rounds: Int, pieces: Int) -> KernelJob

  /// The floats that the scratch of ``multiplyAdds(rounds:pieces:)`` holds.
  static var startCount: Int { get }

  /// The multiply-adds of one piece of ``multiplyAdds(rounds:pieces:)``.
  static func multiplyAddCount(rounds: Int) -> Int
}
