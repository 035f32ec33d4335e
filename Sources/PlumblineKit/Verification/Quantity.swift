// Quantity: how a verification writes numbers, extents and tensors.
// Apart so that the two sides of an item are always written alike.
import Analysis
import Foundation
import IR

/// Texts of quantities.
enum Quantity {
  /// `1,234`; a dash where there is no value.
  static func text(_ value: Int128?, _ unit: String = "") -> String {
    guard let value else { return "no value" }
    return Figures.grouped(value) + (unit.isEmpty ? "" : " " + unit)
  }

  /// Six significant digits.
  static func text(_ value: Double) -> String {
    String(format: "%.6g", value)
  }

  /// `real [2, 5, 16]`.
  static func text(_ kind: ElementKind, _ extents: [Int]?) -> String {
    guard let extents else { return "\(kind.rawValue), without a size" }
    return "\(kind.rawValue) \(extents)"
  }

  /// `[16, 5], 80 elements, 320 bytes`.
  static func text(_ extents: [Int]?, elements: Int, bytes: Int) -> String {
    (extents.map { "\($0)" } ?? "no size")
      + ", \(Figures.grouped(elements)) elements, \(Figures.grouped(bytes)) bytes"
  }

  /// `12 layers`, `1 layer`.
  static func count(_ count: Int, _ noun: String) -> String {
    "\(Figures.grouped(count)) \(noun)\(count == 1 ? "" : "s")"
  }
}
