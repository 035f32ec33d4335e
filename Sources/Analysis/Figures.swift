// Figures: how reports print counts, formulas and bytes.
// Apart so that every table groups digits and names units in one way.
import Dimensions

/// The printing of numbers in reports.
package enum Figures {
  /// `7,087,872`.
  package static func grouped(_ value: some BinaryInteger) -> String {
    Dimension.digits(value, grouped: true)
  }

  /// `7,087,872`, or a formula with grouped coefficients.
  package static func grouped(_ value: Dimension) -> String {
    value.formatted(grouped: true)
  }

  /// The digits in groups, with another sign between them: `7_087_872`.
  package static func grouped(_ value: Dimension, by separator: Character) -> String {
    let text = value.formatted(grouped: true)
    // Formulas print `min(a, b)`: only a comma between digits is a separator.
    var result = ""
    var previous: Character?
    let characters = Array(text)
    for (index, character) in characters.enumerated() {
      let next = index + 1 < characters.count ? characters[index + 1] : nil
      let between = previous?.isNumber == true && next?.isNumber == true
      result.append(character == "," && between ? separator : character)
      previous = character
    }
    return result
  }

  /// `497,759,232 B (0.498 GB, 0.464 GiB)`; plain bytes below a kilobyte.
  package static func bytes(_ count: Int) -> String {
    let plain = "\(grouped(count)) B"
    let decimal = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)]
    let binary = [("GiB", 1_073_741_824.0), ("MiB", 1_048_576.0), ("KiB", 1024.0)]
    let size = Double(count)
    guard let scale = decimal.indices.first(where: { size >= decimal[$0].1 }) else { return plain }
    let left = fixed(size / decimal[scale].1, places: 3)
    let right = fixed(size / binary[scale].1, places: 3)
    return "\(plain) (\(left) \(decimal[scale].0), \(right) \(binary[scale].0))"
  }

  /// A number with a fixed count of decimals, at most six, rounded half away from zero.
  package static func fixed(_ value: Double, places: Int) -> String {
    var scale = 1
    for _ in 0..<min(places, 6) { scale *= 10 }
    guard places > 0, let scaled = Int(exactly: (value.magnitude * Double(scale)).rounded()) else {
      return String(value)
    }
    let (whole, rest) = scaled.quotientAndRemainder(dividingBy: scale)
    let decimals = String(rest)
    let zeros = String(repeating: "0", count: min(places, 6) - decimals.count)
    return (value < 0 && scaled > 0 ? "-" : "") + "\(whole).\(zeros)\(decimals)"
  }

  /// `13.25%`; a dash when there is no whole.
  package static func share(_ part: Int, of whole: Int) -> String {
    whole == 0 ? "-" : fixed(100 * Double(part) / Double(whole), places: 2) + "%"
  }

  /// `[B, T, 768]`, with sizes substituted.
  static func shape(_ shape: [Dimension]) -> String {
    "[" + shape.map(\.description).joined(separator: ", ") + "]"
  }
}
