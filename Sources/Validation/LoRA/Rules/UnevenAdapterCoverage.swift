// UnevenAdapterCoverage: a target exists in some layers of a list and not in their alike neighbours.
// Layers of another kind, which have no such part at all, are no gap.
import Diagnostics

/// A target is adapted in some layers of the model and missing in others that have the same part.
///
/// Some models leave a projection out in a part of their layers, for example the values that later
/// layers borrow from earlier ones. The adapter is then smaller there, which the list of targets
/// does not show. The rule looks at layers of one list that have the part (`self_attn`) with other
/// adaptable layers in it, but not this one; layers that are left out on purpose, by index or by
/// exclusion, do not count.
///
/// - Example: target_modules ["v_proj"] where layers 15 to 29 share the values of layer 14
/// - Remedy: Name a layer that every block has, or accept the gap knowingly.
/// - Catalogue: L04
enum UnevenAdapterCoverage: AdapterRule {
  static let id = "uneven-adapter-coverage"

  static func findings(in subject: AdapterSubject) -> [Diagnostic] {
    guard case .names(.suffixes) = subject.description.targets else { return [] }
    return subject.resolution.patterns.compactMap { match in
      // A name with an index in it means some layers only.
      guard !match.pattern.value.split(separator: ".").contains(where: { Int($0) != nil }) else {
        return nil
      }
      return gap(match, subject)
    }
  }

  private static func gap(_ match: PatternMatch, _ subject: AdapterSubject) -> Diagnostic? {
    var covered: [String: Set<Int>] = [:]
    var parents: Set<String> = []
    for index in match.named {
      guard let place = subject.inventory.modules[index].place else { continue }
      covered[place.list, default: []].insert(place.element)
      parents.insert(place.parent)
    }
    var gaps: [String: Set<Int>] = [:]
    for module in subject.adaptable {
      guard let place = module.place, let known = covered[place.list],
        !known.contains(place.element), parents.contains(place.parent)
      else { continue }
      gaps[place.list, default: []].insert(place.element)
    }
    guard let (list, missing) = gaps.min(by: { $0.key < $1.key }) else { return nil }
    let present = covered[list] ?? []
    return finding(
      "`\(match.pattern.value)` exists in \(present.count) of \(present.count + missing.count)"
        + " layers of `\(list)`", at: match.pattern.range,
      label: "missing in \(spans(missing))",
      facts: ["adapted: \(spans(present))", "without it: \(spans(missing))"])
  }

  /// `0…14, 20`.
  private static func spans(_ elements: Set<Int>) -> String {
    var spans: [ClosedRange<Int>] = []
    for element in elements.sorted() {
      if let last = spans.last, last.upperBound == element - 1 {
        spans[spans.count - 1] = last.lowerBound...element
      } else {
        spans.append(element...element)
      }
    }
    let texts = spans.map {
      $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)…\($0.upperBound)"
    }
    return texts.prefix(12).joined(separator: ", ") + (texts.count > 12 ? ", …" : "")
  }
}

extension NamedModule {
  /// The list, the element and the part between the element and the leaf.
  fileprivate var place: (list: String, element: Int, parent: String)? {
    let components = name.split(separator: ".")
    guard let index = components.firstIndex(where: { Int($0) != nil }),
      let element = Int(components[index]), index + 1 < components.count
    else { return nil }
    return (
      components[..<index].joined(separator: "."), element,
      components[(index + 1)...].dropLast().joined(separator: ".")
    )
  }
}
