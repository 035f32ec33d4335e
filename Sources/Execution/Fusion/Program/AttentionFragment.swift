// AttentionFragment: the one operation that an attention becomes, and the layouts around it.
// Operands are brought to [..., T, d]; where they stand so already nothing is added.
import Dimensions
import IR
import Kernels
import Operations

/// How the scores of one attention are hidden.
private struct Visibility {
  /// The axis of the queries.
  var queries: AxisLabel
  var causal = false
  /// Masks that are true where a query sees a key, each with its axes.
  var masks: [(condition: LabelledValue, inverted: Bool)] = []
  /// True when queries without a key average all values instead of giving nothing.
  var averagesBlind = false
}

extension AttentionPattern {
  /// The replacement; `nil` when some mask has a meaning that the operation lacks.
  func fragment(in view: RegionView) -> Fragment? {
    guard let visibility = visibility(in: view) else { return nil }
    let biases = scores.biases
    let read =
      [query, key, value].map { view.unturned($0).value } + visibility.masks.map(\.condition.value)
      + biases.map(\.term.value)
    var fragment = Fragment(view, reading: read)
    do throws(Fault) {
      fragment.results = [try emit(&fragment, visibility, view)]
      return fragment
    } catch {
      return nil
    }
  }

  // MARK: Masks

  private func visibility(in view: RegionView) -> Visibility? {
    var forms: [CausalForm?] = []
    for mask in scores.masks {
      forms.append(view.causal(mask.condition.value, inverted: mask.inverted))
    }
    var visibility: Visibility?
    var rest: [HiddenScores] = []
    for (mask, form) in zip(scores.masks, forms) {
      let labels = mask.condition.labels
      // Aligned at the last query and key, as the operation has it.
      if let form, form.query < labels.count, form.key < labels.count,
        labels[labels.count - 1 - form.key] == keys,
        case let row = labels[labels.count - 1 - form.query], queries.contains(row),
        visibility == nil || visibility?.queries == row,
        let (many, few) = sizes[keys].flatMap({ many in sizes[row].map { (many, $0) } }),
        view.areEqual(form.offset, many - few), view.prover.isAtLeast(many, few).isProved
      {
        visibility = visibility ?? Visibility(queries: row)
        visibility?.causal = true
      } else {
        rest.append(mask)
      }
    }
    guard let last = queries.last else { return nil }
    var result = visibility ?? Visibility(queries: last)
    if rest.allSatisfy({ $0.fill == -.infinity }) {
      result.masks = rest.map { ($0.condition, $0.inverted) }
      return result
    }
    // Scores that are hidden by a large number come back where a query sees no key at all: all
    // are the same then. That needs one mask for everything that is hidden.
    let all = scores.masks
    guard Set(all.map(\.fill)).count == 1, !all.contains(where: \.isBelowBias) else { return nil }
    result.causal = false
    result.averagesBlind = true
    result.masks = all.map { ($0.condition, $0.inverted) }
    return result
  }

  /// All masks as one, over some of the last axes of `order`.
  private func emitMask(
    _ fragment: inout Fragment, _ visibility: Visibility, order: [AxisLabel]
  ) throws(Fault) -> ValueID? {
    var all: ValueID?
    for (condition, inverted) in visibility.masks {
      var mask = try emitTerm(&fragment, condition, order: order)
      if inverted { mask = try fragment.emit(Not(), [mask]) }
      all = if let other = all { try fragment.emit(Logical(.and), [other, mask]) } else { mask }
    }
    return all
  }

  /// A value that broadcasts to the scores, with its axes in another order.
  private func emitTerm(
    _ fragment: inout Fragment, _ term: LabelledValue, order: [AxisLabel]
  ) throws(Fault) -> ValueID {
    let value = fragment[term.value]
    if term.labels == order.suffix(term.labels.count) { return value }
    let shape = fragment.shape(of: value)
    var before: [PatternAxis] = []
    var present: Set<AxisLabel> = []
    for (label, size) in zip(term.labels, shape) {
      if size.constant == 1 {
        before.append(.number(1))
      } else {
        before.append(label.axis)
        present.insert(label)
      }
    }
    let after = order.map { present.contains($0) ? $0.axis : .number(1) }
    return try fragment.emit(Rearrange(Pattern(inputs: [before], output: after)), [value])
  }

