// NormalizationRule: layer norm and RMS norm spelled with means, squares and roots.
// The factors may stand in any order, the root be a power, and the mean be put back anywhere.
import IR
import Operations

/// Recognises normalised rows with weight and bias, with a weight alone, and bare.
struct NormalizationRule: ProgramRule {
  func match(_ operation: any Operation, at index: Int, in view: RegionView) -> FusionMatch? {
    let node = view.function.nodes[index]
    if operation is Add {
      for (product, bias) in [(0, 1), (1, 0)] {
        let value = node.operands[product]
        guard view.isReadOnce(value), let rows = rows(value, view), rows.isLayer,
          rows.weight != nil, view.isVector(node.operands[bias], alongLastAxisOf: rows.x)
        else { continue }
        let nodes = rows.nodes.union([view.producer(of: value)])
        if let match = fuse(rows, nodes, bias: node.operands[bias], index, view) { return match }
      }
      return nil
    }
    guard operation is Multiply || operation is Divide, let rows = rows(node.results[0], view)
    else { return nil }
    return fuse(rows, rows.nodes, bias: nil, index, view)
  }

  /// Rows that are divided by their spread.
  private struct Rows {
    var x: ValueID
    var isLayer: Bool
    var weight: ValueID?
    var epsilon: Double
    var nodes: Set<Int>
  }

  private func fuse(
    _ rows: Rows, _ nodes: Set<Int>, bias: ValueID?, _ index: Int, _ view: RegionView
  ) -> FusionMatch? {
    let interior = nodes.subtracting([index])
    let operands = [rows.x, rows.weight, bias].compactMap(\.self)
    let attributes = Attributes(["epsilon": .float(rows.epsilon)])
    let result = view.function.nodes[index].results[0]
    guard view.haveSameType(rows.x, result), view.isClosed(interior, under: index),
      let operation: any Operation = rows.isLayer
        ? try? LayerNormalize(attributes) : try? RMSNormalize(attributes)
    else { return nil }
    var fragment = Fragment(view, reading: operands)
    guard let value = try? fragment.emit(operation, operands.map { fragment[$0] }) else {
      return nil
    }
    fragment.results = [value]
    return FusionMatch(
      kind: rows.isLayer ? .layerNormalize : .rmsNormalize, anchor: index, interior: interior,
      fragment: fragment)
  }

  /// Reads a product as rows, their inverse spread, and perhaps a weight.
  private func rows(_ value: ValueID, _ view: RegionView) -> Rows? {
    var factors: [(value: ValueID, isDivisor: Bool)] = []
    var nodes: Set<Int> = []
    collect(value, isDivisor: false, root: value, view, &factors, &nodes)
    guard (2...3).contains(factors.count) else { return nil }
    for (place, factor) in factors.enumerated() {
      guard let spread = Spread(factor.value, isDivisor: factor.isDivisor, in: view) else {
        continue
      }
      var rest = factors
      rest.remove(at: place)
      guard !rest.contains(where: \.isDivisor),
        let own = rest.firstIndex(where: { $0.value == spread.centred })
      else { continue }
      rest.remove(at: own)
      let weight = rest.first?.value
      if let weight, !view.isVector(weight, alongLastAxisOf: spread.centred) { continue }
      nodes.formUnion(spread.nodes)
      if let (x, mean) = mean(subtractedIn: spread.centred, view) {
        return Rows(
          x: x, isLayer: true, weight: weight, epsilon: spread.epsilon,
          nodes: nodes.union(mean).union([view.producer(of: spread.centred)]))
      }
      return Rows(
        x: spread.centred, isLayer: false, weight: weight, epsilon: spread.epsilon, nodes: nodes)
    }
    return nil
  }

  /// The factors of a product, at most four.
  private func collect(
    _ value: ValueID, isDivisor: Bool, root: ValueID, _ view: RegionView,
    _ factors: inout [(value: ValueID, isDivisor: Bool)], _ nodes: inout Set<Int>
  ) {
    guard factors.count < 4, value == root || view.isReadOnce(value),
      let (operation, operands) = view.operation(of: value),
      operation is Multiply || operation is Divide
    else {
      factors.append((value, isDivisor))
      return
    }
    // A square is one factor of the spread, never two of the product.
    guard operands[0] != operands[1], nodes.count < 4 else {
      factors.append((value, isDivisor))
      return
    }
    nodes.insert(view.producer(of: value))
    collect(operands[0], isDivisor: isDivisor, root: root, view, &factors, &nodes)
    let turned = operation is Divide ? !isDivisor : isDivisor
    collect(operands[1], isDivisor: turned, root: root, view, &factors, &nodes)
  }

  /// The rows from which their own mean was taken, and the nodes of the mean.
  private func mean(
    subtractedIn centred: ValueID, _ view: RegionView
  ) -> (x: ValueID, nodes: Set<Int>)? {
    guard let operands = view.operands(of: centred, Subtract.self) else { return nil }
    let x = operands[0]
    var walk = RowWalk(at: operands[1], in: view)
    guard view.haveSameType(x, centred), let mean = walk.mean(), mean == x,
      walk.restores(rowsOf: x)
    else { return nil }
    return (x, walk.nodes)
  }
}

