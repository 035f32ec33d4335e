// NamePattern: dotted names of alike layers as one, so that twelve layers are one line.
// Apart from folded paths, which know the tree; here only a name is known.

/// Names with their indices left open.
package enum NamePattern {
  /// `h.0.ln_1.weight` as `h[*].ln_1.weight`.
  package static func folded(_ name: String) -> String {
    name.split(separator: ".").reduce(into: "") { result, part in
      if part.allSatisfy(\.isNumber) {
        result += "[*]"
      } else {
        result += (result.isEmpty ? "" : ".") + part
      }
    }
  }
}
