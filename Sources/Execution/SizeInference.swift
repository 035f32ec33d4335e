// SizeInference: the sizes of the symbolic dimensions, read from the data that a run is given.
// Apart from the executor because a training step and `verify` ask for the sizes alone.
import Dimensions
import IR
import Kernels

/// Binds symbols to extents and checks every other axis against them.
package struct SizeInference: Sendable {
  /// What each symbol is bound to so far.
  package private(set) var sizes: [Symbol: Int]
  private var origins: [Symbol: String] = [:]
  private var formulas: [PendingAxis] = []

  /// - Parameter sizes: sizes that are known beforehand; the data must agree with them.
  package init(given sizes: [Symbol: Int] = [:]) {
    self.sizes = sizes
  }

  /// Compares a tensor with its declared type and binds the symbols that stand alone on an axis.
  package mutating func read<Scalar>(
    _ array: NDArray<Scalar>, as tensor: SuppliedTensor, declared type: TensorType
  ) throws(ExecutionFault) {
    guard array.elementKind == type.element.kind else {
      throw .wrongKind(tensor, expected: type.element.kind, found: array.elementKind)
    }
    guard array.extents.count == type.rank else {
      throw .wrongRank(tensor, expected: type.shapeText, found: array.extents)
    }
    guard array.isConsistent else {
      throw .wrongCount(tensor, extents: array.extents, found: array.count)
    }
    for (axis, dimension) in type.shape.enumerated() {
      let found = array.extents[axis]
      if let symbol = dimension.symbol {
        try bind(symbol, to: found, axis: axis, of: tensor)
      } else {
        formulas.append(PendingAxis(tensor: tensor, axis: axis, formula: dimension, found: found))
      }
    }
  }

  /// Checks the axes whose size is a number or a formula, once every symbol had its chance.
  package mutating func finish() throws(ExecutionFault) {
    for pending in formulas {
      guard let value = pending.formula.evaluate(sizes) else {
        throw .unboundSize(
          pending.tensor, axis: pending.axis, formula: pending.formula.description)
      }
      guard value == Int128(pending.found) else {
        let constant = pending.formula.wideConstant != nil
        throw .wrongExtent(
          pending.tensor, axis: pending.axis,
          expected: constant ? "\(value)" : "\(pending.formula) = \(value)", found: pending.found)
      }
    }
    formulas = []
  }

  private mutating func bind(
    _ symbol: Symbol, to found: Int, axis: Int, of tensor: SuppliedTensor
  ) throws(ExecutionFault) {
    guard let expected = sizes[symbol] else {
      sizes[symbol] = found
      origins[symbol] = "axis \(axis) of \(tensor)"
      return
    }
    guard expected == found else {
      throw .conflictingSize(
        tensor, axis: axis, symbol: symbol, expected: expected, found: found,
        boundBy: origins[symbol] ?? "the sizes given")
    }
  }
}

/// An axis that is checked after every symbol is bound.
private struct PendingAxis: Sendable {
  var tensor: SuppliedTensor
  var axis: Int
  var formula: Dimension
  var found: Int
}

extension NDArray {
  /// The kind of element that is stored.
  package var elementKind: ElementKind {
    switch payload {
    case .real: .real
    case .index: .index
    case .mask: .mask
    }
  }

  /// Whether as many elements are stored as the extents say.
  var isConsistent: Bool {
    var product = 1
    for extent in extents where extent != 0 {
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      guard extent > 0, !overflow else { return false }
      product = next
    }
    return (extents.contains(0) ? 0 : product) == count
  }

  /// An index array from 64-bit integers.
  ///
  /// - Throws: ``ExecutionFault/indexOutOfRange(position:value:)`` for a value beyond 32 bits.
  package static func indices(
    extents: [Int], _ values: [Int64]
  ) throws(ExecutionFault) -> NDArray {
    var narrow: [Int32] = []
    narrow.reserveCapacity(values.count)
    for (position, value) in values.enumerated() {
      guard let small = Int32(exactly: value) else {
        throw .indexOutOfRange(position: position, value: value)
      }
      narrow.append(small)
    }
    return NDArray(extents: extents, index: narrow)
  }
}
