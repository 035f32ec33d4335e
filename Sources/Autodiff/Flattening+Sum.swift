// Flattening of a whole training step: the sum that the IR itself can't name.
// The operations stand above the IR, and this target above both.
import IR
import Operations

extension Program {
  /// The step of a root derivative as one graph: forward, loss and backward.
  ///
  /// - Throws: ``UnfoldingError`` when the graph would pass a limit.
  package func flattened(_ derivative: DerivativeID) throws(UnfoldingError) -> FlatGraph {
    try Flattening(self).graph(of: derivative, adding: Add())
  }

  /// The forward pass of a function of the model as one graph.
  ///
  /// - Throws: ``UnfoldingError`` when the graph would pass a limit.
  package func flattened(_ function: FunctionID) throws(UnfoldingError) -> FlatGraph {
    try Flattening(self).graph(of: function)
  }
}