/// The root of the mean square of rows, or its reciprocal, put back along the rows.
private struct Spread {
  private(set) var centred: ValueID
  private(set) var epsilon = 0.0
  private(set) var nodes: Set<Int> = []

  /// - Parameters:
  ///   - value: a factor of a product.
  ///   - isDivisor: whether the product is divided by it.
  ///   - view: the region.
  init?(_ value: ValueID, isDivisor: Bool, in view: RegionView) {
    centred = value
    var walk = RowWalk(at: value, in: view)
    guard walk.powers(from: isDivisor ? -1 : 1) == -0.5 else { return nil }
    if let operands = view.operands(of: walk.current, Add.self) {
      guard let place = operands.firstIndex(where: { view.constant($0) != nil }),
        let constant = view.constant(operands[place]), constant >= 0, constant.isFinite,
        view.haveSameType(operands[1 - place], walk.current)
      else { return nil }
      epsilon = constant
      walk.descend(to: operands[1 - place])
    }
    guard let squares = walk.mean(), let (operation, operands) = view.operation(of: squares)
    else { return nil }
    if operation is Multiply {
      guard operands[0] == operands[1] else { return nil }
    } else {
      guard operation is Power, view.constant(operands[1]) == 2 else { return nil }
    }
    centred = operands[0]
    nodes = walk.nodes.union([view.producer(of: squares)])
    guard view.haveSameType(squares, centred), walk.restores(rowsOf: centred) else { return nil }
  }
}

/// A way down through operations on single elements and through layouts.
private struct RowWalk {
  let view: RegionView
  private(set) var current: ValueID
  /// For each axis of the first value, that of the current one.
  private var axes: [Int?]
  private(set) var nodes: Set<Int> = []

  init(at value: ValueID, in view: RegionView) {
    self.view = view
    current = value
    axes = (0..<view.rank(of: value)).map { $0 }
    seeThrough()
  }

  /// Whether the first value is the current one, put back along the last axis of some rows.
  func restores(rowsOf x: ValueID) -> Bool {
    let rank = view.rank(of: x)
    return LayoutTrace(source: current, axes: axes).restores(axis: rank - 1, rank: rank)
  }

  /// Goes on to an operand of the same shape, and below its layouts.
  mutating func descend(to operand: ValueID) {
    nodes.insert(view.producer(of: current))
    current = operand
    seeThrough()
  }

  /// Roots and reciprocals in any order, at most four, as one exponent.
  mutating func powers(from first: Double) -> Double {
    var exponent = first
    for _ in 0..<4 {
      guard let (operation, operands) = view.operation(of: current) else { break }
      if operation is Sqrt {
        exponent *= 0.5
      } else if operation is Reciprocal {
        exponent *= -1
      } else if operation is Power, let power = view.constant(operands[1]),
        view.haveSameType(operands[0], current), power.magnitude < 1 || power == -1
      {
        exponent *= power
      } else if operation is Divide, view.constant(operands[0]) == 1,
        view.haveSameType(operands[1], current)
      {
        exponent *= -1
        descend(to: operands[1])
        continue
      } else {
        break
      }
      descend(to: operands[0])
    }
    return exponent
  }

  /// What the current value is the mean of, along the last axis; the walk stays at the mean.
  mutating func mean() -> ValueID? {
    guard let (operation, operands) = view.operation(of: current) else { return nil }
    if let mean = operation as? Mean {
      nodes.insert(view.producer(of: current))
      return reduced(mean.axes, operands[0])
    }
    // A sum that is divided by the width.
    guard operation is Divide || operation is Multiply,
      let place = operands.lastIndex(where: { view.constant($0) != nil }),
      place == 1 || operation is Multiply, let count = view.constant(operands[place]),
      view.haveSameType(operands[1 - place], current)
    else { return nil }
    descend(to: operands[1 - place])
    guard let (inner, summed) = view.operation(of: current), let sum = inner as? Sum,
      let width = view.type(of: summed[0]).shape.last?.constant, width > 0,
      (operation is Divide ? count : 1 / count).isClose(to: Double(width))
    else { return nil }
    nodes.insert(view.producer(of: current))
    return reduced(sum.axes, summed[0])
  }

  private func reduced(_ axes: BracketAxes, _ operand: ValueID) -> ValueID? {
    let type = view.type(of: operand)
    return (try? axes.axes(of: type)) == [type.rank - 1] ? operand : nil
  }

  private mutating func seeThrough() {
    let trace = view.trace(current)
    axes = axes.map { axis in axis.flatMap { trace.axes[$0] } }
    nodes.formUnion(trace.nodes)
    current = trace.source
  }
}

extension RegionView {
  /// Whether a value is one axis long and as wide as the rows of another.
  func isVector(_ value: ValueID, alongLastAxisOf rows: ValueID) -> Bool {
    guard rank(of: value) == 1, let width = type(of: rows).shape.last,
      type(of: value).element == type(of: rows).element
    else { return false }
    return areEqual(type(of: value).shape[0], width)
  }
}
