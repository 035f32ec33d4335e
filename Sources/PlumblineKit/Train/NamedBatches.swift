// NamedBatches: batches that a safetensors file gives by name, held against the loss before a step.
// Apart from batches made of a text, which can't have most of these mistakes.
import Diagnostics
import Execution
import IR
import Kernels
import Training

/// Batches that a safetensors file gives by name, from its end to its start again.
package struct NamedBatches: BatchSource {
  /// At least one.
  package let batches: [TrainingBatch<Float>]
  /// Remarks about tensors that no input takes.
  let notes: [String]

  /// Reads `batch0/NAME`, `batch1/NAME` and so on, or one batch without a prefix.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - graph: the loss, whose inputs are filled.
  ///   - accumulate: how many batches make an update, each of which needs a target that counts.
  /// - Throws: ``RunFailure`` when an input is missing, batches differ in shape, a target is none of
  ///   the classes, or an update would have no target.
  package init(_ path: String, for graph: FlatGraph, accumulate: Int = 1) throws(RunFailure) {
    let file = try StepInputs(path: path)
    let prefix = file.names(under: "batch0/").isEmpty ? "" : "batch0/"
    let counter = KeptTargets(graph)
    let prefixes = file.batches(from: prefix)
    var batches: [TrainingBatch<Float>] = []
    for prefix in prefixes {
      let arrays: [String: NDArray<Float>]
      do throws(RunFailure) {
        arrays = try file.arrays(for: graph, prefix: prefix)
      } catch {
        throw Self.told(error, prefix: prefix)
      }
      if let first = batches.first?.inputs,
        let name = arrays.keys.sorted().first(where: { arrays[$0]?.extents != first[$0]?.extents })
      {
        throw RunFailure(
          "batch-shapes-differ",
          "`\(prefix)\(name)` is \(arrays[name]?.extents ?? []), but the first batch's is"
            + " \(first[name]?.extents ?? [])",
          help: "a step is planned for one shape: pad the batches and mask their labels")
      }
      let kept = try counter?.checked(arrays, of: prefix.isEmpty ? path : "\(path), \(prefix)")
      let rows = graph.inputs.first.flatMap { arrays[$0.name]?.extents.first }
      batches.append(TrainingBatch(arrays, keptTargets: kept ?? rows))
    }
    self.batches = batches
    notes = file.unused(by: graph, prefix: prefix).map { finding in
      ([finding.message] + finding.facts.map(\.text)).joined(separator: ": ")
    }
    try Self.checkUpdates(batches, prefixes, path, accumulate: max(accumulate, 1))
  }

  package func batch(_ number: Int) -> TrainingBatch<Float> { batches[number % batches.count] }

  /// Every update of the cycle needs a target that counts: a mean over none has no value.
  private static func checkUpdates(
    _ batches: [TrainingBatch<Float>], _ prefixes: [String], _ path: String, accumulate: Int
  ) throws(RunFailure) {
    // Updates repeat themselves after as many as there are batches, at the latest.
    for update in 0..<batches.count {
      let start = update.multipliedReportingOverflow(by: accumulate)
      guard !start.overflow else { return }
      let own = (0..<min(accumulate, batches.count)).map {
        (start.partialValue % batches.count + $0) % batches.count
      }
      guard own.allSatisfy({ batches[$0].keptTargets == 0 }) else { continue }
      let names = own.prefix(4).map { prefixes[$0].isEmpty ? "the batch" : prefixes[$0] }
      throw RunFailure(
        "batch-without-targets",
        "\(path): \(names.joined(separator: ", ")) has no target that counts, and a mean over none"
          + " has no value",
        help: "give each update a batch with targets, or leave the batch out")
    }
  }

  /// A missing input in the words of a training, which takes the tensors by the model's names.
  private static func told(_ failure: RunFailure, prefix: String) -> RunFailure {
    RunFailure(
      failure.diagnostics.map { diagnostic in
        guard diagnostic.id == "missing-input" else { return diagnostic }
        var told = diagnostic
        told.fixes = [
          FixIt(
            message: "name the tensors as the model names its inputs, under "
              + (prefix.isEmpty ? "batch0/, batch1/ and so on" : prefix), effect: .none)
        ]
        return told
      }, in: failure.sources)
  }
}
