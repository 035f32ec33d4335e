// IndexKernels: rows of a table chosen by index, and sums back into it.
// The only kernels whose addresses depend on data, so every index is checked.

/// Loops whose addresses come from data.
package enum Indexing {
  /// The rows of a table that the ids name: `table [rows, width...]`, `ids [...]`.
  package static func gather<Scalar: KernelScalar>(
    _ table: NDArray<Scalar>, _ ids: NDArray<Scalar>
  ) throws(KernelFault) -> NDArray<Scalar> {
    try table.check()
    guard let rows = table.extents.first else { throw KernelFault("a table without rows") }
    let width = Array(table.extents.dropFirst())
    let chosen = try checked(ids, rows: rows)
    let extents = ids.extents + width
    _ = try Extents.count(extents)
    let block = try Extents.count(width)
    func pick<Element>(_ elements: [Element]) -> [Element] {
      var result: [Element] = []
      result.reserveCapacity(chosen.count * block)
      for row in chosen { result.append(contentsOf: elements[row * block..<(row + 1) * block]) }
      return result
    }
    switch table.payload {
    case .real(let elements): return NDArray(extents: extents, real: pick(elements))
    case .index(let elements): return NDArray(extents: extents, index: pick(elements))
    case .mask(let elements): return NDArray(extents: extents, mask: pick(elements))
    }
  }

  /// A table of zeros to whose rows the updates are added, in order, but for one that is ignored.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package static func scatterAdd<Scalar: KernelScalar>(
    _ ids: NDArray<Scalar>, _ updates: NDArray<Scalar>, rows: Int, ignoring: Int? = nil
  ) throws(KernelFault) -> NDArray<Scalar> {
    let source = try updates.checkedReals()
    guard updates.extents.starts(with: ids.extents) else {
      throw KernelFault("updates \(updates.extents) do not begin with \(ids.extents)")
    }
    let width = Array(updates.extents.dropFirst(ids.extents.count))
    let extents = [rows] + width
    let count = try Extents.count(extents)
    let block = try Extents.count(width)
    let chosen = try checked(ids, rows: rows)
    var table = [Scalar](repeating: 0, count: count)
    table.withUnsafeMutableBufferPointer { table in
      source.withUnsafeBufferPointer { source in
        for (update, row) in chosen.enumerated() where row != ignoring {
          for index in 0..<block {
            table[row &* block &+ index] += source[update &* block &+ index]
          }
        }
      }
    }
    return NDArray(extents: extents, real: table)
  }

  /// The ids as row numbers.
  private static func checked<Scalar: KernelScalar>(
    _ ids: NDArray<Scalar>, rows: Int
  ) throws(KernelFault) -> [Int] {
    var result: [Int] = []
    let elements = try ids.checkedIndices()
    result.reserveCapacity(elements.count)
    for (position, id) in elements.enumerated() {
      guard id >= 0, Int(id) < rows else {
        throw KernelFault("id \(id) at position \(position) is outside a table of \(rows) rows")
      }
      result.append(Int(id))
    }
    return result
  }
}
