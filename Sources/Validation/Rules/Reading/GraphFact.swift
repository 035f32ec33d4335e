// GraphFact: what rules know of one value without running anything.
// Facts are compared, so that a function is read once for each kind of operands.
import Diagnostics
import Dimensions
import IR

/// How much of an input one position of a value reads.
enum Reach: Int, Hashable, Comparable {
  /// Nothing after its own position.
  case own
  /// Perhaps more: nothing is said of it.
  case unknown
  /// Every position, the later ones included.
  case all

  static func < (left: Reach, right: Reach) -> Bool { left.rawValue < right.rawValue }
}

/// How a value depends on one of the model's inputs.
struct Dependence: Hashable {
  var reach: Reach
  /// The axes of the value along which the positions of the input run.
  var axes: Set<Int>
}

/// A mask that compares the positions along two axes: keys up to the query, or keys after it.
struct PositionOrder: Hashable {
  var query: Int
  var key: Int
  /// True when the mask holds for keys up to the query.
  var holdsForPast: Bool
}

/// Which entries of scores or weights are out of the game.
enum Hiding: Hashable {
  case none
  /// Some mask that varies along the queries and that the rules do not understand.
  case unknown
  /// Keys after the query.
  case future(query: Int, key: Int)
}

/// Products of queries and keys.
struct ScoreFact: Hashable {
  /// The width over which the product sums.
  var width: Dimension
  /// What the product is multiplied by; `nil` when that is no constant.
  var factor: Double?
  /// Whether queries or keys come from a norm, which has a scale of its own.
  var isNormalised: Bool
  /// Whether a mask that depends on inputs hides entries with -infinity.
  var isPadded = false
  /// The finite constant that hides entries, if one does.
  var fill: Double?
}

/// A weight, as its declaration says.
struct WeightFact: Hashable {
  var definition: DefinitionID
  var index: Int
  var declaration: ParameterDeclaration
}

/// A weight applied at a place, so that two alike layers are told apart.
struct LayerFact: Hashable {
  var weight: WeightFact
  /// The layer within the function that applies it.
  var layer: InstanceReference?
  var place: SourceRange?

  /// Whether the two are one layer, applied anywhere.
  func isSame(as other: LayerFact) -> Bool { weight == other.weight && layer == other.layer }
}

/// The kinds of norm.
enum NormKind: Hashable {
  case layer, rms
}

/// What made a value.
enum Maker: Hashable {
  case other
  case weight(WeightFact)
  case embedding
  /// A layer with this weight.
  case layer(LayerFact)
  /// A layer behind an activation.
  case activated(LayerFact)
  /// The product of an activated layer and another layer, as in a gated feed-forward.
  case gate(LayerFact)
  case normalised(NormKind, again: Bool)
  /// A sum; true when one side came through a norm and the other, the stream, did not.
  case sum(isPreNorm: Bool)
}

/// Everything known of one value.
struct GraphFact: Hashable {
  var maker: Maker = .other
  /// The value that all elements have.
  var constant: Double?
  /// The greatest value of an integer tensor.
  var upper: Dimension?
  /// The axis along which the elements count up from 0.
  var counts: Int?
  var reads: [Int: Dependence] = [:]
  /// The constant by which a layer's result, or a norm's, was multiplied since; `nil` if unknown.
  var factor: Double? = 1
  /// Whether the value comes from a norm without a layer in between.
  var isNormalised = false
  /// Whether the value came through a norm since the last sum.
  var passedNorm = false
  var scores: ScoreFact?
  var hiding = Hiding.none
  var order: PositionOrder?

  /// Whether any input has a say in the value.
  var isData: Bool { !reads.isEmpty }

  var weight: WeightFact? {
    if case .weight(let weight) = maker { weight } else { nil }
  }

  /// The same dependence on inputs, with nothing else known.
  func blurred() -> GraphFact {
    GraphFact(
      reads: reads.mapValues { Dependence(reach: max($0.reach, .unknown), axes: $0.axes) },
      factor: nil, passedNorm: passedNorm)
  }

  /// Moves what is tied to axes; `nil` drops an axis, several blur what is tied to it.
  func moved(_ places: (Int) -> [Int]) -> GraphFact {
    var result = self
    result.reads = reads.mapValues { dependence in
      var moved = Dependence(reach: dependence.reach, axes: [])
      for axis in dependence.axes {
        let new = places(axis)
        moved.axes.formUnion(new)
        if new.count > 1 { moved.reach = max(moved.reach, .unknown) }
      }
      return moved
    }
    func one(_ axis: Int) -> Int? {
      let new = places(axis)
      return new.count == 1 ? new[0] : nil
    }
    if let counts { result.counts = one(counts) }
    if let order {
      if let query = one(order.query), let key = one(order.key) {
        result.order = PositionOrder(query: query, key: key, holdsForPast: order.holdsForPast)
      } else {
        result.order = nil
      }
    }
    if case .future(let query, let key) = hiding {
      if let query = one(query), let key = one(key) {
        result.hiding = .future(query: query, key: key)
      } else {
        result.hiding = .unknown
      }
    }
    return result
  }

  /// Reads everything along an axis, which may go away.
  ///
  /// - Returns: the inputs of which now every position is read, which was not so before.
  mutating func reduce(_ axis: Int) -> [Int] {
    var leaked: [Int] = []
    for (input, dependence) in reads where dependence.axes.contains(axis) {
      if case .future(let query, let key) = hiding, key == axis,
        dependence.axes.contains(query)
      {
        // Nothing after the query takes part.
        continue
      }
      if hiding == .unknown {
        reads[input]?.reach = max(dependence.reach, .unknown)
        continue
      }
      if dependence.reach != .all { leaked.append(input) }
      reads[input]?.reach = .all
    }
    return leaked
  }

  /// Adds what another fact reads.
  mutating func join(_ other: GraphFact) {
    for (input, dependence) in other.reads {
      guard let mine = reads[input] else {
        reads[input] = dependence
        continue
      }
      reads[input] = Dependence(
        reach: max(mine.reach, dependence.reach), axes: mine.axes.union(dependence.axes))
    }
  }
}
