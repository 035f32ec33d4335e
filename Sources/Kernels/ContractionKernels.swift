// ContractionKernels: einsum of one or two arrays over numbered axes.
// Both operands are brought to [batch, m, k] and [batch, k, n], so that one loop serves every case.

/// Loops that multiply and add.
package enum Contraction {
  /// Multiplies two arrays along axes with equal labels and sums the labels that the output lacks.
  ///
  /// - Shapes: an axis of `a` or `b` for each of its labels; one of the result for each of `output`.
  /// - Throws: ``KernelFault`` when axes with equal labels have different extents.
  package static func contract<Scalar: KernelScalar>(
    _ a: NDArray<Scalar>, _ labelsA: [Int], _ b: NDArray<Scalar>, _ labelsB: [Int],
    output: [Int], counter: inout KernelCounter
  ) throws(KernelFault) -> NDArray<Scalar> {
    var extents: [Int: Int] = [:]
    try bind(labelsA, a.extents, &extents)
    try bind(labelsB, b.extents, &extents)
    try checkOutput(output, extents)

    let (inA, inB, inOutput) = (Set(labelsA), Set(labelsB), Set(output))
    let batch = output.filter { inA.contains($0) && inB.contains($0) }
    let rows = output.filter { !inB.contains($0) }
    let columns = output.filter { !inA.contains($0) }
    let depth =
      labelsA.filter { !inOutput.contains($0) }
      + labelsB.filter { !inOutput.contains($0) && !inA.contains($0) }

    func size(_ labels: [Int]) throws(KernelFault) -> Int {
      try Extents.count(labels.map { extents[$0] ?? 0 })
    }
    let (outer, m, k, n) = (
      try size(batch), try size(rows), try size(depth), try size(columns)
    )
    let left = try arrange(a, labelsA, to: batch + rows + depth, extents)
    let right = try arrange(b, labelsB, to: batch + depth + columns, extents)
    let order = batch + rows + columns
    var result: [Scalar]
    // The longer of the two result axes is made the inner loop.
    if n >= m {
      result = multiply(left, right, outer: outer, m: m, k: k, n: n, counter: &counter)
      return try finish(&result, order, output, extents)
    }
    let turnedLeft = try arrange(a, labelsA, to: batch + depth + rows, extents)
    let turnedRight = try arrange(b, labelsB, to: batch + columns + depth, extents)
    result = multiply(turnedRight, turnedLeft, outer: outer, m: n, k: k, n: m, counter: &counter)
    return try finish(&result, batch + columns + rows, output, extents)
  }

  /// Sums the labels that the output lacks, and reorders the others.
  package static func contract<Scalar: KernelScalar>(
    _ x: NDArray<Scalar>, _ labels: [Int], output: [Int]
  ) throws(KernelFault) -> NDArray<Scalar> {
    var extents: [Int: Int] = [:]
    try bind(labels, x.extents, &extents)
    try checkOutput(output, extents)
    let summed = labels.indices.filter { !output.contains(labels[$0]) }
    let reduced = summed.isEmpty ? x : try Reduction.apply(.sum, x, axes: Set(summed))
    let kept = labels.filter { output.contains($0) }
    return try Layout.permute(reduced, output.map { kept.firstIndex(of: $0) ?? -1 })
  }

  private static func bind(
    _ labels: [Int], _ extents: [Int], _ known: inout [Int: Int]
  ) throws(KernelFault) {
    guard labels.count == extents.count, Set(labels).count == labels.count else {
      throw KernelFault("labels \(labels) for an array of extents \(extents)")
    }
    for (label, extent) in zip(labels, extents) {
      if let other = known[label], other != extent {
        throw KernelFault("axes that share a name have extents \(other) and \(extent)")
      }
      known[label] = extent
    }
  }

  private static func checkOutput(
    _ output: [Int], _ extents: [Int: Int]
  ) throws(KernelFault) {
    guard Set(output).count == output.count, output.allSatisfy({ extents[$0] != nil }) else {
      throw KernelFault("the output \(output) has axes that no operand has")
    }
  }

  /// The elements in the order of `order`; labels that the array lacks are repeated.
  private static func arrange<Scalar: KernelScalar>(
    _ x: NDArray<Scalar>, _ labels: [Int], to order: [Int], _ extents: [Int: Int]
  ) throws(KernelFault) -> [Scalar] {
    let own = order.filter { labels.contains($0) }
    let moved = try Layout.permute(x, own.map { labels.firstIndex(of: $0) ?? -1 })
    if own == order { return try moved.checkedReals() }
    let widened = try moved.reshaped(order.map { labels.contains($0) ? extents[$0] ?? 0 : 1 })
    return try Layout.broadcast(widened, to: order.map { extents[$0] ?? 0 }).checkedReals()
  }

  private static func finish<Scalar: KernelScalar>(
    _ elements: inout [Scalar], _ order: [Int], _ output: [Int], _ extents: [Int: Int]
  ) throws(KernelFault) -> NDArray<Scalar> {
    let array = NDArray(extents: order.map { extents[$0] ?? 0 }, real: elements)
    return try Layout.permute(array, output.map { order.firstIndex(of: $0) ?? -1 })
  }

  /// `[outer, m, k] × [outer, k, n] → [outer, m, n]`; counts each inner loop as it runs.
  ///
  /// Four rows share each row of `b`, and columns are taken in blocks that stay in the cache. Each
  /// sum still runs over `k` in order.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  static func multiply<Scalar: KernelScalar>(
    _ a: [Scalar], _ b: [Scalar], outer: Int, m: Int, k: Int, n: Int,
    counter: inout KernelCounter
  ) -> [Scalar] {
    var multiplyAdds = 0
    var result = [Scalar](repeating: 0, count: outer * m * n)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        result.withUnsafeMutableBufferPointer { result in
          for batch in 0..<outer {
            for firstColumn in stride(from: 0, to: n, by: columnBlock) {
              let columns = min(columnBlock, n - firstColumn)
              var row = 0
              while row < m {
                let rows = row + 4 <= m ? 4 : 1
                let (left, target) = (batch &* m &+ row, (batch &* m &+ row) &* n &+ firstColumn)
                for depth in 0..<k {
                  let source = (batch &* k &+ depth) &* n &+ firstColumn
                  let first = a[left &* k &+ depth]
                  if rows == 4 {
                    let second = a[(left &+ 1) &* k &+ depth]
                    let third = a[(left &+ 2) &* k &+ depth]
                    let fourth = a[(left &+ 3) &* k &+ depth]
                    for column in 0..<columns {
                      let factor = b[source &+ column]
                      result[target &+ column] += first * factor
                      result[target &+ n &+ column] += second * factor
                      result[target &+ 2 &* n &+ column] += third * factor
                      result[target &+ 3 &* n &+ column] += fourth * factor
                    }
                  } else {
                    for column in 0..<columns {
                      result[target &+ column] += first * b[source &+ column]
                    }
                  }
                  multiplyAdds &+= rows &* columns
                }
                row += rows
              }
            }
          }
        }
      }
    }
    counter.multiplyAdds += multiplyAdds
    return result
  }

  private static var columnBlock: Int { 512 }
}
