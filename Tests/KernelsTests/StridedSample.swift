// StridedSample: tensors laid out in memory in any order of axes, with gaps and repeated axes.
// Laws hold fast kernels to the plain ones, which see the same elements as dense arrays.
import Kernels

/// Elements in row-major order, and where a kernel finds them.
struct StridedSample {
  let extents: [Int]
  let strides: [Int]
  let room: Int

  /// - Parameters:
  ///   - extents: of the tensor.
  ///   - order: the axes from the outermost in memory to the innermost.
  ///   - repeated: the axes that are stored once.
  ///   - gap: the distance of the innermost elements.
  init(_ extents: [Int], order: [Int]? = nil, repeated: Set<Int> = [], gap: Int = 1) {
    self.extents = extents
    var strides = Array(repeating: 0, count: extents.count)
    var stride = gap
    for axis in (order ?? Array(extents.indices)).reversed() where !repeated.contains(axis) {
      strides[axis] = stride
      stride *= max(1, extents[axis])
    }
    self.strides = strides
    room = stride
  }

  /// Where each element lies, in row-major order.
  var offsets: [Int] {
    var result = [0]
    for (extent, stride) in zip(extents, strides) {
      result = result.flatMap { start in (0..<extent).map { start + $0 * stride } }
    }
    return result
  }

  func tensor<Element>(_ place: Place<Element>) -> PlacedTensor<Element> {
    PlacedTensor(place, extents: extents, strides: strides)
  }

  /// The dense array of what lies at a place.
  func array(_ place: Place<Float>) -> NDArray<Float> {
    NDArray(extents: extents, real: offsets.map { place.pointer[$0] })
  }
}

extension NDArray<Float> {
  /// Whether the elements agree, NaN with NaN.
  func isClose(to other: NDArray<Float>, relative: Float, absolute: Float) -> Bool {
    extents == other.extents
      && agree(reals, other.reals, relative: relative, absolute: absolute)
  }
}
