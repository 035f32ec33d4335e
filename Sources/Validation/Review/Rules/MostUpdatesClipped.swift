// MostUpdatesClipped: clipping that acts on most updates.
// Apart from thresholds that are wrong by themselves, which need no run.
import Diagnostics

/// More than half of the updates had a gradient norm above the threshold.
///
/// Clipping is for rare spikes. When it acts on most updates it works as a lower, uneven rate; the
/// tuning playbook then lowers the rate, and takes the 90th percentile of the norms as a threshold.
///
/// - Example: clip global_norm 0.1 where the median norm is 0.8
/// - Remedy: Lower the rate, or raise the threshold to the 90th percentile.
/// - Catalogue: T22
enum MostUpdatesClipped: ReviewRule {
  static let id = "most-updates-clipped"

  static func findings(in subject: ReviewSubject) -> [Diagnostic] {
    guard let clip = subject.plan.clip, clip > 0 else { return [] }
    return subject.logs.compactMap { log in
      let norms = log.entries.compactMap(\.norm).filter(\.isFinite).sorted()
      let clipped = norms.count { $0 > clip }
      guard norms.count >= 10, clipped * 2 > norms.count,
        let first = log.entries.first(where: { ($0.norm ?? 0) > clip })
      else { return nil }
      let share = Double(clipped) / Double(norms.count)
      let high = norms[min(norms.count * 9 / 10, norms.count - 1)]
      return finding(
        "\(RateText.percent(share)) of the updates were clipped to \(RateText.rate(clip)),"
          + " expected at most half",
        at: first.place,
        facts: [
          "\(clipped) of \(norms.count) logged norms of \(log.name) are above it",
          "half of the norms are above \(RateText.rate(norms[norms.count / 2])),"
            + " a tenth above \(RateText.rate(high))",
        ])
    }
  }
}
