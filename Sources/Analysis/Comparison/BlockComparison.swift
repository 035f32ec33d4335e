// BlockComparison: two trees of blocks laid beside each other, with what differs at each place.
// Knows no config: what a value of the config costs is found elsewhere, by changing it.
import Dimensions
import IR

/// The aligned blocks of two models.
package struct BlockComparison: Sendable {
  /// A weight that one side lacks, or that is not the same on both.
  package struct Weight: Hashable, Sendable {
    package var name: String
    /// `[50257, 768]`; `nil` on the side that lacks the weight.
    package var first: String?
    package var second: String?
  }

  /// What became of a block.
  package enum Change: String, Hashable, Sendable {
    /// The block itself is the same; one below it may not be.
    case same
    case changed
    case added
    case removed
    /// The same block under another name.
    case renamed
  }

  /// One place of the aligned trees.
  package struct Row: Hashable, Sendable {
    package var depth: Int
    /// `h[0..<12]`, without what stands above it.
    package var firstName: String?
    package var secondName: String?
    package var firstPath: String?
    package var secondPath: String?
    package var firstBlock: String?
    package var secondBlock: String?
    package var change: Change
    package var weights: [Weight]
    /// Operations that only one side computes in the block itself.
    package var dropped: [String]
    package var gained: [String]
    /// Parameters of the block itself, all instances together: the second less the first.
    package var ownParameters: Int
    /// The same with everything below.
    package var parameters: Int
    package var ownFlops: Int
    package var flops: Int
    /// Whether anything differs here or below.
    package var differs: Bool
  }

  /// Owners before what they own; places without any difference are left out below an equal owner.
  package let rows: [Row]

  /// - Parameters:
  ///   - first: a model.
  ///   - second: the model it is compared with.
  ///   - sizes: at which work is told.
  /// - Throws: ``AnalysisError`` when a model is too large to list.
  package init(
    _ first: Program, _ second: Program, sizes: [Symbol: Int]
  ) throws(AnalysisError) {
    var alignment = BlockAlignment()
    alignment.align(
      try BlockNode.tree(of: first, sizes: sizes), try BlockNode.tree(of: second, sizes: sizes),
      depth: 0)
    rows = alignment.rows
  }

  /// Whether no block differs.
  package var isEmpty: Bool { !rows.contains(where: \.differs) }
}

/// A block of one side with what it owns.
struct BlockNode: Equatable {
  /// The name without elements, by which places are matched.
  var key: String
  var name: String
  var path: String
  var block: String
  var instances: Int
  var isList: Bool
  /// Names and types of the block's own weights.
  var weights: [String: String] = [:]
  var order: [String] = []
  /// The block's own operations with their attributes, sorted.
  var operations: [String] = []
  var definition: DefinitionID
  /// Where the runs begin, for a list whose alike elements are not neighbours.
  var starts: [Int] = []
  /// Of all instances together.
  var parameters = 0
  var flops = 0
  var below: [BlockNode] = []

  var allParameters: Int { below.reduce(parameters) { $0 + $1.allParameters } }
  var allFlops: Int { below.reduce(flops) { $0 + $1.allFlops } }

  /// - Throws: ``AnalysisError`` when a number does not fit or there are too many blocks.
  static func tree(
    of program: Program, sizes: [Symbol: Int]
  ) throws(AnalysisError) -> BlockNode {
    // The sums are known to fit before any part is added up.
    _ = try ParameterSums(program).checkedTotal(of: program.root, in: program)
    var work: [FoldedInstance: Int] = [:]
    let values = sizes.mapValues { Dimension($0) }
    if let entry = program.entry {
      for row in try CostReport(program, of: entry).rows {
        work[row.place] = row.own.substituting(values).flops.constant ?? 0
      }
    }
    var operations: [DefinitionID: Set<String>] = [:]
    for function in program.functions {
      for case .operation(let operation) in function.nodes.map(\.kind) {
        operations[function.definition, default: []].insert(
          operation.name + operation.attributes.description)
      }
    }
    var budget = ParameterLedger.rowLimit
    return try node(
      FoldedTree(program).root, FoldedTree(program), work, operations, key: "", budget: &budget)
  }

  private static func node(
    _ place: FoldedInstance, _ tree: FoldedTree, _ work: [FoldedInstance: Int],
    _ operations: [DefinitionID: Set<String>], key: String, budget: inout Int
  ) throws(AnalysisError) -> BlockNode {
    budget -= 1
    guard budget >= 0 else {
      throw .tooManyRows(what: "blocks", limit: ParameterLedger.rowLimit)
    }
    let definition = tree.program[place.definition]
    let count = place.count.constant ?? 0
    var node = BlockNode(
      key: key, name: tree.name(of: place), path: place.path.description,
      block: definition.block, instances: count, isList: place.elements != nil,
      operations: (operations[place.definition] ?? []).sorted(), definition: place.definition,
      starts: place.elements.map { [$0.lowerBound] } ?? [], flops: work[place] ?? 0)
    for parameter in definition.parameters {
      node.order.append(parameter.name)
      let frozen = parameter.trainable ? "" : " frozen"
      let element = parameter.type.element == .f32 ? "" : " " + parameter.type.element.rawValue
      node.weights[parameter.name] = parameter.type.shapeText + element + frozen
      node.parameters += (parameter.type.elementCount * Dimension(count)).constant ?? 0
    }
    for (index, child) in definition.children.enumerated() {
      let start = node.below.count
      for instance in tree.instances(of: index, in: place) {
        let inner = try self.node(
          instance, tree, work, operations, key: child.transparent ? "(\(child.name))" : child.name,
          budget: &budget)
        // A block without weights that is applied where it is written is an operation to a reader.
        if child.transparent, inner.allParameters == 0 {
          node.flops += inner.allFlops
          node.operations = (node.operations + inner.allOperations).sorted()
        } else if let known = node.below[start...].firstIndex(where: {
          $0.definition == inner.definition
        }) {
          node.below[known].merge(inner, list: child.name)
        } else {
          node.below.append(inner)
        }
      }
    }
    return node
  }

  /// Takes in another run of the same layer, as where every second layer is of another kind.
  private mutating func merge(_ other: BlockNode, list: String) {
    let old = path
    add(other)
    starts += other.starts
    let shown =
      starts.count < 4
      ? starts.map(String.init).joined(separator: ", ")
      : "\(starts[0]), \(starts[1]), … \(starts[starts.count - 1])"
    let prefix = path.dropLast(name.count)
    name = "\(list)[\(shown)]"
    move(from: old.count, to: prefix + name)
  }

  /// Gives the paths here and below another beginning.
  private mutating func move(from length: Int, to prefix: String) {
    path = prefix + path.dropFirst(length)
    for index in below.indices { below[index].move(from: length, to: prefix) }
  }

  /// Adds the numbers of a layer of the same definition, and of all below it.
  private mutating func add(_ other: BlockNode) {
    instances += other.instances
    parameters += other.parameters
    flops += other.flops
    for index in below.indices where other.below.indices.contains(index) {
      below[index].add(other.below[index])
    }
  }

  private var allOperations: [String] {
    below.reduce(operations) { $0 + $1.allOperations }
  }
}
