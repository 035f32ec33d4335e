// Work and memory: multiply-adds that loops counted, and bytes that arrays held.
// Folded polynomials on one side, counters of the run on the other, equal to the last unit.
import Analysis
import Execution
import IR

extension Reconciliation {
  /// Multiply-adds by operation and pass, and their sums as FLOPs.
  var multiplyAdds: VerificationSection {
    var section = VerificationSection("multiply-adds", "work", "multiply-adds by operation")
    guard record.fault == nil else { return section }
    let counted = record.counters.multiplyAdds.filter { $0.value != 0 }
    let uses = Set(counted.keys).union(prediction.multiplyAdds.keys)
    let order = uses.sorted {
      $0.phase != $1.phase ? $0.phase == .forward : $0.operation < $1.operation
    }
    for use in order {
      section.compare(
        "\(use.operation), \(use.phase.rawValue)", predicted: prediction.multiplyAdds[use] ?? 0,
        observed: Int128(counted[use] ?? 0))
    }
    for phase in [Phase.forward, .backward] {
      section.compare(
        "\(phase.rawValue) FLOPs", predicted: prediction.multiplyAdds(in: phase) * 2,
        observed: Int128(record.counters.multiplyAdds(in: phase)) * 2)
    }
    let all = Int128(record.counters.totalMultiplyAdds)
    section.note = "\(Quantity.text(all)) in all, \(Quantity.text(all * 2)) FLOPs"
    return section
  }

  /// The folded program's sums against those over the unfolded list.
  var unfolding: VerificationSection {
    var section = VerificationSection("unfolding", "work", "folded = unfolded")
    for phase in [Phase.forward, .backward] {
      section.compare(
        "\(phase.rawValue) multiply-adds, folded and unfolded",
        predicted: prediction.multiplyAdds(in: phase), observed: prediction.unfolded[phase] ?? 0)
    }
    section.compare(
      "parameters, folded and one by one",
      predicted: Int128(prediction.totals.total + prediction.buffers),
      observed: prediction.tensors.reduce(0) { $0 + Int128($1.elements) })
    return section
  }

  /// How often each operation of the forward pass ran.
  var applications: VerificationSection {
    var section = VerificationSection("applications", "work", "forward operations, how often")
    guard record.fault == nil else { return section }
    var counted: [String: Int] = [:]
    for (use, count) in record.counters.applications where use.phase == .forward {
      counted[use.operation, default: 0] += count
    }
    for name in Set(counted.keys).union(prediction.applications.keys).sorted() {
      section.compare(
        name, predicted: prediction.applications[name] ?? 0, observed: Int128(counted[name] ?? 0))
    }
    return section
  }

  /// The bytes held after each node.
  var levels: VerificationSection? {
    var section = VerificationSection("live-bytes", "memory", "live bytes at every operation")
    let (expected, found) = (prediction.memory.bytesAtNode, record.memory.bytesAtNode)
    for index in 0..<max(expected.count, found.count) {
      section.compare(
        nodeName(index),
        predicted: expected.indices.contains(index) ? Int128(expected[index]) : nil,
        observed: found.indices.contains(index) ? Int128(found[index]) : nil, unit: "bytes")
    }
    return section
  }

  /// The peak, where it is, and what is held beside it.
  var memory: VerificationSection? {
    var section = VerificationSection("memory", "memory", "peak, held and left")
    let (expected, found) = (prediction.memory, record.memory)
    for (name, predicted, observed) in [
      ("peak of live values", expected.peakBytes, found.peakBytes),
      ("left at the end: outputs and gradients", expected.finalBytes, found.finalBytes),
      ("parameters held", expected.parameterBytes, found.parameterBytes),
      ("inputs held", expected.inputBytes, found.inputBytes),
    ] {
      section.compare(
        name, predicted: Int128(predicted), observed: Int128(observed), unit: "bytes")
    }
    let places = [expected.peakNode, found.peakNode].map { $0.map(nodeName) ?? "nowhere" }
    section.add(
      "operation of the peak", predicted: places[0], observed: places[1],
      agrees: expected.peakNode == found.peakNode)
    section.note = "peak \(Quantity.text(Int128(found.peakBytes))) bytes at \(places[1])"
    return section
  }

  private func nodeName(_ index: Int) -> String {
    guard prediction.graph.nodes.indices.contains(index) else { return "node \(index)" }
    let node = prediction.graph.nodes[index]
    let path = prediction.graph.path(of: node.scope)
    return (path.isEmpty ? "" : path + ": ") + "\(node.operation.name) (node \(index))"
  }
}