  // MARK: The operation

  private func emit(
    _ fragment: inout Fragment, _ visibility: Visibility, _ view: RegionView
  ) throws(Fault) -> ValueID {
    let rows = visibility.queries
    let batch = leading.filter { $0 != rows }
    func operand(
      _ part: LabelledValue, _ own: [AxisLabel], _ fragment: inout Fragment
    ) throws(Fault) -> ValueID {
      let part = view.unturned(part)
      return try fragment.arrange(
        fragment[part.value], part.labels, as: batch + own, sizes: sizes)
    }
    var operands = [
      try operand(query, [rows, width], &fragment), try operand(key, [keys, width], &fragment),
      try operand(value, [keys, valueWidth], &fragment),
    ]
    let order = batch + [rows, keys]
    let mask = try emitMask(&fragment, visibility, order: order)
    if let mask { operands.append(mask) }
    if let bias = try emitBias(&fragment, order: order) { operands.append(bias) }
    let attention = ScaledDotProductAttention(causal: visibility.causal, scale: scores.scale)
    var mixed = try fragment.emit(attention, operands)
    if visibility.averagesBlind, let mask {
      mixed = try emitAverages(&fragment, mixed, values: operands[2], mask: mask)
    }
    return try fragment.arrange(mixed, batch + [rows, valueWidth], as: result, sizes: sizes)
  }

  private func emitBias(
    _ fragment: inout Fragment, order: [AxisLabel]
  ) throws(Fault) -> ValueID? {
    var sum: ValueID?
    for (term, factor) in scores.biases {
      var bias = try emitTerm(&fragment, term, order: order)
      if factor == -1 {
        bias = try fragment.builder.negate(bias)
      } else if factor != 1 {
        bias = try fragment.builder.scale(bias, by: factor)
      }
      sum = if let other = sum { try fragment.builder.add(other, bias) } else { bias }
    }
    return sum
  }

  /// Gives queries that see no key the mean of all values.
  private func emitAverages(
    _ fragment: inout Fragment, _ mixed: ValueID, values: ValueID, mask: ValueID
  ) throws(Fault) -> ValueID {
    let shape = fragment.shape(of: values)
    let ones = try fragment.emit(Cast(to: fragment.builder.type(of: values).element), [mask])
    let rank = fragment.shape(of: mask).count
    let most = try fragment.emit(Max(BracketAxes(axes: [rank - 1], rank: rank)), [ones])
    let column = Pattern(inputs: [[.ellipsis]], output: [.ellipsis, .number(1)])
    let seen = try fragment.emit(Rearrange(column), [most])
    let zero = try fragment.builder.scalar(0, like: values)
    let sees = try fragment.builder.compare(seen, .greater, zero)
    let mean = try fragment.emit(
      Mean(BracketAxes(axes: [shape.count - 2], rank: shape.count)), [values])
    let names = (0..<shape.count - 1).map { PatternAxis.name("a\($0)") }
    let row = Pattern(
      inputs: [names], output: names.dropLast() + [.number(1), names[names.count - 1]])
    let average = try fragment.emit(Rearrange(row), [mean])
    return try fragment.builder.select(sees, mixed, average)
  }
}

extension RegionView {
  /// A value as it was before its axes were only put in another order.
  func unturned(_ part: LabelledValue) -> LabelledValue {
    let trace = trace(part.value)
    guard trace.isPermutation, trace.axes.count == rank(of: trace.source) else { return part }
    var labels = part.labels
    for (label, axis) in zip(part.labels, trace.axes) { if let axis { labels[axis] = label } }
    return LabelledValue(value: trace.source, labels: labels)
  }
}
