// ModelSummary: the few lines that `check` prints for a model without mistakes.
// It says what was proved, so that silence is never taken for a proof.
import Analysis
import Diagnostics
import Dimensions
import IR
import Language
import PlumblineKit

/// The summary of a clean model.
struct ModelSummary {
  let model: ElaboratedModel
  let path: String
  /// How many claims were found to hold.
  let held: Int
  /// The weights beside the model.
  let checkpoints: [CheckpointReport]

  init(
    _ model: ElaboratedModel, path: String, held: Int, checkpoints: [CheckpointReport] = []
  ) {
    self.model = model
    self.path = path
    self.held = held
    self.checkpoints = checkpoints
  }

  func text(color: Bool) -> String {
    let program = model.program
    var rows = [("parameters", parameters)]
    if !program.dimensions.isEmpty { rows.append(("dimensions", dimensions)) }
    if let shapes { rows.append(("proved", shapes)) }
    if held > 0 { rows.append(("claims", held == 1 ? "1 holds" : "all \(held) hold")) }
    for checkpoint in checkpoints {
      rows.append(("checkpoint", checkpoint.text))
      if !checkpoint.tied.isEmpty {
        let names = checkpoint.tied.prefix(4).joined(separator: ", ")
        rows.append(("tied", names + (checkpoint.tied.count > 4 ? ", …" : "") + ", stored once"))
      }
    }
    let title = color ? "\u{1B}[1;32m\(program.name)\u{1B}[0m" : program.name
    return "\(title) is sound  (\(DisplayText.safe(path)))\n"
      + TextColumns.lines(rows).map { $0 + "\n" }.joined()
  }

  private var parameters: String {
    let sum = ParameterSums(model.program)[model.program.root]
    let total = sum.elements.formatted(grouped: true)
    guard sum.trainable != sum.elements else { return total }
    return "\(total), of which \(sum.trainable.formatted(grouped: true)) are trainable"
  }

  /// `B >= 1, 1 <= T <= 1,024`.
  private var dimensions: String {
    let assumptions = model.program.assumptions
    return model.program.dimensions.map { declared in
      let name = declared.symbol.name
      let bounds = assumptions.bounds(of: declared.symbol)
      switch (bounds.lower, bounds.upper) {
      case (let lower?, let upper?) where lower == upper: return "\(name) = \(lower)"
      case (let lower?, let upper?):
        return "\(lower) <= \(name) <= \(Figures.grouped(upper))"
      case (let lower?, nil): return "\(name) >= \(lower)"
      case (nil, let upper?): return "\(name) <= \(Figures.grouped(upper))"
      case (nil, nil): return name
      }
    }.joined(separator: ", ")
  }

  /// `1,935 shapes for every B and T`.
  private var shapes: String? {
    let program = model.program
    guard let entry = program.loss ?? program.entry else { return nil }
    let count = ValueCounts(program)[entry]
    let names = program.dimensions.map(\.symbol.name)
    let sizes =
      names.count > 1
      ? names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
      : names.joined()
    return "\(count.formatted(grouped: true)) shapes"
      + (sizes.isEmpty ? "" : ", for every \(sizes)")
  }
}

/// How many values each function has with all that it calls.
private struct ValueCounts {
  private var counts: [Dimension?]

  init(_ program: Program) {
    counts = [Dimension?](repeating: nil, count: program.functions.count)
    // Innermost first: a function waits on the stack until those that it calls are counted.
    var pending = program.functions.indices.map { FunctionID(index: $0) }
    while let id = pending.last {
      if counts[id.index] != nil {
        pending.removeLast()
        continue
      }
      let calls = program[id].nodes.compactMap { node in
        if case .call(let call) = node.kind { call } else { nil }
      }
      let missing = calls.map(\.function).filter { counts[$0.index] == nil }
      if missing.isEmpty {
        counts[id.index] = calls.reduce(Dimension(program[id].values.count)) { sum, call in
          sum + (counts[call.function.index] ?? 0) * Dimension(call.repetitions)
        }
      } else {
        pending += missing
      }
    }
  }

  subscript(_ id: FunctionID) -> Dimension { counts[id.index] ?? 0 }
}
