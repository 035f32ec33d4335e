// AxisSizes: what each named axis of a pattern measures, and the proofs that all uses agree.
// Shared by einsum, rearrange and broadcast, and by the standard operations with patterns.
import Dimensions
import IR

/// The sizes of named axes, gathered operand by operand.
struct AxisSizes {
  private(set) var sizes: [String: Dimension] = [:]
  private var sources: [String: String] = [:]
  let pattern: ExplicitPattern
  let prover: Prover

  init(_ pattern: ExplicitPattern, given: [String: Dimension] = [:], prover: Prover) {
    self.pattern = pattern
    self.prover = prover
    sizes = given
    for name in given.keys { sources[name] = "given" }
  }

  /// Binds the names of one input to the axes of its operand.
  ///
  /// - Throws: ``Fault`` of kind `size-mismatch`, `not-divisible` or `unknown-size`.
  mutating func bind(_ list: Int, to type: TensorType) throws(Fault) {
    for (axis, item) in pattern.inputs[list].enumerated() {
      let place = Fault.PatternPlace(list: list, axis: item.position)
      let site = Site(type: type, operand: list, axis: axis, place: place)
      switch item.axis {
      case .name(let name): try bind(name, site)
      case .number(let value): try require(Dimension(value), at: site, "the pattern")
      case .group(let items): try split(items, site)
      case .bracket, .ellipsis:
        preconditionFailure("a pattern of names, numbers and groups holds \(item.axis)")
      }
    }
  }

  /// The size of an item of the result.
  func size(of axis: PatternAxis) throws(Fault) -> Dimension {
    switch axis {
    case .name(let name):
      guard let size = sizes[name] else {
        preconditionFailure("axis \(name) passed the check of the pattern and has no size")
      }
      return size
    case .number(let value): return Dimension(value)
    case .group(let items):
      var product = Dimension.one
      for item in items { product *= try size(of: item) }
      try ShapeRules.requireDefined(product, axis.description)
      return product
    case .bracket, .ellipsis:
      preconditionFailure("a result of names, numbers and groups holds \(axis)")
    }
  }

  /// One axis of one operand.
  private struct Site {
    var type: TensorType
    var operand: Int
    var axis: Int
    var place: Fault.PatternPlace

    var size: Dimension { type.shape[axis] }
  }

  private mutating func bind(_ name: String, _ site: Site) throws(Fault) {
    if let known = sizes[name] {
      let source = sources[name] ?? "operand 0"
      try require(known, at: site, source, pattern.display(name))
    } else {
      sizes[name] = site.size
      sources[name] = "operand \(site.operand)"
    }
  }

  private func require(
    _ needed: Dimension, at site: Site, _ source: String, _ subject: String? = nil
  ) throws(Fault) {
    let claim = Constraint.equal(needed, site.size)
    let verdict = needed == site.size && needed.isDefined ? .proved : prover.prove(claim)
    if verdict.isProved { return }
    throw Fault(
      "size-mismatch",
      "\(subject ?? "axis \(site.axis)") is \(needed) (\(source)) and \(site.size) "
        + "(operand \(site.operand)): "
        + ShapeRules.disagreement(needed, site.size, verdict),
      operand: site.operand, axis: site.axis, place: site.place, needs: "\(needed)",
      found: site.type.shapeText, claim: claim, verdict: verdict)
  }

  /// Splits an axis into the axes of a group, of which at most one has an unknown size.
  private mutating func split(_ items: [PatternAxis], _ site: Site) throws(Fault) {
    var known = Dimension.one
    var unknown: String?
    for item in items {
      switch item {
      case .number(let value): known *= Dimension(value)
      case .name(let name):
        if let size = sizes[name] {
          known *= size
        } else if let first = unknown {
          throw Fault(
            "unknown-size",
            "`\(PatternAxis.group(items))` splits \(site.size), but neither `\(first)` nor "
              + "`\(name)` has a size",
            operand: site.operand, axis: site.axis, place: site.place,
            needs: "a size for `\(first)` or `\(name)`", found: "\(site.size)")
        } else {
          unknown = name
        }
      case .group, .bracket, .ellipsis:
        preconditionFailure("a group of names and numbers holds \(item)")
      }
    }
    let text = PatternAxis.group(items).description
    try ShapeRules.requireDefined(known, text)
    guard let unknown else {
      return try require(known, at: site, "the pattern", "`\(text)`")
    }
    let claim = Constraint.divisible(site.size, by: known)
    let verdict = known == 1 ? .proved : prover.prove(claim)
    guard verdict.isProved else {
      let words =
        if case .unknown = verdict { "cannot be shown to be a multiple of" } else {
          "is not a multiple of"
        }
      throw Fault(
        "not-divisible",
        "axis \(site.axis) is \(site.size), which \(words) \(known), so `\(text)` gives "
          + "`\(unknown)` no size",
        operand: site.operand, axis: site.axis, place: site.place,
        needs: "a multiple of \(known)", found: "\(site.size)", claim: claim, verdict: verdict)
    }
    sizes[unknown] = site.size.floorDivided(by: known)
    sources[unknown] = "operand \(site.operand)"
  }
}
