// ProgramFusion: replaces what is spelled out by the operation that has a kernel for it.
// Works on the folded program, before differentiation: each block once, and its gradient is fused too.
import Dimensions
import IR

/// The pass from a program to one with fewer and larger operations.
///
/// It computes the same; what it leaves out are intermediate values. So only what runs is fused,
/// never what is analysed. Time is linear in the nodes of the program.
package enum ProgramFusion {
  /// Fuses every function.
  ///
  /// Derivatives are of the functions as they were, so the result has none.
  package static func fuse(_ program: Program) -> FusedProgram {
    var fused = program
    fused.derivatives = []
    var found = [[FusionKind: Int]](repeating: [:], count: program.functions.count)
    let prover = Prover(assuming: program.assumptions)
    for id in program.functionsInnermostFirst ?? [] {
      // A pattern may reach into blocks without weights, such as a mask.
      let whole = FunctionInlining.inline(program[id], from: fused.functions)
      var (function, counts) = fuse(whole, prover)
      if counts.isEmpty, whole.nodes.count != program[id].nodes.count {
        (function, counts) = fuse(program[id], prover)
      }
      guard !counts.isEmpty else { continue }
      fused.functions[id.index] = function
      found[id.index] = counts
    }
    return FusedProgram(program: fused, found: found)
  }

  /// The passes over one function: later rules read what earlier ones made.
  private static func fuse(
    _ function: Function, _ prover: Prover
  ) -> (Function, [FusionKind: Int]) {
    // A dead reader would keep a pattern from being closed.
    var function = FunctionRewriting.withoutDeadCode(function)
    var counts: [FusionKind: Int] = [:]
    let passes: [[any ProgramRule]] = [
      [SoftmaxRule(), ActivationRule(), NormalizationRule()], [AttentionRule(), AffineRule()],
    ]
    for rules in passes {
      let view = RegionView(function, prover: prover)
      let matches = matches(of: rules, in: view)
      guard !matches.isEmpty else { continue }
      for match in matches.values { counts[match.kind, default: 0] += 1 }
      function = FunctionRewriting.apply(matches, to: function)
    }
    return (function, counts)
  }

  /// The largest patterns first: what stands inside one that was found is not looked at again.
  private static func matches(
    of rules: [any ProgramRule], in view: RegionView
  ) -> [Int: FusionMatch] {
    var matches: [Int: FusionMatch] = [:]
    var claimed: Set<Int> = []
    for index in view.function.nodes.indices.reversed() where !claimed.contains(index) {
      guard case .operation(let operation) = view.function.nodes[index].kind else { continue }
      for rule in rules {
        guard let match = rule.match(operation, at: index, in: view),
          match.interior.isDisjoint(with: claimed)
        else { continue }
        matches[index] = match
        claimed.formUnion(match.interior)
        break
      }
    }
    return matches
  }
}

/// A pattern that ends in some node.
protocol ProgramRule: Sendable {
  /// The match that makes the results of this node; `nil` when there is none.
  func match(_ operation: any Operation, at index: Int, in view: RegionView) -> FusionMatch?
}
