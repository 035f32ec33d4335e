// TensorView: which elements of a planned buffer a value is, and the arithmetic of layouts.
// Known before any memory exists, so that layout operations cost nothing when the step runs.
import IR

/// Elements of one buffer with extents and strides, outermost axis first.
///
/// A stride of zero repeats elements; such a view may be read and not written.
package struct TensorView: Hashable, Sendable {
  /// The place of the buffer in the plan's list.
  package var buffer: Int
  /// Of the first element, in elements.
  package var offset: Int
  package var extents: [Int]
  /// In elements.
  package var strides: [Int]
  /// What is stored: `real` as Float, `index` as Int32, `mask` as one-byte Bool.
  package var kind: ElementKind

  package init(buffer: Int, offset: Int, extents: [Int], strides: [Int], kind: ElementKind) {
    self.buffer = buffer
    self.offset = offset
    self.extents = extents
    self.strides = strides
    self.kind = kind
  }

  /// The whole of a buffer in row-major order.
  package init(dense buffer: Int, extents: [Int], kind: ElementKind) {
    self.init(
      buffer: buffer, offset: 0, extents: extents, strides: TensorView.denseStrides(extents),
      kind: kind)
  }

  package var rank: Int { extents.count }

  /// The number of elements.
  package var count: Int { extents.reduce(1, *) }

  /// The bytes that the elements would occupy side by side.
  package var byteCount: Int { count * kind.storedBytes }

  /// Whether the elements lie side by side in row-major order.
  package var isDense: Bool {
    if extents.contains(0) { return true }
    var stride = 1
    for axis in extents.indices.reversed() where extents[axis] != 1 {
      guard strides[axis] == stride else { return false }
      stride *= extents[axis]
    }
    return true
  }

  /// Whether no element is repeated along an axis.
  package var isDistinct: Bool {
    !zip(extents, strides).contains { $0 > 1 && $1 == 0 }
  }

  /// The strides of a row-major array.
  package static func denseStrides(_ extents: [Int]) -> [Int] {
    var strides = Array(repeating: 1, count: extents.count)
    var stride = 1
    for axis in extents.indices.reversed() {
      strides[axis] = stride
      stride *= max(extents[axis], 1)
    }
    return strides
  }
}

extension ElementKind {
  /// The bytes of an element as an arena stores it.
  package var storedBytes: Int { self == .mask ? 1 : 4 }
}

// MARK: Layouts

extension TensorView {
  /// Axis `order[i]` becomes axis `i`.
  package func permuted(_ order: [Int]) -> TensorView {
    var result = self
    result.extents = order.map { extents[$0] }
    result.strides = order.map { strides[$0] }
    return result
  }

  /// The entries `range` of an axis.
  package func sliced(axis: Int, _ range: Range<Int>) -> TensorView {
    var result = self
    result.offset += range.lowerBound * strides[axis]
    result.extents[axis] = range.count
    return result
  }

  /// One entry of an axis, which disappears.
  package func selecting(axis: Int, _ index: Int) -> TensorView {
    var result = sliced(axis: axis, index..<(index + 1))
    result.extents.remove(at: axis)
    result.strides.remove(at: axis)
    return result
  }

  /// Repeated along new leading axes and along axes of extent one; `nil` when it doesn't fit.
  package func broadcast(to target: [Int]) -> TensorView? {
    let lead = target.count - rank
    guard lead >= 0 else { return nil }
    var result = self
    result.extents = target
    result.strides = Array(repeating: 0, count: target.count)
    for (axis, extent) in extents.enumerated() {
      if extent == target[lead + axis] {
        result.strides[lead + axis] = strides[axis]
      } else if extent != 1 {
        return nil
      }
    }
    return result
  }

  /// The same elements in the same order under other extents; `nil` when strides can't say that.
  package func reshaped(to target: [Int]) -> TensorView? {
    guard target.reduce(1, *) == count else { return nil }
    var result = self
    result.extents = target
    result.strides = TensorView.denseStrides(target)
    if count == 0 { return result }
    let old = zip(extents, strides).filter { $0.0 != 1 }
    var (first, next) = (0, 0)
    var axis = 0
    while next < old.count {
      // The shortest run of old axes and of new axes with the same number of elements.
      var size = old[next].0
      next += 1
      let start = axis
      var made = 1
      while made != size {
        if made < size {
          made *= target[axis]
          axis += 1
        } else {
          size *= old[next].0
          next += 1
        }
      }
      for index in first..<(next - 1) where old[index].1 != old[index + 1].1 * old[index + 1].0 {
        return nil
      }
      var stride = old[next - 1].1
      for index in (start..<axis).reversed() {
        result.strides[index] = stride
        stride *= target[index]
      }
      first = next
    }
    return result
  }
}
