// TensorType: element type and symbolic shape of a value.
// The origins of its dimensions are kept beside it, in AxisOrigin, so that types compare by size alone.
import Dimensions

/// The type of a tensor: `f32[B, T, 768]`.
package struct TensorType: Hashable, Sendable, CustomStringConvertible {
  package var element: ElementType
  package var shape: [Dimension]

  package init(_ element: ElementType, _ shape: [Dimension]) {
    self.element = element
    self.shape = shape
  }

  package var rank: Int { shape.count }

  /// The number of elements, as a polynomial.
  package var elementCount: Dimension {
    shape.reduce(1) { $0 * $1 }
  }

  /// Bytes in memory, as a polynomial.
  package var byteCount: Dimension {
    elementCount * Dimension(element.byteCount)
  }

  /// `[B, T, 768]`, as reports and diagnostics print it.
  package var shapeText: String {
    "[" + shape.map(\.description).joined(separator: ", ") + "]"
  }

  /// `f32[B, T, 768]`, as the IR prints it.
  package var description: String {
    element.rawValue + shapeText
  }

  /// The type with every symbol replaced.
  package func substituting(_ values: [Symbol: Dimension]) -> TensorType {
    TensorType(element, shape.map { $0.substituting(values) })
  }

  /// The extents under an assignment of sizes; `nil` when a symbol is missing or a size overflows.
  package func extents(_ sizes: [Symbol: Int]) -> [Int]? {
    var result: [Int] = []
    for dimension in shape {
      guard let wide = dimension.evaluate(sizes), let size = Int(exactly: wide) else { return nil }
      result.append(size)
    }
    return result
  }
}
