// FunctionInlining: calls of small blocks without weights, written out where they stand.
// A mask or an activation is often a block, and the patterns reach through it.
import IR

enum FunctionInlining {
  /// The largest body that is written out; the blocks that belong to patterns have a dozen nodes.
  private static let limit = 64

  /// The function with such calls written out; the same one when it has none.
  ///
  /// - Parameters:
  ///   - function: what is rewritten.
  ///   - callees: all functions, those that it calls finished.
  /// - Returns: the function in the form that the rules read.
  static func inline(_ function: Function, from callees: [Function]) -> Function {
    func body(_ node: Node) -> Function? {
      guard case .call(let call) = node.kind, call.elements == nil else { return nil }
      let callee = callees[call.function.index]
      guard callee.nodes.count <= limit, callee.outputs.count == node.results.count else {
        return nil
      }
      let isPure = callee.nodes.allSatisfy { inner in
        switch inner.kind {
        case .input, .operation: true
        default: false
        }
      }
      return isPure ? callee : nil
    }
    guard function.nodes.contains(where: { body($0) != nil }) else { return function }
    var region = FunctionCopy(of: function)
    for node in function.nodes {
      if let callee = body(node) {
        region.inline(callee, for: node)
      } else {
        region.copy(node)
      }
    }
    return region.finish()
  }
}
