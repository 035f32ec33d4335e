// StandardKernels: the plain loops of the standard operations, and how they see an axis.
// Reference twins: written to be read and to be right; the fast ones are checked against them.

/// Plain kernels of operations that a field calls by one name: softmax, layer norm, attention.
package enum StandardKernels {}

/// The extents around one axis: `outer` blocks of `length` elements that lie `inner` apart.
struct RowView {
  let outer: Int
  let length: Int
  let inner: Int

  /// - Throws: ``KernelFault`` when there is no such axis.
  init(_ extents: [Int], axis: Int) throws(KernelFault) {
    guard extents.indices.contains(axis) else {
      throw KernelFault("axis \(axis) of an array of extents \(extents)")
    }
    outer = try Extents.count(Array(extents[..<axis]))
    length = extents[axis]
    inner = try Extents.count(Array(extents[(axis + 1)...]))
  }

  /// The number of rows along the axis.
  var rows: Int { outer * inner }

  /// The offset of a row's first element.
  func start(_ row: Int) -> Int {
    (row / inner) * length * inner + row % inner
  }
}

extension NDArray {
  /// The elements of a vector that must have `count` of them.
  func checkedVector(_ name: String, count: Int) throws(KernelFault) -> [Scalar] {
    guard extents == [count] else {
      throw KernelFault("the \(name) has extents \(extents), needs [\(count)]")
    }
    return try checkedReals()
  }
}
