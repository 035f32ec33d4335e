// SweepAxis+Parsing: the axes that one `--vary` names, one behind the other.
// Apart from one axis, whose values may hold commas themselves.

extension SweepAxis {
  /// Parses `rate=1e-4,3e-4,seed=1,2`: behind a comma, a name and a sign of equality begin an axis.
  ///
  /// - Parameter text: what stands behind `--vary`.
  /// - Returns: `nil` when one of the axes has no name or no value.
  package static func list(parsing text: String) -> [SweepAxis]? {
    var pieces: [String] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      if pieces.isEmpty || beginsAxis(part) {
        pieces.append(String(part))
      } else {
        pieces[pieces.count - 1] += "," + part
      }
    }
    var axes: [SweepAxis] = []
    for piece in pieces {
      guard let axis = SweepAxis(parsing: piece) else { return nil }
      axes.append(axis)
    }
    return axes
  }

  /// Whether a name and `=` stand here, as no value has them.
  private static func beginsAxis(_ part: Substring) -> Bool {
    guard let sign = part.firstIndex(of: "=") else { return false }
    let name = part[..<sign].filter { $0 != " " }
    return name.first?.isLetter ?? false
      && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
  }
}
