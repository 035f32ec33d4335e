// KeyValueCache: what generation keeps of each layer's keys and values, by heads and groups.
// Apart from the memory of a training step, which keeps no cache and every activation.
import Autodiff
import Dimensions
import IR

/// The cache of keys and values of a model that generates token by token.
package struct KeyValueCache: Hashable, Sendable {
  /// Alike layers.
  package struct Layer: Hashable, Sendable {
    /// The keys of one layer as its projection makes them, groups not yet repeated.
    package var keys: TensorType
    package var values: TensorType
    /// The queries' heads over those of the keys: 4 when four query heads share one.
    package var sharing: Int
    /// How many layers are like this.
    package var count: Int

    /// Bytes of the keys and values of one layer.
    package var bytes: Dimension { keys.byteCount + values.byteCount }
  }

  package private(set) var layers: [Layer] = []

  /// Bytes in all, in terms of the model's dimensions.
  package var bytes: Dimension {
    layers.reduce(0) { $0 + $1.bytes * Dimension($1.count) }
  }

  /// Finds every attention of the model's forward.
  ///
  /// - Returns: `nil` when the model has none, or is too large to unfold.
  package init?(_ program: Program) {
    guard let entry = program.entry, let graph = try? program.flattened(entry) else { return nil }
    let reader = CacheReader(graph)
    for layer in reader.layers {
      if let place = layers.firstIndex(where: { $0.isLike(layer) }) {
        layers[place].count += 1
      } else {
        layers.append(layer)
      }
    }
    guard !layers.isEmpty else { return nil }
  }

  /// How the bytes come about, one line for each kind of layer.
  package var derivation: [String] {
    layers.map { layer in
      let what =
        layer.keys == layer.values
        ? "2 (keys and values) × \(layer.keys.shapeText)"
        : "(keys \(layer.keys.shapeText) + values \(layer.values.shapeText))"
      return "\(layer.count) \(layer.count == 1 ? "layer" : "layers") × \(what)"
        + " × \(layer.keys.element.byteCount) B"
    } + sharing
  }

  private var sharing: [String] {
    let groups = Set(layers.map(\.sharing).filter { $0 > 1 }).sorted()
    return groups.map { "\($0) query heads share one head of keys and values" }
  }
}

extension KeyValueCache.Layer {
  fileprivate func isLike(_ other: Self) -> Bool {
    keys == other.keys && values == other.values && sharing == other.sharing
  }
}

/// Reads attention out of an unfolded graph.
private struct CacheReader {
  private let graph: FlatGraph
  private var producers: [Int: FlatNode] = [:]
  private var consumers: [Int: [FlatNode]] = [:]
  private let parameters: Set<Int>

  /// Steps that a search takes from scores or from keys before it gives up.
  private static let mostSteps = 64

  init(_ graph: FlatGraph) {
    self.graph = graph
    parameters = Set(graph.parameters.map(\.value))
    for node in graph.nodes where node.phase == .forward {
      for result in node.results { producers[result] = node }
      for operand in node.operands { consumers[operand, default: []].append(node) }
    }
  }

  /// The layers of what generates; those of an encoder run once and keep nothing.
  var layers: [KeyValueCache.Layer] {
    let all = attentions
    var encoded: Set<Symbol> = []
    for attention in all { encoded.formUnion(attention.own) }
    return all.filter { !$0.own.isEmpty || encoded.isDisjoint(with: $0.lengths) }.map(\.layer)
  }

  private struct Attention {
    var layer: KeyValueCache.Layer
    /// The dimensions of the keys.
    var lengths: Set<Symbol>
    /// Those that the queries do not have: the keys are of another sequence.
    var own: Set<Symbol>
  }

  private var attentions: [Attention] {
    var found: [Attention] = []
    for node in graph.nodes where node.phase == .forward {
      switch node.operation.name {
      case "scaled_dot_product_attention" where node.operands.count >= 3:
        found.append(layer(node.operands[0], node.operands[1], node.operands[2]))
      case "softmax":
        guard let scores = scores(behind: node), let weights = node.results.first,
          let values = values(mixedBy: weights)
        else { continue }
        found.append(layer(scores.operands[0], scores.operands[1], values))
      default: continue
      }
    }
    return found
  }

  private func symbols(_ value: Int) -> Set<Symbol> {
    graph.values[value].type.shape.reduce(into: []) { $0.formUnion($1.symbols) }
  }

  private func layer(_ queries: Int, _ keys: Int, _ values: Int) -> Attention {
    let (kept, keptValues) = (stored(keys), stored(values))
    var layer = KeyValueCache.Layer(keys: kept, values: keptValues, sharing: 1, count: 1)
    // At one example and one position, elements are heads times their width.
    let (asked, given) = (width(graph.values[queries].type), width(kept))
    if let asked, let given, given > 0, asked % given == 0 { layer.sharing = asked / given }
    let lengths = symbols(keys)
    return Attention(
      layer: layer, lengths: lengths, own: lengths.subtracting(symbols(queries)))
  }

  private func width(_ type: TensorType) -> Int? {
    let symbols = type.shape.compactMap(\.symbol)
    let ones = Dictionary(symbols.map { ($0, 1) }) { first, _ in first }
    return type.elementCount.evaluate(ones).flatMap { Int(exactly: $0) }
  }

  private func isProduct(_ node: FlatNode) -> Bool {
    node.operation.name == "einsum" && node.operands.count == 2
      && !node.operands.contains { parameters.contains($0) }
  }

  private func isProjection(_ node: FlatNode) -> Bool {
    ["affine", "einsum"].contains(node.operation.name)
      && node.operands.contains { parameters.contains($0) }
  }

  /// The product of queries and keys that a softmax is taken of.
  private func scores(behind softmax: FlatNode) -> FlatNode? {
    var open = softmax.operands
    var steps = 0
    while !open.isEmpty, steps < Self.mostSteps {
      let value = open.removeFirst()
      steps += 1
      guard let node = producers[value] else { continue }
      if isProduct(node) { return node }
      if isProjection(node) || node.operation.name == "einsum" { continue }
      open += node.operands
    }
    return nil
  }

  /// What the weights of attention are multiplied with.
  private func values(mixedBy weights: Int) -> Int? {
    var open = [weights]
    var steps = 0
    while !open.isEmpty, steps < Self.mostSteps {
      let value = open.removeFirst()
      steps += 1
      for node in consumers[value] ?? [] {
        if isProduct(node) { return node.operands.first { $0 != value } }
        if node.operation.name == "einsum" || node.operation.name == "affine" { continue }
        open += node.results
      }
    }
    return nil
  }

  /// What a layer keeps of its keys: the part of their projection, or what attention reads, if less.
  private func stored(_ value: Int) -> TensorType {
    let read = graph.values[value].type
    var open = [value]
    var parts: [Int] = []
    var seen: Set<Int> = []
    while let next = open.popLast(), seen.count < Self.mostSteps {
      guard seen.insert(next).inserted, let node = producers[next] else { continue }
      if isProjection(node) {
        parts.append(next)
        continue
      }
      let isPart = node.operation.name == "slice" || node.results.count > 1
      let source = node.operands.first.flatMap { producers[$0] }
      if isPart, let source, isProjection(source) {
        parts.append(next)
        continue
      }
      open += node.operands
    }
    guard parts.count == 1, let part = parts.first, let own = width(graph.values[part].type),
      let whole = width(read), own < whole
    else { return read }
    return graph.values[part].type
  }
}
