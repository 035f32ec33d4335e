// AttentionScores: from the operand of a softmax down to the product of queries and keys.
// Collects the scale, the masks and what is added on the way, in whatever order they stand.
import IR
import Operations

/// A value with a name for each of its axes.
struct LabelledValue {
  var value: ValueID
  var labels: [AxisLabel]
}

/// Scores that are hidden by a mask.
struct HiddenScores {
  var condition: LabelledValue
  /// Whether what is true is hidden.
  var inverted: Bool
  /// What stands in the place of hidden scores, once scaled; -infinity or far below every score.
  var fill: Double
  /// Whether something is added to the scores after they were hidden.
  var isBelowBias: Bool
}

/// Scores taken apart.
struct AttentionScores {
  /// The product of queries and keys, and what its result's axes are.
  private(set) var product: (node: Int, labels: [AxisLabel])
  private(set) var scale = 1.0
  private(set) var masks: [HiddenScores] = []
  /// What is added to the scores, and by which factor.
  private(set) var biases: [(term: LabelledValue, factor: Double)] = []
  /// The nodes on the way, product included.
  private(set) var nodes: Set<Int> = []

  /// Below this no score is ever seen: its exponential is zero in both precisions.
  static let hidden = -9_999.0
  /// More steps than anybody writes.
  private static let depthLimit = 32

  /// Takes scores apart; `nil` when there is no product below, or something else on the way.
  init?(_ scores: LabelledValue, in view: RegionView) {
    product = (-1, [])
    guard descend(scores, factor: 1, view, depth: 0) else { return nil }
  }

  private mutating func descend(
    _ scores: LabelledValue, factor: Double, _ view: RegionView, depth: Int
  ) -> Bool {
    guard depth < AttentionScores.depthLimit, view.isReadOnce(scores.value),
      let (operation, operands) = view.operation(of: scores.value)
    else { return false }
    nodes.insert(view.producer(of: scores.value))
    /// Goes on with an operand of the same axes.
    func next(_ index: Int) -> LabelledValue? {
      guard view.haveSameType(operands[index], scores.value) else { return nil }
      return LabelledValue(value: operands[index], labels: scores.labels)
    }
    switch operation {
    case is Einsum where operands.count == 2:
      product = (view.producer(of: scores.value), scores.labels)
      scale = factor
      return true
    case is Multiply:
      guard let place = operands.firstIndex(where: { view.constant($0) != nil }),
        let constant = view.constant(operands[place]), constant != 0, constant.isFinite,
        let inner = next(1 - place)
      else { return false }
      return descend(inner, factor: factor * constant, view, depth: depth + 1)
    case is Divide:
      guard let constant = view.constant(operands[1]), constant != 0, constant.isFinite,
        let inner = next(0)
      else { return false }
      return descend(inner, factor: factor / constant, view, depth: depth + 1)
    case is Negate:
      return next(0).map { descend($0, factor: -factor, view, depth: depth + 1) } ?? false
    case is Where:
      return hide(operands, scores, factor, next, view, depth)
    case is Add:
      return add(operands, scores, factor, next, view, depth)
    case is Subtract:
      guard let inner = next(0) else { return false }
      biases.append((scores.suffix(operands[1], view), -factor))
      return descend(inner, factor: factor, view, depth: depth + 1)
    case is Cast, is Rearrange:
      let trace = view.trace(scores.value)
      guard let operand = operands.first, trace.isPermutation,
        let step = view.permutation(scores, below: operand)
      else { return false }
      return descend(step, factor: factor, view, depth: depth + 1)
    default: return false
    }
  }

  private mutating func hide(
    _ operands: [ValueID], _ scores: LabelledValue, _ factor: Double,
    _ next: (Int) -> LabelledValue?, _ view: RegionView, _ depth: Int
  ) -> Bool {
    guard let place = [1, 2].first(where: { view.constant(operands[$0]) != nil }),
      let constant = view.constant(operands[place]), factor > 0,
      constant * factor <= AttentionScores.hidden, let inner = next(3 - place)
    else { return false }
    hide(operands[0], inverted: place == 1, by: constant * factor, scores, view)
    return descend(inner, factor: factor, view, depth: depth + 1)
  }

  private mutating func add(
    _ operands: [ValueID], _ scores: LabelledValue, _ factor: Double,
    _ next: (Int) -> LabelledValue?, _ view: RegionView, _ depth: Int
  ) -> Bool {
    let before = self
    for place in [0, 1] {
      guard let inner = next(place) else { continue }
      let term = operands[1 - place]
      if !hide(by: term, scores, factor, view) {
        biases.append((scores.suffix(term, view), factor))
      }
      if descend(inner, factor: factor, view, depth: depth + 1) { return true }
      self = before
    }
    return false
  }

  /// Reads a term that is 0 where a mask holds and -infinity elsewhere.
  private mutating func hide(
    by term: ValueID, _ scores: LabelledValue, _ factor: Double, _ view: RegionView
  ) -> Bool {
    let trace = view.trace(term)
    guard factor > 0, trace.nodes.isEmpty, let operands = view.operands(of: term, Where.self),
      let first = view.constant(operands[1]), let second = view.constant(operands[2])
    else { return false }
    let fill = first == 0 ? second : first
    guard fill == -.infinity, first == 0 || second == 0 else { return false }
    hide(operands[0], inverted: second == 0, by: fill, scores, view)
    return true
  }

  /// Notes a mask; one that is joined of several may have a causal one among them.
  private mutating func hide(
    _ condition: ValueID, inverted: Bool, by fill: Double, _ scores: LabelledValue,
    _ view: RegionView, depth: Int = 0
  ) {
    // What is shown by both is shown; what is hidden by either is hidden.
    if depth < 4, let (operation, operands) = view.operation(of: condition),
      let logical = operation as? Logical, logical.kind == (inverted ? .or : .and)
    {
      for operand in operands {
        hide(operand, inverted: inverted, by: fill, scores, view, depth: depth + 1)
      }
      return
    }
    masks.append(
      HiddenScores(
        condition: scores.suffix(condition, view), inverted: inverted, fill: fill,
        isBelowBias: !biases.isEmpty))
  }
}

extension LabelledValue {
  /// A value that broadcasts to this one, with the labels of the axes that it has.
  func suffix(_ value: ValueID, _ view: RegionView) -> LabelledValue {
    LabelledValue(value: value, labels: labels.suffix(view.rank(of: value)))
  }
}

extension RegionView {
  /// The operand of a node that only orders axes, with its labels.
  func permutation(_ value: LabelledValue, below operand: ValueID) -> LabelledValue? {
    guard rank(of: operand) == rank(of: value.value) else { return nil }
    let (whole, rest) = (trace(value.value), trace(operand))
    guard whole.isPermutation, rest.isPermutation, whole.source == rest.source else { return nil }
    // Both know the source's axes, and thereby each other's.
    var labels = value.labels
    for (place, axis) in rest.axes.enumerated() {
      guard let from = whole.axes.firstIndex(of: axis) else { return nil }
      labels[place] = value.labels[from]
    }
    return LabelledValue(value: operand, labels: labels)
  }
}
