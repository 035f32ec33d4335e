// FoldedPath: a path into the instance tree that may stand for many instances: `h[0..<12].attn`.
// Shared by counts, shapes and claims, so that a path means the same everywhere.
import Diagnostics

/// Names from the model down, each perhaps with elements of a list.
package struct FoldedPath: Hashable, Sendable, CustomStringConvertible {
  /// One name; `*` in it stands for any characters when the path is looked up.
  package struct Component: Hashable, Sendable, CustomStringConvertible {
    package var name: String
    /// Which elements of a list; `nil` for a single layer, and for every element.
    package var elements: Range<Int>?

    package init(_ name: String, _ elements: Range<Int>? = nil) {
      self.name = name
      self.elements = elements
    }

    package var description: String {
      guard let elements else { return name }
      if elements.count == 1 { return "\(name)[\(elements.lowerBound)]" }
      return "\(name)[\(elements.lowerBound)..<\(elements.upperBound)]"
    }
  }

  package var components: [Component]

  package init(_ components: [Component] = []) {
    self.components = components
  }

  /// Reads `h[0..<3].attn`, `h[3]`, `h[*]`, `h[0...2]` and the checkpoint's `h.3.attn`.
  ///
  /// - Throws: ``PathFault`` at the component that can't be read.
  package init(parsing text: String) throws(PathFault) {
    var components: [Component] = []
    guard !text.isEmpty else {
      self.components = []
      return
    }
    for (index, part) in text.split(separator: ".", omittingEmptySubsequences: false)
      .reduce(into: [Substring](), FoldedPath.joinRanges).enumerated()
    {
      if let element = Int(part), element >= 0, element < .max, let last = components.last,
        last.elements == nil
      {
        components[components.count - 1].elements = element..<element + 1
        continue
      }
      guard let component = Component(parsing: part) else {
        throw PathFault(
          "`\(DisplayText.safe(String(part)))` is not a path component", component: index)
      }
      components.append(component)
    }
    self.components = components
  }

  /// Puts back together what splitting at dots took from `[0..<3]`.
  private static func joinRanges(_ parts: inout [Substring], _ part: Substring) {
    guard let last = parts.last, last.contains("["), !last.contains("]") else {
      parts.append(part)
      return
    }
    parts[parts.count - 1] = Substring(last + "." + part)
  }

  package var description: String {
    components.map(\.description).joined(separator: ".")
  }

  /// The path one level further in.
  package func appending(_ name: String, _ elements: Range<Int>? = nil) -> FoldedPath {
    FoldedPath(components + [Component(name, elements)])
  }
}

extension FoldedPath.Component {
  fileprivate init?(parsing text: Substring) {
    guard let open = text.firstIndex(of: "[") else {
      guard !text.isEmpty, !text.contains("]"), Int(text) == nil else { return nil }
      self.init(String(text))
      return
    }
    let name = String(text[..<open])
    guard !name.isEmpty, text.last == "]" else { return nil }
    let inside = text[text.index(after: open)...].dropLast()
    if inside == "*" {
      self.init(name)
      return
    }
    for (sign, extra) in [("..<", 0), ("...", 1)] {
      guard let place = inside.firstRange(of: sign) else { continue }
      guard let lower = Int(inside[..<place.lowerBound]), lower >= 0,
        let upper = Int(inside[place.upperBound...]), upper < .max, upper + extra >= lower
      else { return nil }
      self.init(name, lower..<upper + extra)
      return
    }
    guard let element = Int(inside), element >= 0, element < .max else { return nil }
    self.init(name, element..<element + 1)
  }
}

/// A path that leads nowhere.
package struct PathFault: Error, Hashable, Sendable {
  /// Lower case, no full stop.
  package var message: String
  /// The component at fault, from 0.
  package var component: Int
  /// The names that exist there.
  package var candidates: [String]
  /// The candidate that was probably meant.
  package var nearest: String?

  package init(
    _ message: String, component: Int, candidates: [String] = [], nearest: String? = nil
  ) {
    self.message = message
    self.component = component
    self.candidates = candidates
    self.nearest = nearest
  }
}
