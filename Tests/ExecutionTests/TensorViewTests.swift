// TensorViewTests: layouts as arithmetic on strides, against elements that are really moved.
// Apart from the planner, whose views are made of these.
import Execution
import IR
import Kernels
import Testing

@Suite struct TensorViewTests {
  /// The places that a view reads, in row-major order.
  private func places(_ view: TensorView) -> [Int] {
    var result = [view.offset]
    for (extent, stride) in zip(view.extents, view.strides) {
      result = result.flatMap { start in (0..<extent).map { start + $0 * stride } }
    }
    return result
  }

  private func dense(_ extents: [Int]) -> TensorView {
    TensorView(dense: 0, extents: extents, kind: .real)
  }

  @Test("permuting, slicing and broadcasting read the right elements")
  func layouts() throws {
    let x = dense([2, 3, 4])
    #expect(places(x) == Array(0..<24))
    #expect(places(x.permuted([2, 0, 1])).prefix(6) == [0, 4, 8, 12, 16, 20])
    #expect(places(x.sliced(axis: 1, 1..<3)).prefix(5) == [4, 5, 6, 7, 8])
    #expect(places(x.selecting(axis: 0, 1)) == Array(12..<24))
    let row = try #require(dense([1, 3]).broadcast(to: [2, 2, 3]))
    #expect(places(row) == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2])
    #expect(!row.isDistinct && !row.isDense)
    #expect(dense([2]).broadcast(to: [3]) == nil)
  }

  @Test("a reshape keeps the elements and their order, or says that strides can't")
  func reshapes() {
    var possible = 0
    var impossible = 0
    let shapes = [
      [24], [2, 12], [4, 6], [2, 3, 4], [3, 8], [1, 24, 1], [2, 2, 2, 3], [6, 4],
    ]
    for from in shapes {
      for order in [Array(from.indices), Array(from.indices.reversed())] {
        let view = dense(from).permuted(order)
        for target in shapes {
          guard let reshaped = view.reshaped(to: target) else {
            impossible += 1
            continue
          }
          possible += 1
          #expect(reshaped.extents == target)
          #expect(places(reshaped) == places(view), "\(view.extents) as \(target)")
        }
      }
    }
    // A dense view takes every shape; of the others many can't.
    #expect(possible > 64 && impossible > 16)
    #expect(dense([2, 3]).reshaped(to: [5]) == nil)
    #expect(dense([2, 0]).reshaped(to: [0, 7])?.extents == [0, 7])
  }

  @Test("only row-major elements side by side are dense; axes of one element don't matter")
  func density() {
    #expect(dense([2, 3]).isDense)
    #expect(!dense([2, 3]).permuted([1, 0]).isDense)
    #expect(dense([1, 3]).permuted([1, 0]).isDense)
    #expect(dense([0, 3]).permuted([1, 0]).isDense)
    #expect(!dense([2, 3]).sliced(axis: 1, 0..<2).isDense)
    #expect(dense([2, 3]).selecting(axis: 0, 1).isDense)
  }
}
