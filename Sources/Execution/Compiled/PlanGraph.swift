// PlanGraph: the operations of a step as they will be lowered, after fusion has joined some.
// Apart from FlatGraph, which stays what the model says; here one node may stand for several.
import IR

/// Something that is lowered: an operation of the graph, or what a rule made of several.
package struct PlanNode: Sendable {
  /// What is done.
  package enum Work: Sendable {
    case operation(any Operation)
    case fused(any Lowerable)
  }

  package var work: Work
  /// Values of the graph that are read.
  package var operands: [Int]
  /// Values of the graph that are made; values inside a fused node that nobody else reads are left
  /// out and never exist.
  package var results: [Int]
  /// The places in the graph's list of nodes of what it stands for, the main one first.
  package var members: [Int]
  package var scope: Int
  package var phase: Phase

  package init(
    work: Work, operands: [Int], results: [Int], members: [Int], scope: Int, phase: Phase
  ) {
    self.work = work
    self.operands = operands
    self.results = results
    self.members = members
    self.scope = scope
    self.phase = phase
  }

  /// The operation of a node that stands for itself; `nil` for a fused one.
  package var operation: (any Operation)? {
    if case .operation(let operation) = work { operation } else { nil }
  }

  /// Of the operation, or of what was made of several.
  package var name: String {
    switch work {
    case .operation(let operation): operation.name
    case .fused(let fused): fused.name
    }
  }
}

/// Joins nodes of a plan into fused ones.
///
/// A rule may drop a value only when ``PlanUses/isFree(_:inside:)`` says so. It leaves the order of the
/// nodes such that every value is made before it is read.
package protocol FusionRule: Sendable {
  func apply(to plan: inout PlanGraph)
}

/// The step before it is lowered.
package struct PlanGraph: Sendable {
  package let graph: FlatGraph
  /// The extents of every value in this plan.
  package let extents: [[Int]]
  /// For each value, whether somebody reads it after the step: outputs, gradients, and all values
  /// when an observer wants them.
  package let isKept: [Bool]
  package var nodes: [PlanNode]

  init(_ graph: FlatGraph, extents: [[Int]], isKept: [Bool]) {
    self.graph = graph
    self.extents = extents
    self.isKept = isKept
    nodes = graph.nodes.enumerated().map { index, node in
      PlanNode(
        work: .operation(node.operation), operands: node.operands, results: node.results,
        members: [index], scope: node.scope, phase: node.phase)
    }
  }

  /// Who makes and who reads each value, as the nodes stand now; positions change with every edit.
  package func uses() -> PlanUses { PlanUses(self) }

  /// Replaces nodes by one that stands at the place of one of them.
  ///
  /// - Parameters:
  ///   - positions: of the nodes, of which the result takes the members, the first one's first.
  ///   - fused: what they become.
  ///   - operands: everything that it reads.
  ///   - results: every value that is still to be made; nothing between may read them.
  ///   - place: one of the positions; the last when `nil`.
  package mutating func fuse(
    _ positions: [Int], as fused: any Lowerable, operands: [Int], results: [Int],
    at place: Int? = nil
  ) {
    guard let main = positions.first, let last = place ?? positions.max() else { return }
    let node = PlanNode(
      work: .fused(fused), operands: operands, results: results,
      members: positions.flatMap { nodes[$0].members }, scope: nodes[main].scope,
      phase: nodes[main].phase)
    replaced.formUnion(positions)
    replaced.remove(last)
    nodes[last] = node
  }

  /// Positions that a rule has emptied; ``compact()`` closes the gaps once the rule is done.
  private var replaced: Set<Int> = []

  /// Whether a rule has already used up the node at a position.
  package func isReplaced(_ position: Int) -> Bool { replaced.contains(position) }

  mutating func compact() {
    guard !replaced.isEmpty else { return }
    nodes = nodes.enumerated().filter { !replaced.contains($0.offset) }.map(\.element)
    replaced = []
  }
}

/// Who makes and who reads each value of a plan, by the positions of the nodes.
package struct PlanUses: Sendable {
  /// For each value, the position of its producer; `nil` for an input, a weight and a dropped one.
  package private(set) var producer: [Int?]
  /// For each value, the positions of its readers in order; one that reads it twice stands twice.
  package private(set) var readers: [[Int]]
  private let isKept: [Bool]

  init(_ plan: PlanGraph) {
    producer = Array(repeating: nil, count: plan.graph.values.count)
    readers = Array(repeating: [], count: plan.graph.values.count)
    isKept = plan.isKept
    for (position, node) in plan.nodes.enumerated() where !plan.isReplaced(position) {
      for operand in node.operands { readers[operand].append(position) }
      for result in node.results { producer[result] = position }
    }
  }

  /// Keeps up with ``PlanGraph/fuse(_:as:operands:results:at:)``.
  ///
  /// - Parameters:
  ///   - nodes: what stood there before.
  ///   - place: where the fused node stands now.
  ///   - node: the fused node.
  package mutating func replace(_ nodes: [Int: PlanNode], at place: Int, by node: PlanNode) {
    for (position, old) in nodes {
      for operand in old.operands { readers[operand].removeAll { $0 == position } }
      for result in old.results { producer[result] = nil }
    }
    for operand in node.operands {
      let index = readers[operand].firstIndex { $0 > place } ?? readers[operand].endIndex
      readers[operand].insert(place, at: index)
    }
    for result in node.results { producer[result] = place }
  }

  /// The only reader of a value that nobody wants to see after the step.
  package func onlyReader(of value: Int) -> Int? {
    !isKept[value] && readers[value].count == 1 ? readers[value][0] : nil
  }

  /// Whether the value needs not exist, once the given nodes are one.
  package func isFree(_ value: Int, inside positions: Set<Int>) -> Bool {
    !isKept[value] && readers[value].allSatisfy(positions.contains)
  }
}
