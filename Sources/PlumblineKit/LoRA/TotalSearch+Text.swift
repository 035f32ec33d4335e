// TotalSearch+Text: every explanation of a stated total as a line.
// Usual ranks first; nothing is left out but what the search says it did not keep.
import Analysis
import Diagnostics
import Validation

extension TotalSearch {
  /// What the number could be.
  package var text: String {
    var lines = ["what \(Figures.grouped(stated)) could be, on \(Figures.grouped(base)) weights:"]
    if isBase { lines.append("  the model alone, without any adapter") }
    func add(_ title: String, _ answers: [TotalExplanation]) {
      guard !answers.isEmpty else { return }
      lines += ["", "\(title): \(Figures.grouped(answers.count))"]
      lines += answers.map { "  " + $0.line }
    }
    let usual = singles.filter { answer in
      answer.adapters.allSatisfy { TotalSearch.usualRanks.contains($0.rank) }
    }
    add("one adapter of a usual rank", usual)
    add("one adapter of another rank", singles.filter { !usual.contains($0) })
    let same = pairs.filter { Set($0.adapters.map(\.rank)).count == 1 }
    add("two adapters of one rank on the same model", same)
    add("two adapters of different ranks on the same model", pairs.filter { !same.contains($0) })
    if hasMorePairs {
      lines += ["", "there are more pairs than \(Figures.grouped(TotalSearch.mostPairs))"]
    }
    if singles.isEmpty, pairs.isEmpty, !isBase {
      lines.append("  nothing that was searched: no adapter of any rank on any set of layers")
    }
    return lines.map { DisplayText.safe($0) + "\n" }.joined()
  }
}
