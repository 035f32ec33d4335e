// RegionInterpreter: runs the nodes of a region with the operations' own kernels.
// A few lines on purpose: gradients and expansions are judged by it, so it must be plainly right.
import Dimensions
import IR
import Kernels

/// The values of a region while it runs.
struct RegionInterpreter<Scalar: KernelScalar> {
  private(set) var arrays: [ValueID: NDArray<Scalar>]
  private(set) var context: EvaluationContext

  init(_ arrays: [ValueID: NDArray<Scalar>], sizes: [Symbol: Int]) {
    self.arrays = arrays
    context = EvaluationContext(sizes: sizes)
  }

  /// Multiply-adds counted so far.
  var multiplyAdds: Int { context.counter.multiplyAdds }

  /// Runs every node of a builder, and checks that each array has the extents of its type.
  mutating func run(_ builder: RegionBuilder) throws {
    for node in builder.nodes {
      guard case .operation(let operation) = node.kind else {
        throw KernelFault("the interpreter runs operations only")
      }
      var operands: [NDArray<Scalar>] = []
      for operand in node.operands { operands.append(try self[operand]) }
      let results = try operation.evaluate(operands, in: &context)
      guard results.count == node.results.count else {
        throw KernelFault("\(operation.name) gave \(results.count) results")
      }
      for (id, array) in zip(node.results, results) {
        guard builder.type(of: id).extents(context.sizes) == array.extents else {
          throw KernelFault(
            "\(operation.name) gave \(array.extents) where \(builder.type(of: id)) was predicted")
        }
        arrays[id] = array
      }
    }
  }

  subscript(_ value: ValueID) -> NDArray<Scalar> {
    get throws(KernelFault) {
      guard let array = arrays[value] else { throw KernelFault("\(value) has no value") }
      return array
    }
  }
}

/// Appends the gradient of a region of operations, node by node in reverse.
enum RegionGradient {
  /// The gradient of `targets`, given the cotangents of results; `nil` where there is none.
  static func append(
    to builder: inout RegionBuilder, from start: [ValueID: ValueID], targets: [ValueID]
  ) throws(Fault) -> [ValueID?] {
    var cotangents = start
    for node in builder.nodes.reversed() {
      guard case .operation(let operation) = node.kind,
        node.results.contains(where: { cotangents[$0] != nil })
      else { continue }
      let wanted = node.operands.map { builder.type(of: $0).element.kind == .real }
      let gradients = try operation.gradient(
        &builder, operands: node.operands, results: node.results,
        cotangents: node.results.map { cotangents[$0] }, wanted: wanted)
      for (operand, gradient) in zip(node.operands, gradients) {
        guard let gradient else { continue }
        if let other = cotangents[operand] {
          cotangents[operand] = try builder.add(other, gradient)
        } else {
          cotangents[operand] = gradient
        }
      }
    }
    return targets.map { cotangents[$0] }
  }
}
