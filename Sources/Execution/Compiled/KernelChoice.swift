// KernelChoice: which of the compiled sets of fast kernels this machine runs.
// Decided once, when the program starts; no kernel asks again.
import Foundation
import Intrinsics
import Kernels
import KernelsBaseline

#if arch(x86_64)
import KernelsAVX2
import KernelsAVX512
#endif

/// The sets of fast kernels, and the one to use.
package enum KernelChoice {
  /// The variable of the environment that forces a lower level, for comparison.
  package static var variable: String { "PLUMBLINE_SIMD" }

  /// The sets that this machine can run, from the baseline to the best.
  package static var available: [any KernelSet.Type] {
    var sets: [any KernelSet.Type] = [KernelsBaseline.SIMDKernels.self]
    #if arch(x86_64)
    let level = plumbline_simd_level()
    if level >= 1 { sets.append(KernelsAVX2.SIMDKernels.self) }
    if level >= 2 { sets.append(KernelsAVX512.SIMDKernels.self) }
    #endif
    return sets
  }

  /// The best set of this machine, or the one that the process was told to use; a word that names
  /// no set is reported by the command line, and counts for nothing here.
  package static var best: any KernelSet.Type {
    let sets = available
    let chosen = try? chosen(environment: ProcessInfo.processInfo.environment)
    return chosen ?? sets[sets.count - 1]
  }

  /// The best set of this machine, or the lower one that the environment asks for.
  ///
  /// - Throws: ``KernelChoiceFault`` when the variable names no level, or one the machine lacks.
  package static func chosen(
    environment: [String: String]
  ) throws(KernelChoiceFault) -> any KernelSet.Type {
    let sets = available
    guard let word = environment[variable], !word.isEmpty else { return sets[sets.count - 1] }
    guard let level = SIMDLevel(rawValue: word) else { throw .unknown(word) }
    guard let set = sets.first(where: { $0.level == level }) else {
      throw .unsupported(level, supported: sets.map { $0.level })
    }
    return set
  }
}

/// Why no set of kernels was chosen.
package enum KernelChoiceFault: Error, Hashable, Sendable, CustomStringConvertible {
  case unknown(String)
  case unsupported(SIMDLevel, supported: [SIMDLevel])

  package var description: String {
    switch self {
    case .unknown(let word):
      "\(KernelChoice.variable) is `\(word)`, expected \(list(SIMDLevel.allCases))"
    case .unsupported(let level, let supported):
      "\(KernelChoice.variable) asks for \(level.rawValue), but this machine has only "
        + list(supported)
    }
  }

  private func list(_ levels: [SIMDLevel]) -> String {
    levels.map(\.rawValue).joined(separator: ", ")
  }
}
