// AdapterCost: the work and the memory of training an adapter, beside training every weight.
// The model's own work is counted from its graph; the adapter's follows from rows and shapes.
import Analysis
import Dimensions
import IR

/// FLOPs of one step, two for each multiply-add of a matrix product.
package struct AdapterWork: Hashable, Sendable {
  /// The forward pass of the model alone.
  package var forward: Int
  /// The part of it that multiplies by weights; as much again makes their gradients.
  package var weights: Int
  /// The forward pass of the adapters alone.
  package var adapters: Int
  /// The part of the model's own that is trained in full, as copies of saved layers.
  package var saved: Int

  /// Forward, and twice that backward.
  package var full: Int { 3 * forward }
  /// Gradients of saved layers but of no frozen weight, and three passes of the adapters.
  ///
  /// An upper bound: below the first adapter no gradient is needed either.
  package var adapted: Int { 3 * forward - weights + saved + 3 * adapters }

  /// The work at some sizes of the dimensions.
  ///
  /// - Returns: `nil` when the model has no forward pass, or a size is missing or too large.
  package init?(
    _ program: Program, sites: [AdapterSite], saved: [NamedModule] = [], sizes: [Symbol: Int]
  ) {
    guard let entry = program.entry,
      let walk = try? Applications(of: entry, in: program)
    else { return nil }
    var forward = 0.0
    var weights = 0.0
    var rows: [String: Double] = [:]
    for application in walk.forward {
      let function = program[application.function]
      guard let times = application.times.value(sizes) else { return nil }
      for node in function.nodes {
        guard case .operation(let operation) = node.kind else { continue }
        let cost = operation.cost(
          of: node.operands.map(function.type(of:)), results: node.results.map(function.type(of:)))
        guard cost.multiplyAdds != 0 else { continue }
        guard let each = cost.multiplyAdds.value(sizes) else { return nil }
        forward += 2 * each * times
        if node.operands.contains(where: { function.isWeight($0) }) { weights += 2 * each * times }
      }
      let adaptable = sites.contains { $0.shape.isAdaptable }
      guard adaptable, program[function.definition].children.isEmpty,
        let output = function.outputs.first, let width = function.type(of: output).shape.last,
        let elements = function.type(of: output).elementCount.value(sizes),
        let columns = width.value(sizes), columns > 0,
        let instances = application.place.count.value(sizes), instances > 0
      else { continue }
      for name in application.place.path.unfolded(limit: ModuleInventory.limit) {
        rows[name, default: 0] += elements / columns * times / instances
      }
    }
    var adapters = 0.0
    for site in sites {
      let ends = Double(site.shape.input) + Double(site.shape.output)
      // A look-up reads one row of the first matrix and multiplies by the second alone.
      let each = site.shape.kind == .embedding ? Double(site.shape.output) : ends
      adapters += 2 * Double(site.rank) * each * (rows[site.name] ?? 0)
    }
    var copies = 0.0
    for module in saved where module.shape.kind != .embedding {
      copies +=
        2 * Double(module.shape.input) * Double(module.shape.output) * (rows[module.name] ?? 0)
    }
    guard let kept = Int(exactly: copies), let own = Int(exactly: forward),
      let matrices = Int(exactly: weights),
      let added = Int(exactly: adapters), 3 * forward + 3 * adapters < 9e18
    else { return nil }
    self.forward = own
    self.weights = matrices
    self.adapters = added
    self.saved = kept
  }
}

/// Bytes of what a run keeps for the whole time, activations left out.
package struct AdapterMemory: Hashable, Sendable {
  /// Bytes of one weight.
  package static let element = 4

  package var weights: Int
  package var gradients: Int
  package var moments: Int

  /// fp32 weights and gradients, and AdamW's two moments; `nil` when they do not fit.
  package init?(held: Int, trained: Int) {
    let (weights, first) = held.multipliedReportingOverflow(by: AdapterMemory.element)
    let (gradients, second) = trained.multipliedReportingOverflow(by: AdapterMemory.element)
    let (moments, third) = gradients.multipliedReportingOverflow(by: 2)
    guard !first, !second, !third, Double(weights) + 3 * Double(gradients) < 9e18 else {
      return nil
    }
    self.weights = weights
    self.gradients = gradients
    self.moments = moments
  }

  package var total: Int { weights + gradients + moments }
}

extension Dimension {
  /// The value at some sizes, as a double that is exact below 2^53.
  fileprivate func value(_ sizes: [Symbol: Int]) -> Double? {
    evaluate(sizes).map { Double($0) }
  }
}

extension Function {
  /// Whether a value is a weight as it stands.
  fileprivate func isWeight(_ value: ValueID) -> Bool {
    nodes.contains { node in
      if case .parameter = node.kind { node.results.contains(value) } else { false }
    }
  }
}

extension FoldedPath {
  /// The dotted names of all instances: `h.0.attn`, `h.1.attn`.
  func unfolded(limit: Int) -> [String] {
    var names = [""]
    for component in components {
      let elements: [Int?] = component.elements.map { $0.map(Optional.some) } ?? [nil]
      guard names.count * elements.count <= limit else { return [] }
      names = names.flatMap { name in
        elements.map { element in
          var parts = name.isEmpty ? [] : [name]
          if !component.name.isEmpty { parts.append(component.name) }
          if let element { parts.append(String(element)) }
          return parts.joined(separator: ".")
        }
      }
    }
    return names
  }
}
