// LayoutTrace: a value seen through the operations that only move or repeat its elements.
// Patterns are spelled with many of them, and none changes what is computed.
import Dimensions
import IR
import Operations

/// Where the axes of a value come from.
struct LayoutTrace {
  /// The value below the layout operations.
  var source: ValueID
  /// For each axis of the value, the axis of the source; `nil` for one that is new or repeated.
  var axes: [Int?]
  /// The layout nodes on the way.
  var nodes: [Int] = []

  /// Whether only the order of the axes differs.
  var isPermutation: Bool { axes.allSatisfy { $0 != nil } }

  /// Whether the source was put back along one axis that a reduction had dropped.
  func restores(axis: Int, rank: Int) -> Bool {
    // A missing leading axis is repeated by the arithmetic that follows.
    let offset = rank - axes.count
    guard offset >= 0 else { return false }
    for (place, from) in axes.enumerated() {
      let target = offset + place
      let expected: Int? = target == axis ? nil : target < axis ? target : target - 1
      if from != expected { return false }
    }
    return offset == 0 || (offset == 1 && axis == 0)
  }
}

extension RegionView {
  /// Follows a value down through rearrangements without groups, repetitions and idle casts.
  func trace(_ value: ValueID) -> LayoutTrace {
    var trace = LayoutTrace(source: value, axes: (0..<rank(of: value)).map { $0 })
    while let (operation, operands) = operation(of: trace.source), operands.count == 1,
      let step = step(operation, from: operands[0], to: trace.source)
    {
      trace.nodes.append(producer(of: trace.source))
      trace.axes = trace.axes.map { axis in axis.flatMap { step[$0] } }
      trace.source = operands[0]
    }
    return trace
  }

  /// For each axis of the result of a layout operation, the axis of its operand.
  private func step(
    _ operation: any Operation, from operand: ValueID, to result: ValueID
  ) -> [Int?]? {
    let (before, after) = (type(of: operand), type(of: result))
    switch operation {
    case is Cast:
      return before.element == after.element ? before.shape.indices.map { $0 } : nil
    case let operation as Rearrange: return axes(of: operation.pattern, before)
    case let operation as Broadcast: return axes(of: operation.pattern, before)
    case is BroadcastTo:
      let offset = after.rank - before.rank
      return after.shape.indices.map { axis in
        guard axis >= offset else { return nil }
        let size = before.shape[axis - offset]
        return size.constant == 1 && after.shape[axis].constant != 1 ? nil : axis - offset
      }
    default: return nil
    }
  }

  /// The axes of a pattern that neither splits nor merges; `nil` for another.
  private func axes(of pattern: Pattern, _ operand: TensorType) -> [Int?]? {
    guard let explicit = try? ExplicitPattern(pattern, shapes: [operand]) else { return nil }
    var places: [String: Int] = [:]
    for (place, item) in explicit.inputs[0].enumerated() {
      guard item.isSimple else { return nil }
      if let name = item.names.first { places[name] = place }
    }
    var result: [Int?] = []
    for item in explicit.output {
      guard item.isSimple else { return nil }
      result.append(item.names.first.flatMap { places[$0] })
    }
    return result
  }
}

extension PatternItem {
  /// Whether the item is one axis of the tensor: a name or a 1.
  fileprivate var isSimple: Bool {
    switch axis {
    case .name, .number(1): true
    case .group(let inner): inner.count == names.count && inner.count < 2
    case .number, .bracket, .ellipsis: false
    }
  }
}
