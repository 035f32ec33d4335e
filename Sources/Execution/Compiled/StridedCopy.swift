// StridedCopy: moving elements from one layout to another, where no view can stand for it.
// Whoever can write its result where it is wanted needs no copy.
import IR
import Kernels

/// Elements moved between two views of the same extents.
package enum StridedCopy {
  /// An instruction that copies.
  package static func instruction(
    from source: TensorView, to target: TensorView, label: String = "copy",
    kernels: any KernelSet.Type
  ) -> Instruction {
    precondition(
      source.extents == target.extents && source.kind == target.kind,
      "a copy from \(source.extents) to \(target.extents)")
    return Instruction(label, reads: [source], writes: [target]) { at in
      switch source.kind {
      case .real: kernels.copy(at.tensor(source), to: at.tensor(target))
      case .index: kernels.copy(at.indexTensor(source), to: at.indexTensor(target))
      case .mask: kernels.copy(at.maskTensor(source), to: at.maskTensor(target))
      }
    }
  }
}

/// Two layouts of the same elements as rows of an inner loop.
struct CopyWalk: Sendable {
  private var outer: [(extent: Int, from: Int, to: Int)] = []
  private var inner: (extent: Int, from: Int, to: Int) = (1, 1, 1)
  private let rows: Int

  init(extents: [Int], _ source: [Int], _ target: [Int]) {
    var axes: [(extent: Int, from: Int, to: Int)] = []
    for (axis, extent) in extents.enumerated() where extent != 1 {
      if let last = axes.last, last.from == source[axis] * extent,
        last.to == target[axis] * extent
      {
        axes[axes.count - 1] = (last.extent * extent, source[axis], target[axis])
      } else {
        axes.append((extent, source[axis], target[axis]))
      }
    }
    if let last = axes.popLast() { inner = last }
    outer = axes
    rows = inner.extent == 0 ? 0 : outer.reduce(1) { $0 * $1.extent }
  }

  /// Copies everything at once.
  func run<Element>(from source: Place<Element>, to target: Place<Element>) {
    for row in 0..<rows { copy(row: row, from: source.pointer, to: target.pointer) }
  }

  private func copy<Element>(
    row: Int, from source: UnsafeMutablePointer<Element>, to target: UnsafeMutablePointer<Element>
  ) {
    var (rest, from, to) = (row, 0, 0)
    var axis = outer.count
    while axis > 0 {
      axis &-= 1
      let (quotient, index) = rest.quotientAndRemainder(dividingBy: outer[axis].extent)
      from &+= index &* outer[axis].from
      to &+= index &* outer[axis].to
      rest = quotient
    }
    if inner.from == 1, inner.to == 1 {
      (target + to).update(from: source + from, count: inner.extent)
    } else {
      var index = 0
      while index < inner.extent {
        target[to &+ index &* inner.to] = source[from &+ index &* inner.from]
        index &+= 1
      }
    }
  }
}
