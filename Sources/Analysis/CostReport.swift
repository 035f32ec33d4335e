// CostReport: the exact multiply-adds of a step, in all, by block and by operation.
// Totals come from memoised sums; the rows by path from one walk over the calls.
import Dimensions
import IR

/// How FLOPs are counted.
package enum FlopConvention: String, Hashable, Sendable, CaseIterable {
  /// Two for each multiply-add of every contraction, attention in full, nothing else; the
  /// convention of PyTorch's FlopCounterMode.
  case matmul
}

/// The work of one function of the model, and of its backward pass.
package struct CostReport: Sendable {
  /// The work at one place of the folded tree.
  package struct Row: Hashable, Sendable {
    package var place: FoldedInstance
    package var block: String
    /// Forward work of the block's own operations, all instances together.
    package var own: Work
    /// The same with every block below.
    package var forward: Work
    /// Backward work with every block below; empty without a backward pass.
    package var backward: Work

    package var path: FoldedPath { place.path }
  }

  package let program: Program
  package let function: FunctionID
  package let derivative: DerivativeID?
  package let forward: Work
  package let backward: Work?
  /// In the order in which the blocks first run, owners before what they own.
  package let rows: [Row]
  private let applications: Applications

  /// - Parameters:
  ///   - program: the model.
  ///   - function: a function of the model itself: its `entry` or its `loss`.
  ///   - derivative: the root derivative of that function, when the backward pass counts too.
  ///   - limit: the most places that are told apart.
  /// - Throws: ``AnalysisError`` when there are too many places to list.
  package init(
    _ program: Program, of function: FunctionID, backward derivative: DerivativeID? = nil,
    limit: Int = Applications.limit
  ) throws(AnalysisError) {
    self.program = program
    self.function = function
    self.derivative = derivative
    let sums = WorkSums(program)
    forward = sums[function]
    backward = derivative.map { sums[$0] }
    applications = try Applications(
      of: function, backward: derivative, in: program, limit: limit)
    rows = try CostReport.rows(program, applications, limit: limit)
  }

  /// Forward and backward together.
  package var step: Work {
    var work = forward
    if let backward { work.add(backward) }
    return work
  }

  private static func rows(
    _ program: Program, _ walk: Applications, limit: Int
  ) throws(AnalysisError) -> [Row] {
    let tree = FoldedTree(program)
    var rows: [Row] = []
    var places: [FoldedInstance: Int] = [:]
    var owners: [FoldedInstance: FoldedInstance] = [:]
    func row(_ place: FoldedInstance) -> Int {
      if let known = places[place] { return known }
      places[place] = rows.count
      rows.append(
        Row(
          place: place, block: program[place.definition].block, own: Work(), forward: Work(),
          backward: Work()))
      return rows.count - 1
    }
    /// The place and its owners, the model first; rows are made on the way.
    func chain(_ place: FoldedInstance) -> [Int] {
      var line = [tree.widened(place)]
      while let last = line.last, !last.levels.isEmpty {
        let owner = owners[last] ?? tree.owner(of: last) ?? tree.root
        owners[last] = owner
        line.append(owner)
      }
      return line.reversed().map(row)
    }
    for application in walk.forward {
      let region = program[application.function]
      let work = Work(nodes: region.nodes, values: region.values)
      let line = chain(application.place)
      guard rows.count <= limit else { throw .tooManyRows(what: "blocks", limit: limit) }
      if let last = line.last { rows[last].own.add(work, times: application.times) }
      for index in line { rows[index].forward.add(work, times: application.times) }
    }
    for application in walk.backward {
      let region = program[application.derivative]
      let work = Work(nodes: region.nodes, values: region.values)
      for index in chain(application.place) {
        rows[index].backward.add(work, times: application.times)
      }
    }
    return rows
  }

  /// The forward FLOPs of a path.
  ///
  /// - Throws: ``PathFault`` when the path names no layer.
  package func flops(at path: FoldedPath) throws(PathFault) -> Dimension {
    let tree = FoldedTree(program)
    guard case .instances(let asked) = try tree.target(of: path) else {
      throw PathFault(
        "`\(path)` is a weight, which computes nothing", component: path.components.count - 1)
    }
    var total: Dimension = 0
    for application in applications.forward {
      let region = program[application.function]
      let each = Work(nodes: region.nodes, values: region.values).flops
      guard each != 0 else { continue }
      for instance in asked where instance.covers(application.place) {
        total += each * application.times * instance.share(of: application.place)
      }
    }
    return total
  }
}

extension FoldedInstance {
  /// Whether some of the other's instances stand at or below these.
  func covers(_ other: FoldedInstance) -> Bool {
    guard levels.count <= other.levels.count, root == other.root else { return false }
    return zip(levels, other.levels).allSatisfy { own, theirs in
      guard own.child == theirs.child, own.definition == theirs.definition else { return false }
      guard let outer = own.elements, let inner = theirs.elements else {
        return own.elements == theirs.elements
      }
      return outer.overlaps(inner)
    }
  }

  /// Whether some instances are the other's as well.
  func overlaps(_ other: FoldedInstance) -> Bool {
    levels.count == other.levels.count && covers(other)
  }

  /// The part of the other's instances that stand at or below these.
  ///
  /// They are alike, so each counts the same: a quotient that divides the work of all of them.
  func share(of other: FoldedInstance) -> Share {
    var result = Share()
    for (own, theirs) in zip(levels, other.levels) {
      guard let outer = own.elements, let inner = theirs.elements else { continue }
      result.part *= Dimension(inner.clamped(to: outer).count)
      result.whole *= Dimension(inner.count)
    }
    return result
  }

  /// `part` of `whole` alike things.
  struct Share: Hashable, Sendable {
    var part: Dimension = 1
    var whole: Dimension = 1

    /// Exact, since the work of alike things is a multiple of their number.
    static func * (work: Dimension, share: Share) -> Dimension {
      (work * share.part).floorDivided(by: share.whole)
    }
  }
}
