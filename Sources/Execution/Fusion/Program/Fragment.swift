// Fragment: what stands in the place of a pattern, built apart from the region that it goes into.
// A replacement that can't be typed is dropped whole, without a trace in the region.
import Dimensions
import IR
import Operations

/// A few operations over values of a region.
struct Fragment {
  /// The values of the region that are read; the fragment's first values stand for them.
  private(set) var inputs: [ValueID] = []
  var builder: RegionBuilder
  /// One for each result of the node that is replaced.
  var results: [ValueID] = []
  private let view: RegionView

  /// - Parameters:
  ///   - view: the region.
  ///   - inputs: everything that the replacement may read.
  init(_ view: RegionView, reading inputs: [ValueID]) {
    self.view = view
    for input in inputs where !self.inputs.contains(input) { self.inputs.append(input) }
    builder = RegionBuilder(
      values: self.inputs.map { Value(type: view.type(of: $0)) }, prover: view.prover)
  }

  /// The fragment's name for a value of the region.
  subscript(_ value: ValueID) -> ValueID {
    guard let index = inputs.firstIndex(of: value) else {
      preconditionFailure("\(value) is not among the inputs of the fragment")
    }
    return ValueID(index: index)
  }

  /// Applies an operation; the operands are the fragment's own values.
  mutating func emit(
    _ operation: any Operation, _ operands: [ValueID]
  ) throws(Fault) -> ValueID {
    try builder.emit(operation, operands)[0]
  }

  func shape(of value: ValueID) -> [Dimension] { builder.shape(of: value) }

  /// Puts labelled axes in another order; those that the value lacks are repeated.
  ///
  /// - Parameters:
  ///   - value: one of the fragment's values.
  ///   - labels: what its axes are, all different.
  ///   - order: what the axes of the result are: all of `labels`, and perhaps more.
  ///   - sizes: the sizes of those that are new.
  /// - Returns: the value with its axes in that order.
  /// - Throws: ``Fault`` when the layout can't be typed.
  mutating func arrange(
    _ value: ValueID, _ labels: [AxisLabel], as order: [AxisLabel], sizes: [AxisLabel: Dimension]
  ) throws(Fault) -> ValueID {
    var value = value
    let present = order.filter { labels.contains($0) }
    if present != labels {
      let pattern = Pattern(inputs: [labels.map(\.axis)], output: present.map(\.axis))
      value = try emit(Rearrange(pattern), [value])
    }
    if present != order {
      var new: [String: Dimension] = [:]
      for label in order where !labels.contains(label) { new[label.name] = sizes[label] }
      let pattern = Pattern(inputs: [present.map(\.axis)], output: order.map(\.axis))
      value = try emit(Broadcast(pattern, sizes: new), [value])
    }
    return value
  }
}

/// An axis of a pattern, whatever it is called in the operations that make the pattern up.
struct AxisLabel: Hashable {
  var index: Int

  var name: String { "a\(index)" }
  var axis: PatternAxis { .name(name) }
}

/// A pattern that was found, and what takes its place.
struct FusionMatch {
  var kind: FusionKind
  /// The node whose results the fragment makes.
  var anchor: Int
  /// The nodes that nobody needs any more.
  var interior: Set<Int>
  var fragment: Fragment
}
