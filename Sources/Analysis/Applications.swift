// Applications: which functions run at which places of the folded tree, and how often.
// Cost and shape reports read the same walk; equal places are merged, so it stays small.
import Dimensions
import IR

/// A function applied at one or many alike instances.
package struct Application: Hashable, Sendable {
  package var function: FunctionID
  package var place: FoldedInstance
  /// How often it runs, all instances and repetitions together.
  package var times: Dimension
}

/// A backward region run at one or many alike instances.
package struct BackwardApplication: Hashable, Sendable {
  package var derivative: DerivativeID
  package var place: FoldedInstance
  package var times: Dimension
}

/// The walk over the calls of a function of the model, outermost first.
package struct Applications: Sendable {
  /// The default for the most places that are told apart.
  package static let limit = 100_000

  package private(set) var forward: [Application] = []
  package private(set) var backward: [BackwardApplication] = []

  /// A function or derivative at a place: the key of the merging.
  private struct Site<ID: Hashable>: Hashable {
    var id: ID
    var place: FoldedInstance
  }

  /// Sites in the order in which they were first reached, with their counts.
  private struct Sites<ID: Hashable> {
    var order: [FoldedInstance] = []
    var times: [FoldedInstance: Dimension] = [:]

    mutating func add(_ place: FoldedInstance, _ count: Dimension) {
      if times[place] == nil { order.append(place) }
      times[place, default: 0] += count
    }
  }

  /// - Parameters:
  ///   - function: a function of the model itself.
  ///   - derivative: a derivative of that function, whose region runs once.
  ///   - program: the model.
  ///   - limit: the most places that are told apart.
  /// - Throws: ``AnalysisError`` when there are too many places.
  package init(
    of function: FunctionID, backward derivative: DerivativeID? = nil, in program: Program,
    limit: Int = limit
  ) throws(AnalysisError) {
    let tree = FoldedTree(program)
    guard let order = program.functionsInnermostFirst else {
      preconditionFailure("a function of \(program.name) calls itself")
    }
    var sites: [FunctionID: Sites<FunctionID>] = [:]
    sites[function, default: Sites()].add(tree.root, 1)
    for id in order.reversed() {
      guard let reached = sites[id] else { continue }
      for place in reached.order {
        guard let times = reached.times[place] else { continue }
        guard forward.count < limit else { throw .tooManyRows(what: "calls", limit: limit) }
        forward.append(Application(function: id, place: place, times: times))
        for node in program[id].nodes {
          guard case .call(let call) = node.kind else { continue }
          for (target, share) in Applications.targets(of: call, from: place, tree) {
            sites[call.function, default: Sites()].add(target, times * share)
          }
        }
      }
    }
    guard let derivative else { return }
    try walkBackward(derivative, tree, functions: order, limit: limit)
  }

  /// The places of a call, each with how often it runs there for one run of the caller.
  private static func targets(
    of call: Call, from place: FoldedInstance, _ tree: FoldedTree
  ) -> [(FoldedInstance, Dimension)] {
    let targets = tree.resolve(call.target, elements: call.elements, from: place)
    // A shared layer is one instance, run once for each element.
    if let only = targets.first, targets.count == 1 {
      return [(only, Dimension(call.repetitions))]
    }
    return targets.map { ($0, Dimension($0.siblings)) }
  }

  private mutating func walkBackward(
    _ root: DerivativeID, _ tree: FoldedTree, functions: [FunctionID], limit: Int
  ) throws(AnalysisError) {
    let program = tree.program
    // Derivatives nest as their functions do.
    var rank = [Int](repeating: 0, count: program.functions.count)
    for (position, id) in functions.enumerated() { rank[id.index] = position }
    let order = program.derivatives.indices.sorted {
      let left = rank[program.derivatives[$0].function.index]
      let right = rank[program.derivatives[$1].function.index]
      return left != right ? left > right : $0 < $1
    }
    var sites: [DerivativeID: Sites<DerivativeID>] = [:]
    sites[root, default: Sites()].add(tree.root, 1)
    for index in order {
      let id = DerivativeID(index: index)
      guard let reached = sites[id] else { continue }
      for place in reached.order {
        guard let times = reached.times[place] else { continue }
        guard backward.count < limit else { throw .tooManyRows(what: "calls", limit: limit) }
        backward.append(BackwardApplication(derivative: id, place: place, times: times))
        for node in program[id].nodes {
          guard case .callBackward(let forward, let first, let rest) = node.kind,
            case .call(let call) = program[program[id].function].nodes[forward].kind
          else { continue }
          let runs = program.backwardRuns(of: call, first: first, rest: rest)
          for run in runs {
            var part = call
            if let elements = run.elements { part.elements = elements }
            for (target, share) in Applications.targets(of: part, from: place, tree) {
              sites[run.derivative, default: Sites()].add(target, times * share)
            }
          }
        }
      }
    }
  }
}

extension Program {
  /// Which derivative runs for which elements of a call, the last elements first.
  ///
  /// A chain ends before the elements that get no gradient handed on.
  func backwardRuns(
    of call: Call, first: DerivativeID, rest: DerivativeID
  ) -> [(derivative: DerivativeID, elements: Range<Int>?)] {
    guard let elements = call.elements else { return [(first, nil)] }
    guard let start = elements.first else { return [] }
    let head = start..<start + 1
    guard elements.count > 1 else { return [(first, head)] }
    let last = elements.upperBound - 1
    guard let handsOn = self[rest].inputGradients.first, handsOn != nil else {
      return [(rest, last..<last + 1)]
    }
    return [(rest, start + 1..<elements.upperBound), (first, head)]
  }
}
