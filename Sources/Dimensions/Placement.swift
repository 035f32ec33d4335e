// Placement: where one value stands relative to another in the canonical order.
// Apart because atoms, monomials and dimensions all need one three-way comparison, not two.

/// The outcome of comparing two parts of a normal form.
enum Placement {
  case before
  case same
  case after

  init<Value: Comparable>(of left: Value, against right: Value) {
    self = left < right ? .before : (left == right ? .same : .after)
  }

  /// This placement, or the one computed by `next` when this one decides nothing.
  func then(_ next: @autoclosure () -> Placement) -> Placement {
    self == .same ? next() : self
  }

  /// Compares lexicographically; a proper prefix comes first.
  static func lexicographic<Element>(
    _ left: [Element], _ right: [Element], by place: (Element, Element) -> Placement
  ) -> Placement {
    for (leftElement, rightElement) in zip(left, right) {
      let placement = place(leftElement, rightElement)
      if placement != .same { return placement }
    }
    return Placement(of: left.count, against: right.count)
  }
}
